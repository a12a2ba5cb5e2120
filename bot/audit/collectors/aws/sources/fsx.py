"""FSx file systems for Windows, ONTAP, OpenZFS and Lustre: deployment type, zones, backups."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of
from bot.audit.collectors.aws.parts.manual_snapshots import latest_by
from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_CONFIGURATIONS = ("WindowsConfiguration", "OntapConfiguration", "OpenZFSConfiguration", "LustreConfiguration")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per file system, and the newest backup of those without automatic ones."""
    listed = aws.list("fsx", "DescribeFileSystems", "FileSystems")
    if not listed:
        return
    subnets = Subnets.read(aws)
    identity = ItemIdentity[dict[str, Any]]("fsx:DescribeFileSystems", lambda row: _arn_of(aws, row), _own_tags)
    stores = [*each_of(aws, lambda row: (_id(row), _file_system(aws, row, subnets)), listed, identity, calls=False)]
    backups: Maybe[Mapping[str, datetime]] = {}
    if any(store.backup_days == 0 for _, store in stores):
        backups = aws.maybe(lambda: _backups(aws))
    for name, store in stores:
        at = backups if isinstance(backups, Unread) else backups.get(name)
        yield store if store.backup_days != 0 else replace(store, last_snapshot_at=at)


def _backups(aws: Reader) -> Mapping[str, datetime]:
    """The newest complete backup of each file system by its id."""
    rows = aws.list("fsx", "DescribeBackups", "Backups")
    return latest_by(rows, lambda row: row.get("FileSystem", {}).get("FileSystemId"), "CreationTime", "Lifecycle")


def _id(row: Mapping[str, Any]) -> str:
    return str(row.get("FileSystemId") or row["ResourceARN"].rpartition("/")[2])


def _arn_of(aws: Reader, row: Mapping[str, Any]) -> str:
    return str(row.get("ResourceARN") or aws.arn("fsx", f"file-system/{row['FileSystemId']}"))


def _own_tags(row: Mapping[str, Any]) -> Mapping[str, str] | None:
    return tag_map(row["Tags"]) if row.get("Tags") else None


def _file_system(aws: Reader, row: dict[str, Any], subnets: Subnets) -> Datastore:
    arn = _arn_of(aws, row)
    settings = _settings(row)
    deployment = settings.get("DeploymentType")
    tags = aws.tags(arn, _own_tags(row))
    multi_az: Maybe[bool] = Unread("DescribeFileSystems returned no DeploymentType field")
    if deployment is not None:
        multi_az = deployment.startswith("MULTI_AZ")
    return aws.fact(
        Datastore,
        resource=arn,
        name=tags.get("Name") or _id(row),
        product="fsx",
        status=row.get("Lifecycle", ""),
        tags=tags,
        kind=StoreKind.FILE,
        engine=row.get("FileSystemType", "").lower(),
        zones=subnets.zones(row.get("SubnetIds") or ()),
        zone_redundant=multi_az,
        automatic_failover=multi_az if isinstance(multi_az, Unread) else multi_az or None,
        backup_days=_backup_days(deployment, settings),
        capacity=Capacity.FIXED,
        encryption_key=row.get("KmsKeyId", ""),
    )


def _settings(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings of its type, which is the only one that an answer contains."""
    own: Mapping[str, Any] = next((row[name] for name in _CONFIGURATIONS if row.get(name)), {})
    return own


def _backup_days(deployment: str | None, settings: Mapping[str, Any]) -> "Maybe[int | None]":
    """The retention of automatic backups. Lustre guide, "Deployment options": scratch file systems cannot be backed up."""
    if deployment and deployment.startswith("SCRATCH"):
        return None
    days: Maybe[int] = settings.get(
        "AutomaticBackupRetentionDays", Unread("DescribeFileSystems returned no AutomaticBackupRetentionDays field")
    )
    return days


SOURCE = Source(
    name="aws_fsx",
    facts=(Datastore,),
    shapes=(StoreKind.FILE,),
    actions=("fsx:DescribeFileSystems", "fsx:DescribeBackups", "ec2:DescribeSubnets", "tag:GetResources"),
    read=read,
)
