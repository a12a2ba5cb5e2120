"""AWS Backup's plans -> BackupPlan: how often, kept how long, copied where to."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.parts.schedule import longest_interval
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import BackupPlan, Fact


def read(aws: Reader) -> Iterator[Fact]:
    """One BackupPlan each."""
    plans = aws.list("backup", "ListBackupPlans", "BackupPlansList")
    yield from aws.each(lambda plan: _plan(aws, plan), plans)


def _plan(aws: Reader, found: dict[str, Any]) -> Fact:
    key = found["BackupPlanId"]
    rules = aws.get("backup", "GetBackupPlan", BackupPlanId=key)["BackupPlan"]["Rules"]
    gaps = [gap for rule in rules if (gap := longest_interval(rule.get("ScheduleExpression", ""), aws.now))]
    keeps = [rule.get("Lifecycle", {}).get("DeleteAfterDays") for rule in rules]
    vaults = [
        _arn.parse_arn(copy["DestinationBackupVaultArn"]) for rule in rules for copy in rule.get("CopyActions", ())
    ]
    return aws.fact(
        BackupPlan,
        resource=found["BackupPlanArn"],
        name=found["BackupPlanName"],
        product="backup",
        every=min(gaps, default=None),
        keep_days=None if None in keeps else max(keeps, default=None),
        copy_regions=tuple(sorted({vault.region for vault in vaults} - {aws.region})),
        copy_accounts=tuple(sorted({vault.account for vault in vaults} - {aws.account})),
        selects=aws.maybe(
            lambda: len(aws.list("backup", "ListBackupSelections", "BackupSelectionsList", BackupPlanId=key))
        ),
    )


SOURCE = Source(
    name="aws_backup_plans",
    facts=(BackupPlan,),
    actions=("backup:ListBackupPlans", "backup:GetBackupPlan", "backup:ListBackupSelections"),
    read=read,
)
