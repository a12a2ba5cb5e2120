"""DynamoDB tables: replicas, point-in-time recovery, deletion protection, capacity."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_DEFAULT_PITR_DAYS = 35  # unless set shorter
_READ_AND_WRITE = {"dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits"}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per table: two calls each, and one for the region's autoscaling."""
    names = aws.list("dynamodb", "ListTables", "TableNames")
    tables = aws.each(lambda name: aws.get("dynamodb", "DescribeTable", TableName=name)["Table"], names)
    provisioned = [table for table in tables if not _on_demand(table)]
    scaled = aws.maybe(lambda: _autoscaled_dimensions(aws)) if provisioned else {}
    yield from aws.each(lambda table: _table(aws, table, scaled), tables)


def _table(aws: Reader, table: dict[str, Any], scaled: "Maybe[Mapping[str, set[str]]]") -> Fact:
    name = table["TableName"]
    pitr_days = aws.maybe(lambda: _pitr_days(aws, name))
    replicas = {
        replica["RegionName"]
        for replica in table.get("Replicas", ())
        if replica.get("ReplicaStatus", "ACTIVE") == "ACTIVE"
    }
    return aws.fact(
        Datastore,
        resource=table["TableArn"],
        name=name,
        product="dynamodb",
        kind=StoreKind.KEY_VALUE,
        engine="dynamodb",
        zone_redundant=True,
        replica_regions=tuple(sorted(replicas - {aws.region})),
        backup_days=pitr_days,
        point_in_time_recovery=pitr_days if isinstance(pitr_days, Unread) else pitr_days > 0,
        deletion_protection=bool(table.get("DeletionProtectionEnabled")),
        capacity=_capacity(table, scaled),
        encryption_key=table.get("SSEDescription", {}).get("KMSMasterKeyArn", ""),
    )


def _pitr_days(aws: Reader, name: str) -> int:
    """The days that point-in-time recovery covers, 0 if it is off."""
    backups = aws.get("dynamodb", "DescribeContinuousBackups", TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        return 0
    return int(recovery.get("RecoveryPeriodInDays") or _DEFAULT_PITR_DAYS)


def _autoscaled_dimensions(aws: Reader) -> dict[str, set[str]]:
    """The autoscaled dimensions of each table."""
    found: dict[str, set[str]] = {}
    for row in aws.list(
        "application-autoscaling", "DescribeScalableTargets", "ScalableTargets", ServiceNamespace="dynamodb"
    ):
        found.setdefault(row["ResourceId"].removeprefix("table/"), set()).add(row["ScalableDimension"])
    return found


def _capacity(table: dict[str, Any], scaled: "Maybe[Mapping[str, set[str]]]") -> "Maybe[Capacity | None]":
    if _on_demand(table):
        return Capacity.ON_DEMAND
    if isinstance(scaled, Unread):
        return scaled
    return Capacity.AUTOSCALED if scaled.get(table["TableName"], set()) >= _READ_AND_WRITE else Capacity.FIXED


def _on_demand(table: dict[str, Any]) -> bool:
    return bool(table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST")


SOURCE = Source(
    name="aws_tables",
    facts=(Datastore,),
    actions=(
        "dynamodb:ListTables",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeContinuousBackups",
        "application-autoscaling:DescribeScalableTargets",
        "tag:GetResources",
    ),
    read=read,
)
