"""AWS Backup: how often and where to, what is protected, and what was ever brought back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read
from support.builders.moment import NOW, days_ago
from support.fakes.aws import Fault, fake_aws

from bot.audit.collectors.aws.parts.schedule import longest_interval
from bot.audit.collectors.aws.sources import backup as aws_backups
from bot.audit.collectors.aws.sources import backup_plans as aws_backup_plans
from bot.audit.collectors.aws.sources import backup_restores as aws_restores
from bot.net.aws.errors import ReadError
from checks import Backup, BackupPlan, Rehearsal, RehearsalKind, RehearsalResult, Unread

DB, TABLE = arn("rds", "db:orders"), arn("dynamodb", "table/carts")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("expression", "gap"),
    [
        ("rate(12 hours)", timedelta(hours=12)),
        ("rate(1 day)", DAY),
        ("cron(0 5 * * ? *)", DAY),
        ("cron(0 8,20 * * ? *)", timedelta(hours=12)),
        ("cron(0/30 * * * ? *)", timedelta(minutes=30)),
        ("cron(0 5 ? * 1 *)", 7 * DAY),
        ("cron(0 5 ? * 2-6 *)", 3 * DAY),
        ("cron(0 5 ? * MON-FRI *)", 3 * DAY),
        ("cron(0 5 1 * ? *)", 31 * DAY),
        ("cron(0 5 ? * 2#1 *)", 35 * DAY),
        ("cron(0 5 * *)", None),
        ("cron(x x x x x x)", None),
        ("", None),
    ],
)
def test_the_longest_time_without_a_run(expression: str, gap: timedelta | None) -> None:
    assert longest_interval(expression, NOW) == gap


def test_a_plan_tells_its_period_its_retention_and_where_copies_go() -> None:
    away = "arn:aws:backup:us-west-2:999988887777:backup-vault:main"
    near = "arn:aws:backup:us-east-1:111122223333:backup-vault:main"
    rules: list[dict[str, Any]] = [
        {
            "RuleName": "daily",
            "TargetBackupVaultName": "main",
            "ScheduleExpression": "cron(0 5 * * ? *)",
            "Lifecycle": {"DeleteAfterDays": 35},
            "CopyActions": [{"DestinationBackupVaultArn": away}, {"DestinationBackupVaultArn": near}],
        },
        {
            "RuleName": "monthly",
            "TargetBackupVaultName": "main",
            "ScheduleExpression": "cron(0 5 1 * ? *)",
            "Lifecycle": {"DeleteAfterDays": 365},
        },
    ]
    plan = {"BackupPlanArn": arn("backup", "backup-plan:1"), "BackupPlanId": "1", "BackupPlanName": "nightly"}
    with fake_aws() as aws:
        aws.on("backup", "ListBackupPlans", {"BackupPlansList": [plan]})
        aws.on("backup", "GetBackupPlan", {"BackupPlan": {"BackupPlanName": "nightly", "Rules": rules}})
        chosen = [{"SelectionId": "a", "SelectionName": "a"}, {"SelectionId": "b", "SelectionName": "b"}]
        aws.on("backup", "ListBackupSelections", {"BackupSelectionsList": chosen})
        found = named(read(aws, aws_backup_plans.SOURCE), BackupPlan)["nightly"]
        aws.on("backup", "ListBackupSelections", Fault("AccessDeniedException", 403))
        hidden = named(read(aws, aws_backup_plans.SOURCE), BackupPlan)["nightly"]
    assert (found.resource, found.every, found.keep_days) == (arn("backup", "backup-plan:1"), DAY, 365)
    assert (found.copy_regions, found.copy_accounts) == (("us-west-2",), ("999988887777",))
    assert found.selects == 2
    assert hidden.selects == Unread("access denied to backup:ListBackupSelections")


def test_a_rule_that_keeps_for_ever_has_no_retention() -> None:
    rules = [{"RuleName": "r", "TargetBackupVaultName": "main", "ScheduleExpression": "rate(1 day)"}]
    plan = {"BackupPlanArn": arn("backup", "backup-plan:1"), "BackupPlanId": "1", "BackupPlanName": "p"}
    with fake_aws() as aws:
        aws.on("backup", "ListBackupPlans", {"BackupPlansList": [plan]})
        aws.on("backup", "GetBackupPlan", {"BackupPlan": {"BackupPlanName": "p", "Rules": rules}})
        found = named(read(aws, aws_backup_plans.SOURCE), BackupPlan)["p"]
    assert (found.keep_days, found.copy_regions, found.selects) == (None, (), 0)


def test_a_protected_resource_tells_its_last_save_and_its_copies() -> None:
    protected = [
        {"ResourceArn": DB, "ResourceType": "RDS", "LastBackupTime": days_ago(1), "ResourceName": "orders"},
        {"ResourceArn": TABLE, "ResourceType": "DynamoDB"},
    ]
    vault = "arn:aws:backup:eu-west-1:999988887777:backup-vault:safe"
    with fake_aws() as aws:
        aws.on("backup", "ListProtectedResources", {"Results": protected})
        aws.on("backup", "ListCopyJobs", {"CopyJobs": [{"ResourceArn": DB, "DestinationBackupVaultArn": vault}]})
        found = {reading.about[0]: reading for reading in read(aws, aws_backups.SOURCE) if isinstance(reading, Backup)}
        asked = aws.asked("backup", "ListCopyJobs")[0].params
        aws.on("backup", "ListCopyJobs", Fault("AccessDeniedException", 403))
        hidden = named(read(aws, aws_backups.SOURCE), Backup)["orders"]
    assert (found[DB].name, found[DB].latest_at) == ("orders", days_ago(1))
    assert (found[DB].copy_regions, found[DB].copy_accounts) == (("eu-west-1",), ("999988887777",))
    assert (found[TABLE].latest_at, found[TABLE].copy_regions, found[TABLE].copy_accounts) == (None, (), ())
    assert found[DB].resource != DB
    assert asked["state"] == "COMPLETED"
    assert datetime.fromisoformat(asked["createdAfter"]) == days_ago(30)
    assert hidden.copy_regions == hidden.copy_accounts == Unread("access denied to backup:ListCopyJobs")


def test_without_protected_resources_no_jobs_are_listed() -> None:
    with fake_aws() as aws:
        assert read(aws, aws_backups.SOURCE) == []
        assert [call.operation for call in aws.calls] == ["ListProtectedResources"]


def job(key: str, status: str, validation: str = "", *, days: float = 3, of: str = DB) -> dict[str, Any]:
    told = {"ValidationStatus": validation} if validation else {}
    made = days_ago(days)
    return told | {
        "RestoreJobId": key,
        "RecoveryPointArn": "arn:aws:backup:us-east-1:111122223333:recovery-point:1",
        "SourceResourceArn": of,
        "Status": status,
        "CreationDate": made,
        "CompletionDate": made + timedelta(minutes=40),
    }


@pytest.mark.parametrize(
    ("status", "validation", "result"),
    [
        ("COMPLETED", "SUCCESSFUL", RehearsalResult.SUCCEEDED),
        ("COMPLETED", "", RehearsalResult.INCONCLUSIVE),
        ("COMPLETED", "TIMED_OUT", RehearsalResult.INCONCLUSIVE),
        ("COMPLETED", "FAILED", RehearsalResult.FAILED),
        ("FAILED", "", RehearsalResult.FAILED),
        ("ABORTED", "", RehearsalResult.FAILED),
        ("COMPLETED", "VALIDATING", None),
        ("RUNNING", "", None),
    ],
)
def test_a_restore_proves_something_once_it_was_validated(
    status: str, validation: str, result: RehearsalResult | None
) -> None:
    assert aws_restores.result_of(job("j", status, validation)) is result


def test_the_latest_restore_of_each_resource_and_result_is_told() -> None:
    jobs = [
        job("old", "COMPLETED", "SUCCESSFUL", days=40),
        job("good", "COMPLETED", "SUCCESSFUL", days=20),
        job("later", "COMPLETED", days=2),
        job("other", "FAILED", of=TABLE),
        job("now", "RUNNING", days=0),
    ]
    plans = [
        {"RestoreTestingPlanArn": arn("backup", "restore-testing-plan:1"), "RestoreTestingPlanName": "idle"},
        {
            "RestoreTestingPlanArn": arn("backup", "restore-testing-plan:2"),
            "RestoreTestingPlanName": "busy",
            "LastExecutionTime": days_ago(1),
        },
    ]
    with fake_aws() as aws:
        aws.on("backup", "ListRestoreJobs", {"RestoreJobs": jobs})
        aws.on("backup", "ListRestoreTestingPlans", {"RestoreTestingPlans": plans})
        facts = [reading for reading in read(aws, aws_restores.SOURCE) if isinstance(reading, Rehearsal)]
    found = {fact.resource.rpartition(":")[2]: fact for fact in facts}
    good, idle = found["good"], found["1"]
    assert set(found) == {"good", "later", "other", "1"}
    assert (good.kind, good.result, good.about) == (RehearsalKind.RESTORE, RehearsalResult.SUCCEEDED, (DB,))
    assert (good.at, good.measured_rto) == (days_ago(20) + timedelta(minutes=40), timedelta(minutes=40))
    assert (found["later"].result, found["later"].measured_rto) == (RehearsalResult.INCONCLUSIVE, None)
    assert (found["other"].result, found["other"].about) == (RehearsalResult.FAILED, (TABLE,))
    assert (idle.name, idle.at, idle.result) == ("idle", None, RehearsalResult.INCONCLUSIVE)


def test_restore_jobs_that_are_denied_are_an_error_that_names_the_permission() -> None:
    with fake_aws() as aws:
        aws.on("backup", "ListRestoreJobs", Fault("AccessDeniedException", 403))
        with pytest.raises(ReadError, match="access denied to backup:ListRestoreJobs"):
            read(aws, aws_restores.SOURCE)


def test_moments_are_utc() -> None:
    with fake_aws() as aws:
        aws.on("backup", "ListProtectedResources", {"Results": [{"ResourceArn": DB, "LastBackupTime": NOW}]})
        found = read(aws, aws_backups.SOURCE)[0]
    assert isinstance(found, Backup)
    assert isinstance(found.latest_at, datetime)
    assert found.latest_at.tzinfo is UTC
