"""AWS Backup recovery points: the latest backup of each resource, and the regions and accounts of its copies."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta

from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Backup, Fact, Unread

# AWS Backup lists jobs of the last 30 days: docs "Monitoring AWS Backup jobs".
JOB_HISTORY = timedelta(days=30)


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Backup per resource with recovery points; one listing of copy jobs serves all of them."""
    protected = aws.list("backup", "ListProtectedResources", "Results", MaxResults=1000)
    if not protected:
        return
    vaults = aws.maybe(lambda: _copy_vaults(aws))
    for found in protected:
        arn = found["ResourceArn"]
        copies = vaults if isinstance(vaults, Unread) else vaults.get(arn, ())
        regions = copies if isinstance(copies, Unread) else sorted({copy.region for copy in copies} - {aws.region})
        accounts = copies if isinstance(copies, Unread) else sorted({copy.account for copy in copies} - {aws.account})
        yield aws.fact(
            Backup,
            resource=f"{arn}/recovery-points",
            name=found.get("ResourceName") or arn.rpartition(":")[2],
            product="backup",
            tags=aws.tags(arn),
            about=(arn,),
            latest_at=found.get("LastBackupTime"),
            copy_regions=regions if isinstance(regions, Unread) else tuple(regions),
            copy_accounts=accounts if isinstance(accounts, Unread) else tuple(accounts),
        )


def _copy_vaults(aws: Reader) -> Mapping[str, list[_arn.Arn]]:
    """The vaults with a completed copy, by the ARN of the copied resource."""
    found = defaultdict(list)
    since = aws.now - JOB_HISTORY
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
