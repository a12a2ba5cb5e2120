"""Timestream for InfluxDB: instances with their standby, clusters with their members; zones and backups of both."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, facts_of, part
from bot.audit.collectors.aws.parts.newer_services import where_offered
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_SERVICE = "timestream-influxdb"
# AWS announcement of general availability, March 2024. Elsewhere an endpoint without an address means: not offered.
_SURELY_IN = ("us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1", "ap-southeast-1")
_STANDBY, _SINGLE = "WITH_MULTIAZ_STANDBY", "SINGLE_AZ"
_NO_FAILOVER = "NO_FAILOVER"
Row = dict[str, Any]


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per instance outside of clusters, and one per cluster: its members are no stores of their own."""
    listed = where_offered(aws, lambda: aws.list(_SERVICE, "ListDbInstances", "items"), _SURELY_IN)
    identity = ItemIdentity[Row](f"{_SERVICE}:ListDbInstances", lambda row: row["arn"])
    found = list(each_of(aws, lambda row: (row, _described(aws, row)), listed, identity))
    alone = [(row, told) for row, told in found if not told.get("dbClusterId")]
    of_pair = ItemIdentity[tuple[Row, Row]](f"{_SERVICE}:GetDbInstance", lambda pair: pair[0]["arn"])
    yield from facts_of(aws, lambda pair: _instance(aws, *pair), alone, of_pair, calls=False)
    clusters = aws.list(_SERVICE, "ListDbClusters", "items") if listed else []
    by_id = {told["id"]: told for _, told in found if told.get("id")}
    of_cluster = ItemIdentity[Row](f"{_SERVICE}:ListDbClusters", lambda row: row["arn"])
    yield from facts_of(aws, lambda row: _cluster(aws, row, by_id), clusters, of_cluster)


def _described(aws: Reader, row: Row) -> Row:
    return aws.get(_SERVICE, "GetDbInstance", identifier=row["id"])


def _instance(aws: Reader, row: Row, found: Row) -> Fact:
    deployment = found.get("deploymentType") or row.get("deploymentType")
    standby: Maybe[bool] = Unread("GetDbInstance returned no deploymentType field")
    if deployment in (_STANDBY, _SINGLE):
        standby = deployment == _STANDBY
    return _store(
        aws,
        row,
        found,
        zones=aws.zone_ids(_zones_of(found)),
        zone_redundant=standby,
        nodes=None if isinstance(standby, Unread) else 1 + standby,
        automatic_failover=standby,
    )


def _cluster(aws: Reader, row: Row, instances: Mapping[str, Row]) -> Fact:
    """A cluster, which goes on without one zone where its members are in several and another one takes over.

    One without a failover mode (InfluxDB 3) keeps its data in S3: every member reads the same.
    """
    found = aws.get(_SERVICE, "GetDbCluster", dbClusterId=row["id"])
    members = part(aws, row["arn"], lambda: _members(aws, row), f"{_SERVICE}:ListDbInstancesForCluster")
    zones: Maybe[tuple[str, ...]] = members if isinstance(members, Unread) else _placed(aws, members, instances)
    fails_over = None if found.get("failoverMode") is None else found["failoverMode"] != _NO_FAILOVER
    return _store(
        aws,
        row,
        found,
        zones=() if isinstance(zones, Unread) else zones,
        zone_redundant=False if fails_over is False else zones if isinstance(zones, Unread) else len(zones) > 1,
        nodes=None if isinstance(members, Unread) else len(members),
        automatic_failover=fails_over,
    )


def _members(aws: Reader, row: Row) -> Sequence[str]:
    rows = aws.list(_SERVICE, "ListDbInstancesForCluster", "items", dbClusterId=row["id"])
    return [member["id"] for member in rows]


def _placed(aws: Reader, members: Iterable[str], instances: Mapping[str, Row]) -> Maybe[tuple[str, ...]]:
    """The zones of the members; where one is not known, several known ones are an answer all the same."""
    places = [_zones_of(instances.get(name, {})) for name in members]
    zones = aws.zone_ids(zone for found in places for zone in found)
    if len(zones) < 2 and not all(places):
        return Unread("GetDbInstance returned no zone of a member")
    return zones


def _zones_of(found: Row) -> tuple[str, ...]:
    return tuple(filter(None, (found.get("availabilityZone", ""), found.get("secondaryAvailabilityZone", ""))))


def _store(aws: Reader, row: Row, found: Row, **fields: Any) -> Fact:
    return aws.fact(
        Datastore,
        resource=row["arn"],
        name=row["name"],
        product="timestreaminfluxdb",
        status=found.get("status", ""),
        kind=StoreKind.DOCUMENT,
        engine="influxdb",
        backup_days=_backup_days(found),
        capacity=Capacity.FIXED,
        encryption_key=found.get("kmsKeyId", ""),
        **fields,
    )


def _backup_days(found: Mapping[str, Any]) -> int:
    """The longest retention of the backups that are switched on, 0 for none: the service makes none by default."""
    plans = found.get("dbBackupConfigurations") or ()
    return max((int(plan["retentionDays"]) for plan in plans if plan["enabled"]), default=0)


SOURCE = Source(
    name="aws_influxdb",
    facts=(Datastore,),
    shapes=(StoreKind.DOCUMENT,),
    actions=(
        f"{_SERVICE}:ListDbInstances",
        f"{_SERVICE}:GetDbInstance",
        f"{_SERVICE}:ListDbClusters",
        f"{_SERVICE}:GetDbCluster",
        f"{_SERVICE}:ListDbInstancesForCluster",
        "ec2:DescribeAvailabilityZones",
        "tag:GetResources",
    ),
    read=read,
)
