"""Redshift Serverless namespaces: the zones of their workgroups, recovery points, snapshot schedules and copies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, if_exists, part
from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_SERVICE = "redshift-serverless"
# Management guide, "Snapshots and recovery points": a recovery point about every 30 minutes, kept for 24 hours.
_RECOVERY_POINT_DAYS = 1
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Related:
    """What belongs to namespaces and names them."""

    workgroups: Maybe[Rows]
    copies: Maybe[Rows]
    schedules: Maybe[Rows]

    def of(self, namespace: Mapping[str, Any]) -> "_Related":
        """What belongs to one namespace."""
        name = namespace.get("namespaceName")
        parts = (self.workgroups, self.copies, self.schedules)
        return _Related(*(rows if isinstance(rows, Unread) else _naming(name, rows) for rows in parts))


def _naming(namespace: str | None, rows: Rows) -> Maybe[Rows]:
    """The rows of a namespace; where none is found, one that names no namespace may be its."""
    found = [row for row in rows if namespace and row.get("namespaceName") == namespace]
    nameless = not namespace or any(not row.get("namespaceName") for row in rows)
    return Unread("the listing returned no namespaceName field") if rows and nameless and not found else found


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per namespace. A workgroup holds no data: it is the compute of its namespace."""
    namespaces = aws.list(_SERVICE, "ListNamespaces", "namespaces")
    if not namespaces:
        return
    related = _Related(
        aws.maybe(lambda: aws.list(_SERVICE, "ListWorkgroups", "workgroups")),
        aws.maybe(lambda: aws.list(_SERVICE, "ListSnapshotCopyConfigurations", "snapshotCopyConfigurations")),
        aws.maybe(lambda: aws.list(_SERVICE, "ListScheduledActions", "scheduledActions")),
    )
    subnets = Subnets.read(aws)
    identity = ItemIdentity[dict[str, Any]](f"{_SERVICE}:ListNamespaces", lambda row: row["namespaceArn"])
    yield from facts_of(aws, lambda row: _namespace(aws, row, subnets, related.of(row)), namespaces, identity)


def _namespace(aws: Reader, row: dict[str, Any], subnets: Subnets, related: _Related) -> Fact:
    workgroups, copies, schedules = related.workgroups, related.copies, related.schedules
    arn = row["namespaceArn"]
    placed = [] if isinstance(workgroups, Unread) else [group.get("subnetIds") or [] for group in workgroups]
    if not isinstance(copies, Unread) and any(not copy.get("destinationRegion") for copy in copies):
        copies = Unread("ListSnapshotCopyConfigurations returned no destinationRegion field")
    regions = [] if isinstance(copies, Unread) else [copy["destinationRegion"] for copy in copies]
    return aws.fact(
        Datastore,
        resource=arn,
        name=row.get("namespaceName") or row.get("namespaceId") or arn.rpartition("/")[2],
        product="redshiftserverless",
        status=row.get("status", ""),
        kind=StoreKind.WAREHOUSE,
        engine="redshift",
        zones=subnets.zones(name for ids in placed for name in ids),
        zone_redundant=workgroups if isinstance(workgroups, Unread) else _spread(placed, subnets),
        backup_days=schedules if isinstance(schedules, Unread) else _kept_days(aws, arn, schedules),
        backup_regions=copies
        if isinstance(copies, Unread)
        else tuple(sorted({region for region in regions if region and region != aws.region})),
        capacity=Capacity.ON_DEMAND,
        encryption_key="" if row.get("kmsKeyId") == "AWS_OWNED_KMS_KEY" else row.get("kmsKeyId", ""),
    )


def _spread(placed: Sequence[Sequence[str]], subnets: Subnets) -> "Maybe[bool]":
    """Whether every workgroup can move to another zone; the data itself is stored in several, so no workgroup is fine."""
    if any(not ids for ids in placed):
        return Unread("ListWorkgroups returned no subnets of a workgroup")
    answers = [subnets.in_several_zones(ids) for ids in placed]
    return next((answer for answer in answers if answer is not True), True)


def _kept_days(aws: Reader, arn: str, schedules: Rows) -> "Maybe[int]":
    """The longest retention of its scheduled snapshots in days, at least that of the recovery points."""
    days = part(aws, arn, lambda: [_days_of(aws, row["scheduledActionName"]) for row in schedules], _DESCRIBE)
    return days if isinstance(days, Unread) else max([_RECOVERY_POINT_DAYS, *days])


def _days_of(aws: Reader, name: str) -> int:
    found = if_exists(lambda: aws.get(_SERVICE, "GetScheduledAction", scheduledActionName=name))
    if found is None:
        return 0
    action = found["scheduledAction"]
    if action.get("state", "ACTIVE") != "ACTIVE":
        return 0
    days = int(action["targetAction"]["createSnapshot"]["retentionPeriod"])
    return _FOREVER_DAYS if days < 0 else days


_DESCRIBE = f"{_SERVICE}:GetScheduledAction"
_FOREVER_DAYS = 3653  # the longest retention that can be set (API reference, `CreateSnapshot`); -1 is without end

SOURCE = Source(
    name="aws_redshift_serverless",
    facts=(Datastore,),
    shapes=(StoreKind.WAREHOUSE,),
    actions=(
        f"{_SERVICE}:ListNamespaces",
        f"{_SERVICE}:ListWorkgroups",
        f"{_SERVICE}:ListSnapshotCopyConfigurations",
        f"{_SERVICE}:ListScheduledActions",
        _DESCRIBE,
        "ec2:DescribeSubnets",
        "tag:GetResources",
    ),
    read=read,
)
