"""Neptune Analytics graphs: replicas, snapshots, deletion protection."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of
from bot.audit.collectors.aws.parts.manual_snapshots import latest_by
from bot.audit.collectors.aws.parts.newer_services import where_offered
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, StoreKind, Unread

_SERVICE = "neptune-graph"
# AWS announcement of general availability, November 2023. Elsewhere an endpoint without an address means: not offered.
_SURELY_IN = ("us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1", "ap-southeast-1")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per graph, with its newest snapshot: Neptune Analytics makes none by itself."""
    listed = where_offered(aws, lambda: aws.list(_SERVICE, "ListGraphs", "graphs"), _SURELY_IN)
    if not listed:
        return
    identity = ItemIdentity[dict[str, Any]](f"{_SERVICE}:ListGraphs", lambda row: row["arn"])
    stores = [*each_of(aws, lambda row: (row["id"], _graph(aws, row)), listed, identity, calls=False)]
    rows = aws.maybe(lambda: aws.list(_SERVICE, "ListGraphSnapshots", "graphSnapshots"))
    for name, store in stores:
        yield replace(store, last_snapshot_at=rows if isinstance(rows, Unread) else _newest(rows).get(name))


def _newest(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return latest_by(rows, lambda row: row.get("sourceGraphId"), "snapshotCreateTime", "status")


def _graph(aws: Reader, row: dict[str, Any]) -> Datastore:
    replicas = row.get("replicaCount")
    return aws.fact(
        Datastore,
        resource=row["arn"],
        name=row["name"],
        product="neptunegraph",
        status=row.get("status", ""),
        kind=StoreKind.DOCUMENT,
        engine="neptune",
        # API reference, `CreateGraph`: each replica is in another zone, and takes over where the primary fails.
        zone_redundant=Unread("ListGraphs returned no replicaCount field") if replicas is None else replicas > 0,
        nodes=None if replicas is None else replicas + 1,
        automatic_failover=None if replicas is None else replicas > 0,
        backup_days=0,
        deletion_protection=row.get("deletionProtection", Unread("ListGraphs returned no deletionProtection field")),
        capacity=Capacity.FIXED,
        encryption_key="" if row.get("kmsKeyIdentifier") == "AWS_OWNED_KEY" else row.get("kmsKeyIdentifier", ""),
    )


SOURCE = Source(
    name="aws_graphs",
    facts=(Datastore,),
    shapes=(StoreKind.DOCUMENT,),
    actions=(f"{_SERVICE}:ListGraphs", f"{_SERVICE}:ListGraphSnapshots", "tag:GetResources"),
    read=read,
)
