"""MemoryDB clusters -> Datastore."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, StoreKind


def read(aws: Reader) -> Iterator[Fact]:
    """One Datastore each, from the listing alone. MemoryDB promotes a replica by itself where there is one."""
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
            automatic_failover=_replicated(found),
            backup_days=found.get("SnapshotRetentionLimit"),
            minor_upgrades=found.get("AutoMinorVersionUpgrade"),
            encryption_key=found.get("KmsKeyId", ""),
        )


def _replicated(found: dict[str, Any]) -> bool:
    shards = found.get("Shards") or ()
    return bool(shards) and all(shard.get("NumberOfNodes", 1) > 1 for shard in shards)


SOURCE = Source(name="aws_memorydb", facts=(Datastore,), actions=("memorydb:DescribeClusters",), read=read)
