"""MemoryDB clusters: zones, failover, snapshots."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, StoreKind


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per cluster, from the listing alone. MemoryDB promotes a replica automatically."""
    for found in aws.list("memorydb", "DescribeClusters", "Clusters", ShowShardDetails=True):
        nodes = [node for shard in found.get("Shards") or () for node in shard.get("Nodes") or ()]
        yield aws.fact(
            Datastore,
            resource=found["ARN"],
            name=found["Name"],
            product="memorydb",
            kind=StoreKind.KEY_VALUE,
            engine=found.get("Engine", "redis"),
            zones=aws.zone_ids(node.get("AvailabilityZone", "") for node in nodes),
            zone_redundant=str(found.get("AvailabilityMode", "")).lower() == "multiaz",
            nodes=len(nodes) or None,
            automatic_failover=_every_shard_has_replica(found),
            backup_days=found.get("SnapshotRetentionLimit"),
            minor_upgrades=found.get("AutoMinorVersionUpgrade"),
            encryption_key=found.get("KmsKeyId", ""),
        )


def _every_shard_has_replica(found: dict[str, Any]) -> bool:
    shards = found.get("Shards") or ()
    return bool(shards) and all(shard.get("NumberOfNodes", 1) > 1 for shard in shards)


SOURCE = Source(name="aws_memorydb", facts=(Datastore,), actions=("memorydb:DescribeClusters",), read=read)
