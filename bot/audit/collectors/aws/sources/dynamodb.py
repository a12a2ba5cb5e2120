"""DynamoDB -> Datastore: tables, their copies in other regions, and whether one can go back in time."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_DEFAULT_WINDOW = 35  # days that point-in-time recovery reaches back unless set shorter
_BOTH_WAYS = {"dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits"}


def read(aws: Reader) -> Iterator[Fact]:
    """One Datastore for each table: two calls each, and one for the region's scaling."""
    names = aws.list("dynamodb", "ListTables", "TableNames")
    tables = aws.each(lambda name: aws.get("dynamodb", "DescribeTable", TableName=name)["Table"], names)
    provisioned = [table for table in tables if not _on_demand(table)]
    scaled = aws.maybe(lambda: _scaled(aws)) if provisioned else {}
    yield from aws.each(lambda table: _table(aws, table, scaled), tables)


def _table(aws: Reader, table: dict[str, Any], scaled: "Maybe[Mapping[str, set[str]]]") -> Fact:
    name = table["TableName"]
    back = aws.maybe(lambda: _window(aws, name))
    copies = {
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
        replica_regions=tuple(sorted(copies - {aws.region})),
        backup_days=back,
        point_in_time_recovery=back if isinstance(back, Unread) else back > 0,
        deletion_protection=bool(table.get("DeletionProtectionEnabled")),
        capacity=_capacity(table, scaled),
        encryption_key=table.get("SSEDescription", {}).get("KMSMasterKeyArn", ""),
    )


def _window(aws: Reader, name: str) -> int:
    """Days that the table can be taken back, 0 for none."""
    told = aws.get("dynamodb", "DescribeContinuousBackups", TableName=name)["ContinuousBackupsDescription"]
    recovery = told.get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        return 0
    return int(recovery.get("RecoveryPeriodInDays") or _DEFAULT_WINDOW)


def _scaled(aws: Reader) -> dict[str, set[str]]:
    """Dimensions that scale by themselves, by table."""
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
    return Capacity.AUTOSCALED if scaled.get(table["TableName"], set()) >= _BOTH_WAYS else Capacity.FIXED


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
