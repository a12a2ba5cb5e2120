"""EFS file systems: zones, replicas in other regions, automatic backups."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.parts.phases import phase_of
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from bot.net.aws.errors import ReadError
from checks import Capacity, Datastore, Fact, LifePhase, Maybe, StoreKind, Unread

_AUTOMATIC_DAYS = 35  # EFS user guide, "Automatic backups": kept 35 days by AWS Backup
_NO_POLICY = ("PolicyNotFound",)
_NOT_TOLD = "an unknown file system"


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per file system."""
    systems = aws.list("efs", "DescribeFileSystems", "FileSystems")
    if not systems:
        return
    replications = aws.maybe(lambda: _replications(aws))
    identity = ItemIdentity[dict[str, Any]](
        "elasticfilesystem:DescribeFileSystems", lambda row: _arn_of(aws, row), _own_tags
    )
    yield from facts_of(aws, lambda row: _file_system(aws, row, replications), systems, identity)


def _arn_of(aws: Reader, row: dict[str, Any]) -> str:
    return str(row.get("FileSystemArn") or aws.arn("elasticfilesystem", f"file-system/{row['FileSystemId']}"))


def _own_tags(row: dict[str, Any]) -> Mapping[str, str] | None:
    return tag_map(row["Tags"]) if row.get("Tags") else None


def _file_system(aws: Reader, row: dict[str, Any], replications: "Maybe[list[dict[str, Any]]]") -> Fact:
    name = row["FileSystemId"]
    one_zone = row.get("AvailabilityZoneId") or row.get("AvailabilityZoneName") or ""
    arn = _arn_of(aws, row)
    mounts = part(aws, arn, lambda: aws.list("efs", "DescribeMountTargets", "MountTargets", FileSystemId=name))
    places = () if isinstance(mounts, Unread) else [_zone_of(aws, mount) for mount in mounts if _stays(mount)]
    zones = tuple(sorted({zone for zone in places if zone}))
    # User guide, "Managing mount targets": a file system has one in each zone at most, so that two are in two zones.
    count = len(places) if "" in places else len(zones)
    spread: Maybe[bool] = mounts if isinstance(mounts, Unread) else not one_zone and count != 1
    backup_days = part(aws, arn, lambda: _backup_days(aws, name))
    return aws.fact(
        Datastore,
        resource=arn,
        name=row.get("Name") or name,
        product="efs",
        status=row.get("LifeCycleState", ""),
        tags=aws.tags(arn, _own_tags(row)),
        kind=StoreKind.FILE,
        engine="efs",
        zones=(aws.zone_id(one_zone),) if one_zone else zones,
        zone_redundant=spread,
        replica_regions=replications if isinstance(replications, Unread) else _replica_regions(aws, name, replications),
        replica_of=_source(aws, row, () if isinstance(replications, Unread) else replications),
        backup_days=backup_days,
        capacity=Capacity.ON_DEMAND,
        encryption_key=row.get("KmsKeyId", ""),
    )


def _stays(mount: dict[str, Any]) -> bool:
    return phase_of(mount.get("LifeCycleState", "")) not in (LifePhase.DELETED, LifePhase.STOPPED)


def _zone_of(aws: Reader, mount: dict[str, Any]) -> str:
    """The zone of a mount target: by its id, else by the name that the account gives it; empty if neither is told."""
    return str(mount.get("AvailabilityZoneId") or aws.zone_id(mount.get("AvailabilityZoneName", "")))


def _backup_days(aws: Reader, name: str) -> int:
    policy = aws.find("efs", "DescribeBackupPolicy", _NO_POLICY, FileSystemId=name) or {}
    return _AUTOMATIC_DAYS if policy.get("BackupPolicy", {}).get("Status") in ("ENABLED", "ENABLING") else 0


def _replications(aws: Reader) -> list[dict[str, Any]]:
    """The replications from and to file systems of the region."""
    try:
        return aws.list("efs", "DescribeReplicationConfigurations", "Replications")
    except ReadError as error:
        if error.code == "ReplicationNotFound":
            return []
        raise


def _replica_regions(aws: Reader, name: str, replications: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The other regions that a file system is replicated to."""
    copies = [
        copy for row in replications if row.get("SourceFileSystemId") == name for copy in row.get("Destinations", ())
    ]
    regions = {copy.get("Region", "") for copy in copies if copy.get("Status") == "ENABLED"}
    return tuple(sorted(regions - {"", aws.region}))


def _source(aws: Reader, row: Mapping[str, Any], replications: Iterable[Mapping[str, Any]]) -> str:
    """The file system that this one is a copy of, empty if it is none."""
    for replication in replications:
        for copy in replication.get("Destinations", ()):
            if copy.get("FileSystemId") == row["FileSystemId"] and copy.get("Region", aws.region) == aws.region:
                return str(replication.get("SourceFileSystemArn") or replication.get("SourceFileSystemId") or _NOT_TOLD)
    protection = row.get("FileSystemProtection", {}).get("ReplicationOverwriteProtection")
    return _NOT_TOLD if protection == "REPLICATING" else ""


SOURCE = Source(
    name="aws_file_systems",
    facts=(Datastore,),
    shapes=(StoreKind.FILE,),
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
