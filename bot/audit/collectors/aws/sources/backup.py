"""AWS Backup recovery points: the latest backup of each resource, and the regions and accounts of its copies."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Backup, Fact, Maybe, Unread

T = TypeVar("T")

# AWS Backup lists jobs of the last 30 days: docs "Monitoring AWS Backup jobs".
JOB_HISTORY = timedelta(days=30)


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Backup per resource with recovery points; one listing of copy jobs serves all of them."""
    protected = aws.list("backup", "ListProtectedResources", "Results", MaxResults=1000)
    if not protected:
        return
    copies, vaults = aws.maybe(lambda: _copy_vaults(aws)), aws.maybe(lambda: _Vaults.read(aws))
    identity = ItemIdentity[dict[str, Any]]("backup:ListProtectedResources", lambda found: found["ResourceArn"])
    yield from facts_of(aws, lambda found: _backup(aws, found, copies, vaults), protected, identity, calls=False)


@dataclass(frozen=True, slots=True)
class _Vaults:
    """The vaults of a region, by ARN: those that nobody can unlock any more, and the key that encrypts each."""

    locked: frozenset[str]
    keys: Mapping[str, str]

    @classmethod
    def read(cls, aws: Reader) -> "_Vaults":
        """Read the list of vaults.

        AWS Backup guide, "Vault Lock": without a lock date a vault can be unlocked (governance mode), and until that date
        as well.
        """
        rows = aws.list("backup", "ListBackupVaults", "BackupVaultList")
        final = [row for row in rows if row.get("Locked") and row.get("LockDate") and row["LockDate"] <= aws.now]
        return cls(
            frozenset(row.get("BackupVaultArn", "") for row in final),
            {row.get("BackupVaultArn", ""): row.get("EncryptionKeyArn", "") for row in rows},
        )


def _backup(
    aws: Reader, found: dict[str, Any], copied_to: Maybe[Mapping[str, list[_arn.Arn]]], vaults: Maybe[_Vaults]
) -> Fact:
    arn, vault = found["ResourceArn"], found.get("LastBackupVaultArn", "")
    copies = copied_to if isinstance(copied_to, Unread) else copied_to.get(arn, ())
    regions = copies if isinstance(copies, Unread) else sorted({copy.region for copy in copies} - {aws.region})
    accounts = copies if isinstance(copies, Unread) else sorted({copy.account for copy in copies} - {aws.account})
    return aws.fact(
        Backup,
        resource=f"{arn}/recovery-points",
        name=found.get("ResourceName") or arn.rpartition(":")[2],
        product="backup",
        tags=aws.tags(arn),
        about=(arn,),
        encryption_key=_of_vault(vaults, lambda known: known.keys.get(vault, "")) if vault else "",
        latest_at=found.get("LastBackupTime"),
        copy_regions=regions if isinstance(regions, Unread) else tuple(regions),
        copy_accounts=accounts if isinstance(accounts, Unread) else tuple(accounts),
        locked=_of_vault(vaults, lambda known: vault in known.locked) if vault else False,
    )


def _of_vault(vaults: Maybe[_Vaults], read: Callable[[_Vaults], T]) -> Maybe[T]:
    return vaults if isinstance(vaults, Unread) else read(vaults)


def _copy_vaults(aws: Reader) -> Mapping[str, list[_arn.Arn]]:
    """The vaults with a completed copy, by the ARN of the copied resource."""
    found = defaultdict(list)
    since = aws.now - JOB_HISTORY
    jobs = aws.list("backup", "ListCopyJobs", "CopyJobs", ByState="COMPLETED", ByCreatedAfter=since, MaxResults=1000)
    for job in jobs:
        vault = job.get("DestinationBackupVaultArn")
        if vault:
            found[job.get("ResourceArn", "")].append(_arn.parse_arn(vault))
    return found


SOURCE = Source(
    name="aws_backups",
    facts=(Backup,),
    actions=("backup:ListProtectedResources", "backup:ListCopyJobs", "backup:ListBackupVaults"),
    read=read,
)
