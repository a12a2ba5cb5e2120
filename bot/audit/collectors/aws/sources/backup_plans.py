"""AWS Backup plans: frequency, retention, copies to other regions and accounts."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.parts.schedule import longest_interval
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import BackupPlan, Fact


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one BackupPlan per plan."""
    plans = aws.list("backup", "ListBackupPlans", "BackupPlansList")
    identity = ItemIdentity[dict[str, Any]]("backup:GetBackupPlan", lambda plan: _arn_of(aws, plan))
    yield from facts_of(aws, lambda plan: _plan(aws, plan), plans, identity)


def _arn_of(aws: Reader, plan: dict[str, Any]) -> str:
    return str(plan.get("BackupPlanArn") or aws.arn("backup", f"backup-plan:{plan['BackupPlanId']}"))


def _plan(aws: Reader, found: dict[str, Any]) -> Fact:
    plan_id = found["BackupPlanId"]
    rules = aws.get("backup", "GetBackupPlan", BackupPlanId=plan_id)["BackupPlan"]["Rules"]
    intervals = [
        interval for rule in rules if (interval := longest_interval(rule.get("ScheduleExpression", ""), aws.now))
    ]
    retention_days = [rule.get("Lifecycle", {}).get("DeleteAfterDays") for rule in rules]
    vaults = [
        _arn.parse_arn(copy.get("DestinationBackupVaultArn", ""))
        for rule in rules
        for copy in rule.get("CopyActions", ())
    ]
    return aws.fact(
        BackupPlan,
        resource=_arn_of(aws, found),
        name=found.get("BackupPlanName") or plan_id,
        product="backup",
        every=min(intervals, default=None),
        keep_days=None if None in retention_days else max(retention_days, default=None),
        copy_regions=tuple(sorted({vault.region for vault in vaults} - {"", aws.region})),
        copy_accounts=tuple(sorted({vault.account for vault in vaults} - {"", aws.account})),
        selects=part(
            aws,
            _arn_of(aws, found),
            lambda: len(aws.list("backup", "ListBackupSelections", "BackupSelectionsList", BackupPlanId=plan_id)),
        ),
    )


SOURCE = Source(
    name="aws_backup_plans",
    facts=(BackupPlan,),
    actions=("backup:ListBackupPlans", "backup:GetBackupPlan", "backup:ListBackupSelections"),
    read=read,
)
