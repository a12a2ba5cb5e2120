"""DocumentDB elastic clusters: instances of each shard, zones, snapshots."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of
from bot.audit.collectors.aws.parts.newer_services import where_offered
from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_SERVICE = "docdb-elastic"
_COMPLETE = ("ACTIVE", "AVAILABLE")  # statuses of a snapshot that can be restored
# AWS announcement of elastic clusters, November 2022. Elsewhere an endpoint without an address means: not offered.
_SURELY_IN = ("us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per cluster, and the newest snapshot of those without automated ones."""
    listed = where_offered(aws, lambda: aws.list(_SERVICE, "ListClusters", "clusters"), _SURELY_IN)
    if not listed:
        return
    subnets = Subnets.read(aws)
    identity = ItemIdentity[dict[str, Any]](f"{_SERVICE}:ListClusters", lambda row: row["clusterArn"])
    stores = [*each_of(aws, lambda row: _cluster(aws, row, subnets), listed, identity)]
    without = any(store.backup_days == 0 for store in stores)
    snapshots = aws.maybe(lambda: _snapshots(aws)) if without else {}
    for store in stores:
        at = snapshots if isinstance(snapshots, Unread) else snapshots.get(store.resource)
        yield store if store.backup_days != 0 else replace(store, last_snapshot_at=at)


def _snapshots(aws: Reader) -> Mapping[str, datetime]:
    """The newest complete snapshot of each cluster by its ARN."""
    newest: dict[str, datetime] = {}
    for row in aws.list(_SERVICE, "ListClusterSnapshots", "snapshots", snapshotType="manual"):
        cluster, made = row.get("clusterArn", ""), _time(row.get("snapshotCreationTime", ""))
        if made and row.get("status") in _COMPLETE:
            newest[cluster] = max(made, newest.get(cluster, made))
    return newest


def _time(text: str) -> datetime | None:
    """A time as the API writes it, in UTC; None if it is not one."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _cluster(aws: Reader, row: dict[str, Any], subnets: Subnets) -> Datastore:
    arn = row["clusterArn"]
    found = aws.get(_SERVICE, "GetCluster", clusterArn=arn)["cluster"]
    instances, places = found.get("shardInstanceCount"), found["subnetIds"]
    return aws.fact(
        Datastore,
        resource=arn,
        name=row["clusterName"],
        product="docdbelastic",
        status=found["status"],
        kind=StoreKind.DOCUMENT,
        engine="docdb",
        zones=subnets.zones(places),
        zone_redundant=_redundant(instances, subnets.in_several_zones(places)),
        nodes=instances * found["shardCount"] if instances else None,
        automatic_failover=None if instances is None else instances > 1,
        backup_days=found.get("backupRetentionPeriod", Unread("GetCluster returned no backupRetentionPeriod field")),
        capacity=Capacity.FIXED,
        storage_autoscaling=True,
        encryption_key="" if found["kmsKeyId"] == "AWS_OWNED_KMS_KEY" else found["kmsKeyId"],
    )


def _redundant(instances: int | None, spread: "Maybe[bool]") -> "Maybe[bool]":
    """Whether each shard has a second instance, which then runs in another zone if the subnets span several."""
    if instances is None:
        return Unread("GetCluster returned no shardInstanceCount field")
    return spread if instances > 1 else False


SOURCE = Source(
    name="aws_docdb_elastic",
    facts=(Datastore,),
    shapes=(StoreKind.DOCUMENT,),
    actions=(
        f"{_SERVICE}:ListClusters",
        f"{_SERVICE}:GetCluster",
        f"{_SERVICE}:ListClusterSnapshots",
        "ec2:DescribeSubnets",
        "tag:GetResources",
    ),
    read=read,
)
