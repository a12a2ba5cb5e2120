"""EFS -> Datastore: shared file systems, the zones that can mount them, their copy in another region."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from bot.net.aws.errors import ReadError
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_AUTOMATIC_DAYS = 35  # EFS user guide, "Automatic backups": kept 35 days by AWS Backup
_NO_POLICY = ("PolicyNotFound",)


def read(aws: Reader) -> Iterator[Fact]:
    """One Datastore for each file system."""
    systems = aws.list("efs", "DescribeFileSystems", "FileSystems")
    if not systems:
        return
    copies = aws.maybe(lambda: _copies(aws))
    yield from aws.each(lambda row: _system(aws, row, copies), systems)


def _system(aws: Reader, row: dict[str, Any], copies: "Maybe[dict[str, set[str]]]") -> Fact:
    name = row["FileSystemId"]
    one_zone = row.get("AvailabilityZoneId") or row.get("AvailabilityZoneName") or ""
    mounts = aws.maybe(lambda: aws.list("efs", "DescribeMountTargets", "MountTargets", FileSystemId=name))
    zones = () if isinstance(mounts, Unread) else tuple(sorted({m["AvailabilityZoneId"] for m in mounts}))
    spread: Maybe[bool] = mounts if isinstance(mounts, Unread) else not one_zone and len(zones) != 1
    kept = aws.maybe(lambda: _kept(aws, name))
    return aws.fact(
        Datastore,
        resource=row["FileSystemArn"],
        name=row.get("Name") or name,
        product="efs",
        tags=aws.tags(row["FileSystemArn"], tag_map(row["Tags"]) if row.get("Tags") else None),
        kind=StoreKind.FILE,
        engine="efs",
        zones=(aws.zone_id(one_zone),) if one_zone else zones,
        zone_redundant=spread,
        replica_regions=copies if isinstance(copies, Unread) else tuple(sorted(copies.get(name, ()))),
        backup_days=kept,
        capacity=Capacity.ON_DEMAND,
        encryption_key=row.get("KmsKeyId", ""),
    )


def _kept(aws: Reader, name: str) -> int:
    policy = aws.find("efs", "DescribeBackupPolicy", _NO_POLICY, FileSystemId=name) or {}
    return _AUTOMATIC_DAYS if policy.get("BackupPolicy", {}).get("Status") in ("ENABLED", "ENABLING") else 0


def _copies(aws: Reader) -> dict[str, set[str]]:
    """Regions that each file system is replicated to."""
    found: dict[str, set[str]] = {}
    try:
        rows = aws.list("efs", "DescribeReplicationConfigurations", "Replications")
    except ReadError as error:
        if error.code == "ReplicationNotFound":
            return found
        raise
    for row in rows:
        for destination in row.get("Destinations", ()):
            if destination.get("Status") == "ENABLED" and destination.get("Region") != aws.region:
                found.setdefault(row["SourceFileSystemId"], set()).add(destination["Region"])
    return found


SOURCE = Source(
    name="aws_file_systems",
    facts=(Datastore,),
    actions=(
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DescribeMountTargets",
        "elasticfilesystem:DescribeBackupPolicy",
        "elasticfilesystem:DescribeReplicationConfigurations",
        "ec2:DescribeAvailabilityZones",
        "tag:GetResources",
    ),
    read=read,
)
