"""EFS file systems: zones, replicas in other regions, automatic backups."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from bot.net.aws.errors import ReadError
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_AUTOMATIC_DAYS = 35  # EFS user guide, "Automatic backups": kept 35 days by AWS Backup
_NO_POLICY = ("PolicyNotFound",)


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per file system."""
    systems = aws.list("efs", "DescribeFileSystems", "FileSystems")
    if not systems:
        return
    replicas = aws.maybe(lambda: _replica_regions(aws))
    yield from aws.each(lambda row: _file_system(aws, row, replicas), systems)


def _file_system(aws: Reader, row: dict[str, Any], replicas: "Maybe[dict[str, set[str]]]") -> Fact:
    name = row["FileSystemId"]
    one_zone = row.get("AvailabilityZoneId") or row.get("AvailabilityZoneName") or ""
    mounts = aws.maybe(lambda: aws.list("efs", "DescribeMountTargets", "MountTargets", FileSystemId=name))
    zones = () if isinstance(mounts, Unread) else tuple(sorted({m["AvailabilityZoneId"] for m in mounts}))
    spread: Maybe[bool] = mounts if isinstance(mounts, Unread) else not one_zone and len(zones) != 1
    backup_days = aws.maybe(lambda: _backup_days(aws, name))
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
        replica_regions=replicas if isinstance(replicas, Unread) else tuple(sorted(replicas.get(name, ()))),
        backup_days=backup_days,
        capacity=Capacity.ON_DEMAND,
        encryption_key=row.get("KmsKeyId", ""),
    )


def _backup_days(aws: Reader, name: str) -> int:
    policy = aws.find("efs", "DescribeBackupPolicy", _NO_POLICY, FileSystemId=name) or {}
    return _AUTOMATIC_DAYS if policy.get("BackupPolicy", {}).get("Status") in ("ENABLED", "ENABLING") else 0


def _replica_regions(aws: Reader) -> dict[str, set[str]]:
    """The regions that each file system is replicated to."""
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
