"""Database Migration Service: replication instances and serverless replications, and whether they run without end."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.newer_services import all_pages
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import DataFlow, Fact, Maybe, Unread

_ONCE = "full-load"
_ENDED = ("deleting", "stopped")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one DataFlow per replication instance and per serverless replication."""
    instances = aws.list("dms", "DescribeReplicationInstances", "ReplicationInstances")
    used = aws.maybe(lambda: _in_use(aws)) if instances else frozenset()
    of_instance = ItemIdentity[dict[str, Any]](
        "dms:DescribeReplicationInstances", lambda row: row["ReplicationInstanceArn"]
    )
    yield from facts_of(aws, lambda row: _instance(aws, row, used), instances, of_instance, calls=False)
    configs = all_pages(aws, "dms", "DescribeReplicationConfigs", "ReplicationConfigs", "Marker", MaxRecords=100)
    of_config = ItemIdentity[dict[str, Any]]("dms:DescribeReplicationConfigs", lambda row: row["ReplicationConfigArn"])
    yield from facts_of(aws, lambda row: _serverless(aws, row), configs, of_config, calls=False)


def _in_use(aws: Reader) -> frozenset[str]:
    """The instances, by ARN, with a task that replicates ongoing changes."""
    rows = aws.list("dms", "DescribeReplicationTasks", "ReplicationTasks", WithoutSettings=True)
    ongoing = (row for row in rows if row.get("MigrationType") != _ONCE and row.get("Status") not in _ENDED)
    return frozenset(row.get("ReplicationInstanceArn", "") for row in ongoing)


def _instance(aws: Reader, row: dict[str, Any], used: "Maybe[Collection[str]]") -> Fact:
    arn = row["ReplicationInstanceArn"]
    places = (row.get("AvailabilityZone", ""), row.get("SecondaryAvailabilityZone", ""))
    return aws.fact(
        DataFlow,
        resource=arn,
        name=row.get("ReplicationInstanceIdentifier") or arn.rpartition(":")[2],
        product="dms",
        status=row.get("ReplicationInstanceStatus", ""),
        continuous=used if isinstance(used, Unread) else arn in used,
        zone_redundant=row.get("MultiAZ", Unread("DescribeReplicationInstances returned no MultiAZ field")),
        zones=aws.zone_ids(places),
        encryption_key=row.get("KmsKeyId", ""),
    )


def _serverless(aws: Reader, row: dict[str, Any]) -> Fact:
    arn, compute = row["ReplicationConfigArn"], row.get("ComputeConfig", {})
    return aws.fact(
        DataFlow,
        resource=arn,
        name=row.get("ReplicationConfigIdentifier") or arn.rpartition(":")[2],
        product="dms",
        continuous=_continuous(row),
        zone_redundant=compute.get("MultiAZ", Unread("DescribeReplicationConfigs returned no MultiAZ field")),
        zones=aws.zone_ids([compute.get("AvailabilityZone", "")]),
        encryption_key=compute.get("KmsKeyId", ""),
    )


def _continuous(row: Mapping[str, Any]) -> "Maybe[bool]":
    kind = row.get("ReplicationType")
    return Unread("DescribeReplicationConfigs returned no ReplicationType field") if kind is None else kind != _ONCE


SOURCE = Source(
    name="aws_replications",
    facts=(DataFlow,),
    actions=(
        "dms:DescribeReplicationInstances",
        "dms:DescribeReplicationTasks",
        "dms:DescribeReplicationConfigs",
        "ec2:DescribeAvailabilityZones",
        "tag:GetResources",
    ),
    read=read,
)
