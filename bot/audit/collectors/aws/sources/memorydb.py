"""MemoryDB clusters: zones, failover, snapshots."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of
from bot.audit.collectors.aws.parts.manual_snapshots import latest_by, with_snapshots
from bot.audit.collectors.aws.parts.phases import phase_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, LifePhase, Maybe, StoreKind, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per cluster, and the snapshots of those without automated ones.

    MemoryDB promotes a replica automatically.
    """
    identity = ItemIdentity[dict[str, Any]]("memorydb:DescribeClusters", lambda found: _arn_of(aws, found))
    listed = aws.list("memorydb", "DescribeClusters", "Clusters", ShowShardDetails=True)
    any_multi_region = any(found.get("MultiRegionClusterName") for found in listed)
    members = aws.maybe(lambda: _regions_of_clusters(aws)) if any_multi_region else {}
    stores = [*each_of(aws, lambda found: _cluster(aws, found, members), listed, identity, calls=False)]
    yield from with_snapshots(aws, stores, lambda: _manual_snapshots(aws))


def _regions_of_clusters(aws: Reader) -> Mapping[str, tuple[str, ...]]:
    """The regions of each multi-region cluster."""
    rows = aws.list("memorydb", "DescribeMultiRegionClusters", "MultiRegionClusters", ShowClusterDetails=True)
    return {
        row.get("MultiRegionClusterName", ""): tuple(member.get("Region", "") for member in row.get("Clusters") or ())
        for row in rows
    }


def _replica_regions(
    aws: Reader, found: dict[str, Any], members: Maybe[Mapping[str, tuple[str, ...]]]
) -> Maybe[tuple[str, ...]]:
    """The other regions of the multi-region cluster that a cluster belongs to."""
    name = found.get("MultiRegionClusterName")
    if not name or isinstance(members, Unread):
        return members if name and isinstance(members, Unread) else ()
    if name not in members:
        return Unread("DescribeMultiRegionClusters returned no such cluster")
    return tuple(sorted(set(members[name]) - {"", aws.region}))


def _manual_snapshots(aws: Reader) -> Mapping[str, datetime]:
    """The newest snapshot of each cluster: the oldest of its shards' parts counts."""
    rows = [
        {**row["ClusterConfiguration"], "Status": row.get("Status", ""), "At": min(times)}
        for row in aws.list("memorydb", "DescribeSnapshots", "Snapshots", ShowDetail=True)
        if row.get("ClusterConfiguration") and (times := _times_of_shards(row))
    ]
    return latest_by(rows, lambda row: row.get("Name"), "At", "Status")


def _times_of_shards(row: dict[str, Any]) -> list[datetime]:
    shards = row["ClusterConfiguration"].get("Shards") or ()
    return [shard["SnapshotCreationTime"] for shard in shards if shard.get("SnapshotCreationTime")]


def _arn_of(aws: Reader, found: dict[str, Any]) -> str:
    return str(found.get("ARN") or aws.arn("memorydb", f"cluster/{found['Name']}"))


def _cluster(aws: Reader, found: dict[str, Any], members: Maybe[Mapping[str, tuple[str, ...]]]) -> Datastore:
    arn = _arn_of(aws, found)
    nodes = [node for shard in found.get("Shards") or () for node in shard.get("Nodes") or ()]
    copied = _every_shard_has_replica(found)
    return aws.fact(
        Datastore,
        resource=arn,
        name=found.get("Name") or arn.rpartition("/")[2],
        product="memorydb",
        status=found.get("Status", ""),
        kind=StoreKind.KEY_VALUE,
        engine=found.get("Engine", "redis"),
        zones=aws.zone_ids(node.get("AvailabilityZone", "") for node in nodes),
        zone_redundant=_multi_az(found, copied=copied),
        nodes=len(nodes) or None,
        automatic_failover=copied,
        replica_regions=_replica_regions(aws, found, members),
        backup_days=found.get(
            "SnapshotRetentionLimit", Unread("DescribeClusters returned no SnapshotRetentionLimit field")
        ),
        minor_upgrades=found.get("AutoMinorVersionUpgrade"),
        encryption_key=found.get("KmsKeyId", ""),
    )


def _every_shard_has_replica(found: dict[str, Any]) -> Maybe[bool]:
    shards = found.get("Shards")
    if shards is None:
        return Unread("DescribeClusters returned no Shards field")
    return bool(shards) and all(_nodes_of(shard) > 1 for shard in shards)


def _nodes_of(shard: dict[str, Any]) -> int:
    """The number of nodes of a shard that stay."""
    nodes = shard.get("Nodes") or ()
    going = sum(phase_of(node.get("Status", "")) is LifePhase.DELETED for node in nodes)
    return int(shard.get("NumberOfNodes") or len(nodes)) - going


def _multi_az(found: dict[str, Any], *, copied: Maybe[bool]) -> Maybe[bool]:
    """Whether the cluster survives the loss of a zone: shards of one node do not, wherever the nodes stand."""
    mode = found.get("AvailabilityMode")
    if mode is None and copied:
        return Unread("DescribeClusters returned no AvailabilityMode field")
    return copied if str(mode).lower() == "multiaz" else False


SOURCE = Source(
    name="aws_memorydb",
    facts=(Datastore,),
    shapes=(StoreKind.KEY_VALUE,),
    actions=("memorydb:DescribeClusters", "memorydb:DescribeMultiRegionClusters", "memorydb:DescribeSnapshots"),
    read=read,
)
