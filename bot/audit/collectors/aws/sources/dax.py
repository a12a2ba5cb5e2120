"""DynamoDB Accelerator (DAX) clusters: nodes, zones, failover."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.phases import phase_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, LifePhase, StoreKind, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per cluster, from the listing alone. DAX promotes a read replica automatically."""
    identity = ItemIdentity[dict[str, Any]]("dax:DescribeClusters", lambda found: _arn_of(aws, found))
    listed = aws.list("dax", "DescribeClusters", "Clusters")
    yield from facts_of(aws, lambda found: _cluster(aws, found), listed, identity, calls=False)


def _arn_of(aws: Reader, found: dict[str, Any]) -> str:
    return str(found.get("ClusterArn") or aws.arn("dax", f"cache/{found['ClusterName']}"))


def _cluster(aws: Reader, found: dict[str, Any]) -> Fact:
    arn, told = _arn_of(aws, found), found.get("Nodes") or ()
    staying = [node for node in told if phase_of(node.get("NodeStatus", "")) is not LifePhase.DELETED]
    nodes = found.get("TotalNodes", len(told)) - (len(told) - len(staying))
    zones = aws.zone_ids(node.get("AvailabilityZone", "") for node in staying)
    untold = nodes > 1 and len(zones) < 2 and len([node for node in staying if node.get("AvailabilityZone")]) < nodes
    return aws.fact(
        Datastore,
        resource=arn,
        name=found.get("ClusterName") or arn.rpartition("/")[2],
        product="dax",
        status=found.get("Status", ""),
        kind=StoreKind.CACHE,
        engine="dax",
        zones=zones,
        zone_redundant=Unread("DescribeClusters returned no zones of its nodes") if untold else len(zones) > 1,
        nodes=nodes,
        automatic_failover=nodes > 1,
    )


SOURCE = Source(
    name="aws_dax", facts=(Datastore,), shapes=(StoreKind.CACHE,), actions=("dax:DescribeClusters",), read=read
)
