"""AWS Backup's protected resources -> Backup: when each was last saved, and where copies of it lie."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta

from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Backup, Fact, Unread

# AWS Backup tells of its jobs for 30 days: docs "Monitoring AWS Backup jobs".
REMEMBERED = timedelta(days=30)


def read(aws: Reader) -> Iterator[Fact]:
    """One Backup for each resource with recovery points, and one listing of copy jobs for all of them."""
    protected = aws.list("backup", "ListProtectedResources", "Results", MaxResults=1000)
    if not protected:
        return
    vaults = aws.maybe(lambda: _copies(aws))
    for found in protected:
        arn = found["ResourceArn"]
        copies = vaults if isinstance(vaults, Unread) else vaults.get(arn, ())
        away = copies if isinstance(copies, Unread) else sorted({copy.region for copy in copies} - {aws.region})
        elsewhere = copies if isinstance(copies, Unread) else sorted({copy.account for copy in copies} - {aws.account})
        yield aws.fact(
            Backup,
            resource=f"{arn}/recovery-points",
            name=found.get("ResourceName") or arn.rpartition(":")[2],
            product="backup",
            tags=aws.tags(arn),
            about=(arn,),
            latest_at=found.get("LastBackupTime"),
            copy_regions=away if isinstance(away, Unread) else tuple(away),
            copy_accounts=elsewhere if isinstance(elsewhere, Unread) else tuple(elsewhere),
        )


def _copies(aws: Reader) -> Mapping[str, list[_arn.Arn]]:
    """Vaults that hold a finished copy, by the resource copied."""
    found = defaultdict(list)
    since = aws.now - REMEMBERED
    jobs = aws.list("backup", "ListCopyJobs", "CopyJobs", ByState="COMPLETED", ByCreatedAfter=since, MaxResults=1000)
    for job in jobs:
        found[job["ResourceArn"]].append(_arn.parse_arn(job["DestinationBackupVaultArn"]))
    return found


SOURCE = Source(
    name="aws_backups",
    facts=(Backup,),
    actions=("backup:ListProtectedResources", "backup:ListCopyJobs"),
    read=read,
)
