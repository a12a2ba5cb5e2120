"""DynamoDB Accelerator (DAX) clusters: nodes, zones, failover."""

from collections.abc import Iterator

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, StoreKind, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per cluster, from the listing alone. DAX promotes a read replica automatically."""
    for found in aws.list("dax", "DescribeClusters", "Clusters"):
        nodes = found.get("TotalNodes", 0)
        zones = aws.zone_ids(node.get("AvailabilityZone", "") for node in found.get("Nodes") or ())
        yield aws.fact(
            Datastore,
            resource=found["ClusterArn"],
            name=found["ClusterName"],
            product="dax",
            kind=StoreKind.CACHE,
            engine="dax",
            zones=zones,
            zone_redundant=len(zones) > 1
            if zones or nodes < 2
            else Unread("DescribeClusters returned no zones of its nodes"),
            nodes=nodes,
            automatic_failover=nodes > 1,
        )


SOURCE = Source(name="aws_dax", facts=(Datastore,), actions=("dax:DescribeClusters",), read=read)
