"""Redshift clusters: zones, nodes, snapshots."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of
from bot.audit.collectors.aws.parts.manual_snapshots import latest_by, with_snapshots
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, StoreKind, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per cluster, and the snapshots of those without automated ones."""
    identity = ItemIdentity[dict[str, Any]](
        "redshift:DescribeClusters",
        lambda found: aws.arn("redshift", f"cluster:{found['ClusterIdentifier']}"),
        lambda found: tag_map(found.get("Tags")),
    )
    listed = aws.list("redshift", "DescribeClusters", "Clusters")
    stores = [*each_of(aws, lambda found: _cluster(aws, found), listed, identity, calls=False)]
    yield from with_snapshots(aws, stores, lambda: _manual_snapshots(aws))


def _manual_snapshots(aws: Reader) -> Mapping[str, datetime]:
    rows = aws.list("redshift", "DescribeClusterSnapshots", "Snapshots", SnapshotType="manual")
    return latest_by(rows, lambda row: row.get("ClusterIdentifier"), "SnapshotCreateTime", "Status")


def _cluster(aws: Reader, found: dict[str, Any]) -> Datastore:
    name, multi_az = found["ClusterIdentifier"], found.get("MultiAZ")
    second = found.get("MultiAZSecondary", {}).get("AvailabilityZone", "")
    setting = Unread("DescribeClusters returned no MultiAZ field") if multi_az is None else multi_az.lower()
    redundant = setting if isinstance(setting, Unread) else setting in ("enabled", "true")
    return aws.fact(
        Datastore,
        resource=aws.arn("redshift", f"cluster:{name}"),
        name=name,
        product="redshift",
        status=found.get("ClusterStatus", ""),
        tags=tag_map(found.get("Tags")),
        kind=StoreKind.WAREHOUSE,
        engine="redshift",
        zones=aws.zone_ids((found.get("AvailabilityZone", ""), second)),
        zone_redundant=redundant,
        # A cluster that may be relocated is not multi-AZ: relocation takes minutes, and capacity in another zone.
        automatic_failover=redundant or None,
        nodes=found.get("NumberOfNodes"),
        backup_days=found.get(
            "AutomatedSnapshotRetentionPeriod",
            Unread("DescribeClusters returned no AutomatedSnapshotRetentionPeriod field"),
        ),
        backup_regions=tuple(filter(None, [found.get("ClusterSnapshotCopyStatus", {}).get("DestinationRegion", "")])),
        minor_upgrades=found.get("AllowVersionUpgrade"),
        encryption_key=found.get("KmsKeyId", ""),
    )


SOURCE = Source(
    name="aws_redshift",
    facts=(Datastore,),
    shapes=(StoreKind.WAREHOUSE,),
    actions=("redshift:DescribeClusters", "redshift:DescribeClusterSnapshots"),
    read=read,
)
