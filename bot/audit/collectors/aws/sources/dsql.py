"""Aurora DSQL clusters: peers in other regions, deletion protection."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.arn import parse_arn
from bot.audit.collectors.aws.parts.newer_services import where_offered
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, StoreKind

# AWS announcement of general availability, May 2025. Elsewhere an endpoint without an address means: not offered.
_SURELY_IN = ("us-east-1", "us-east-2", "us-west-2", "ap-northeast-1", "ap-northeast-3", "eu-west-1", "eu-west-2")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per cluster. A witness region holds a part of the log, not the data, so it is no replica.

    User guide, "Resilience": a cluster in one region is active in three zones, and fails over by itself.
    """
    listed = where_offered(aws, lambda: aws.list("dsql", "ListClusters", "clusters"), _SURELY_IN)
    identity = ItemIdentity[dict[str, Any]]("dsql:ListClusters", lambda row: row["arn"])
    yield from facts_of(aws, lambda row: _cluster(aws, row), listed, identity)


def _cluster(aws: Reader, row: dict[str, Any]) -> Fact:
    found = aws.get("dsql", "GetCluster", identifier=row["identifier"])
    tags = aws.tags(row["arn"], found.get("tags"))
    peers = {parse_arn(arn).region for arn in found.get("multiRegionProperties", {}).get("clusters") or ()}
    return aws.fact(
        Datastore,
        resource=row["arn"],
        name=tags.get("Name") or row["identifier"],
        product="dsql",
        status=found["status"],
        tags=tags,
        kind=StoreKind.RELATIONAL,
        engine="aurora-dsql",
        zone_redundant=True,
        automatic_failover=True,
        replica_regions=tuple(sorted(peers - {"", aws.region})),
        deletion_protection=found["deletionProtectionEnabled"],
        capacity=Capacity.ON_DEMAND,
        storage_autoscaling=True,
        encryption_key=found.get("encryptionDetails", {}).get("kmsKeyArn", ""),
    )


SOURCE = Source(
    name="aws_dsql",
    facts=(Datastore,),
    shapes=(StoreKind.RELATIONAL,),
    actions=("dsql:ListClusters", "dsql:GetCluster", "tag:GetResources"),
    read=read,
)
