"""DynamoDB tables: replicas, point-in-time recovery, deletion protection, capacity."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, part
from bot.audit.collectors.aws.parts.manual_snapshots import latest_by, with_snapshots
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_Table = tuple[str, dict[str, Any]]  # name and description
_DEFAULT_PITR_DAYS = 35  # unless set shorter
_INDEX_READ_AND_WRITE = {"dynamodb:index:ReadCapacityUnits", "dynamodb:index:WriteCapacityUnits"}
_READ_AND_WRITE = {"dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits"}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per table: two calls each, and one for the region's autoscaling; and backups made on demand."""
    names: list[Any] = aws.list("dynamodb", "ListTables", "TableNames")
    by_name = ItemIdentity[str]("dynamodb:DescribeTable", lambda name: aws.arn("dynamodb", f"table/{name}"))
    tables = list(each_of(aws, lambda name: _described(aws, name), names, by_name))
    provisioned = [table for _, table in tables if not _on_demand(table)]
    scaled = aws.maybe(lambda: _autoscaled_dimensions(aws)) if provisioned else {}
    identity = ItemIdentity[_Table]("dynamodb:DescribeTable", lambda item: by_name.resource(item[0]))
    stores = [*each_of(aws, lambda item: _table(aws, *item, scaled), tables, identity)]
    yield from with_snapshots(aws, stores, lambda: _made_on_demand(aws))


def _made_on_demand(aws: Reader) -> Mapping[str, datetime]:
    rows = aws.list("dynamodb", "ListBackups", "BackupSummaries", BackupType="USER")
    return latest_by(rows, lambda row: row.get("TableName"), "BackupCreationDateTime", "BackupStatus")


def _described(aws: Reader, name: str) -> "_Table":
    table: dict[str, Any] = aws.get("dynamodb", "DescribeTable", TableName=name)["Table"]
    if not (table.get("TableArn") or table.get("TableName")):
        raise KeyError("TableArn")  # an empty description says nothing of the table
    return name, table


def _table(aws: Reader, name: str, table: dict[str, Any], scaled: "Maybe[Mapping[str, set[str]]]") -> Datastore:
    arn = table.get("TableArn") or aws.arn("dynamodb", f"table/{name}")
    pitr_days = part(aws, arn, lambda: _pitr_days(aws, name), "dynamodb:DescribeContinuousBackups")
    replicas = {
        replica.get("RegionName", "")
        for replica in table.get("Replicas", ())
        if replica.get("ReplicaStatus", "ACTIVE") == "ACTIVE"
    }
    return aws.fact(
        Datastore,
        resource=arn,
        name=name,
        product="dynamodb",
        status=table.get("TableStatus", ""),
        kind=StoreKind.KEY_VALUE,
        engine="dynamodb",
        zone_redundant=True,
        replica_regions=tuple(sorted(replicas - {"", aws.region})),
        backup_days=pitr_days,
        point_in_time_recovery=pitr_days if isinstance(pitr_days, Unread) else pitr_days > 0,
        deletion_protection=bool(table.get("DeletionProtectionEnabled")),
        capacity=_capacity(name, table, scaled),
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
    """The autoscaled dimensions of each table (`orders`) and index (`orders/index/by-day`)."""
    found: dict[str, set[str]] = {}
    for row in aws.list(
        "application-autoscaling", "DescribeScalableTargets", "ScalableTargets", ServiceNamespace="dynamodb"
    ):
        dimensions = found.setdefault(row.get("ResourceId", "").removeprefix("table/"), set())
        dimensions.add(row.get("ScalableDimension", ""))
    return found


def _capacity(name: str, table: dict[str, Any], scaled: "Maybe[Mapping[str, set[str]]]") -> "Maybe[Capacity | None]":
    if _on_demand(table):
        return Capacity.ON_DEMAND
    if isinstance(scaled, Unread):
        return scaled
    indexes = [f"{name}/index/{index.get('IndexName', '')}" for index in table.get("GlobalSecondaryIndexes") or ()]
    # A fixed index throttles the writes to its table: developer guide, "Global secondary indexes".
    grows = scaled.get(name, set()) >= _READ_AND_WRITE
    grows = grows and all(scaled.get(index, set()) >= _INDEX_READ_AND_WRITE for index in indexes)
    return Capacity.AUTOSCALED if grows else Capacity.FIXED


def _on_demand(table: dict[str, Any]) -> bool:
    return bool(table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST")


SOURCE = Source(
    name="aws_tables",
    facts=(Datastore,),
    shapes=(StoreKind.KEY_VALUE,),
    actions=(
        "dynamodb:ListTables",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:ListBackups",
        "application-autoscaling:DescribeScalableTargets",
        "tag:GetResources",
    ),
    read=read,
)
