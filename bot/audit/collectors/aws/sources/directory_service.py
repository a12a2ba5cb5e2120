"""Directory Service directories: zones of the domain controllers, other regions, snapshots."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of
from bot.audit.collectors.aws.parts.manual_snapshots import latest_by
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, Maybe, StoreKind, Unread

_OWN = ("MicrosoftAD", "SimpleAD")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per directory, with its newest snapshot.

    A connector holds no data, and a shared directory is judged in the account of its owner.
    """
    listed = aws.list("ds", "DescribeDirectories", "DirectoryDescriptions")
    own = [row for row in listed if row.get("Type", _OWN[0]) in _OWN]
    if not own:
        return
    identity = ItemIdentity[dict[str, Any]]("ds:DescribeDirectories", lambda row: _arn_of(aws, row))
    stores = [*each_of(aws, lambda row: (row["DirectoryId"], _directory(aws, row)), own, identity, calls=False)]
    rows = aws.maybe(lambda: aws.list("ds", "DescribeSnapshots", "Snapshots"))
    for name, store in stores:
        yield replace(store, last_snapshot_at=rows if isinstance(rows, Unread) else _newest(rows).get(name))


def _newest(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return latest_by(rows, lambda row: row.get("DirectoryId"), "StartTime", "Status")


def _arn_of(aws: Reader, row: Mapping[str, Any]) -> str:
    return aws.arn("ds", f"directory/{row['DirectoryId']}")


def _directory(aws: Reader, row: dict[str, Any]) -> Datastore:
    zones = aws.zone_ids(row.get("VpcSettings", {}).get("AvailabilityZones") or ())
    regions = row.get("RegionsInfo", {})
    primary = regions.get("PrimaryRegion") or aws.region
    controllers = row.get("DesiredNumberOfDomainControllers")
    return aws.fact(
        Datastore,
        resource=_arn_of(aws, row),
        name=row.get("Name") or row["DirectoryId"],
        product="ds",
        status=row.get("Stage", ""),
        kind=StoreKind.DOCUMENT,
        engine="activedirectory",
        zones=zones,
        zone_redundant=_redundant(zones, controllers),
        nodes=controllers or len(zones) or None,
        automatic_failover=True if len(zones) > 1 else None,
        replica_regions=tuple(sorted({*(regions.get("AdditionalRegions") or ()), primary} - {aws.region})),
        replica_of="" if primary == aws.region else aws.at(primary).arn("ds", f"directory/{row['DirectoryId']}"),
    )


def _redundant(zones: tuple[str, ...], controllers: int | None) -> "Maybe[bool]":
    """Whether two controllers run in two zones; a Simple AD always has two, whose number the API does not return."""
    if not zones:
        return Unread("DescribeDirectories returned no AvailabilityZones")
    return len(zones) > 1 and controllers != 1


SOURCE = Source(
    name="aws_directories",
    facts=(Datastore,),
    shapes=(StoreKind.DOCUMENT,),
    actions=(
        "ds:DescribeDirectories",
        "ds:DescribeSnapshots",
        "ec2:DescribeAvailabilityZones",
        "tag:GetResources",
    ),
    read=read,
)
