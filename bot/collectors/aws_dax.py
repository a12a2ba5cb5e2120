"""DynamoDB Accelerator clusters -> Datastore."""

from collections.abc import Iterator

from bot.collectors._reader import Reader
from bot.collectors._source import Source
from checks import Datastore, Fact, StoreKind


def read(aws: Reader) -> Iterator[Fact]:
    """One Datastore each, from the listing alone. DAX promotes a read replica by itself where there is one."""
    for found in aws.list("dax", "DescribeClusters", "Clusters"):
        zones = aws.zone_ids(node.get("AvailabilityZone", "") for node in found.get("Nodes") or ())
        yield aws.fact(
            Datastore,
            resource=found["ClusterArn"],
            name=found["ClusterName"],
            product="dax",
            kind=StoreKind.CACHE,
            engine="dax",
            zones=zones,
            zone_redundant=len(zones) > 1,
            nodes=found.get("TotalNodes"),
            automatic_failover=found.get("TotalNodes", 0) > 1,
        )


SOURCE = Source(name="aws_dax", facts=(Datastore,), actions=("dax:DescribeClusters",), read=read)
