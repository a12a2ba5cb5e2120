"""RDS, Aurora, DocumentDB and Neptune instances and clusters: zones, backups, replicas."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of
from bot.audit.collectors.aws.parts.arn import parse_arn
from bot.audit.collectors.aws.parts.manual_snapshots import latest_by, with_snapshots
from bot.audit.collectors.aws.parts.phases import phase_of
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, LifePhase, Maybe, StoreKind, Unread

_DOCUMENT = {"docdb": "docdb", "neptune": "neptune"}
_GLOBAL = ("aurora", "docdb", "neptune")  # engines with global clusters
_NO_NODES = (LifePhase.DELETED, LifePhase.STOPPED)


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per standalone instance and per cluster, and the snapshots of those without automated backups."""
    stores = [*_stores(aws)]
    instances = [store for store in stores if ":cluster:" not in store.resource]
    clusters = [store for store in stores if ":cluster:" in store.resource]
    yield from with_snapshots(aws, instances, lambda: _manual_snapshots(aws, "DBSnapshot", "DBInstanceIdentifier"))
    yield from with_snapshots(aws, clusters, lambda: _manual_snapshots(aws, "DBClusterSnapshot", "DBClusterIdentifier"))


def _manual_snapshots(aws: Reader, kind: str, store: str) -> Mapping[str, datetime]:
    rows = aws.list("rds", f"Describe{kind}s", f"{kind}s", SnapshotType="manual")
    return latest_by(rows, lambda row: row.get(store), "SnapshotCreateTime", "Status")


def _stores(aws: Reader) -> Iterator[Datastore]:
    instances = aws.list("rds", "DescribeDBInstances", "DBInstances")
    clusters = aws.list("rds", "DescribeDBClusters", "DBClusters")
    standalone = [row for row in instances if not row.get("DBClusterIdentifier")]
    instance = ItemIdentity[dict[str, Any]]("rds:DescribeDBInstances", lambda row: _arn_of(aws, row, "db"), _own_tags)
    yield from each_of(aws, lambda row: _instance(aws, row), standalone, instance, calls=False)
    any_global = any(_may_be_global(row) for row in clusters)
    global_clusters = (
        aws.maybe(lambda: aws.list("rds", "DescribeGlobalClusters", "GlobalClusters")) if any_global else []
    )
    members: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in instances:
        members[row.get("DBClusterIdentifier", "")].append(row)
    cluster = ItemIdentity[dict[str, Any]](
        "rds:DescribeDBClusters", lambda row: _arn_of(aws, row, "cluster"), _own_tags
    )
    yield from each_of(aws, lambda row: _cluster(aws, row, members, global_clusters), clusters, cluster, calls=False)


def _may_be_global(row: Mapping[str, Any]) -> bool:
    """Whether a cluster can belong to a global cluster, as far as its engine is told."""
    return bool(row.get("Engine", _GLOBAL[0]).startswith(_GLOBAL))


def _arn_of(aws: Reader, row: Mapping[str, Any], kind: str) -> str:
    prefix = "DBInstance" if kind == "db" else "DBCluster"
    return str(row.get(f"{prefix}Arn") or aws.arn("rds", f"{kind}:{row[f'{prefix}Identifier']}"))


def _own_tags(row: Mapping[str, Any]) -> Mapping[str, str] | None:
    return tag_map(row["TagList"]) if row.get("TagList") else None


def _told(row: Mapping[str, Any], field: str, operation: str) -> Any:
    """A field that RDS always returns, or why it is not known."""
    return row.get(field, Unread(f"{operation} returned no {field} field"))


def _instance(aws: Reader, row: dict[str, Any]) -> Datastore:
    arn, backup_days = _arn_of(aws, row, "db"), _told(row, "BackupRetentionPeriod", "DescribeDBInstances")
    standby = True if row.get("SecondaryAvailabilityZone") else _told(row, "MultiAZ", "DescribeDBInstances")
    zones = (row.get("AvailabilityZone", ""), row.get("SecondaryAvailabilityZone", ""))
    return aws.fact(
        Datastore,
        resource=arn,
        name=row.get("DBInstanceIdentifier") or arn.rpartition(":")[2],
        status=row.get("DBInstanceStatus", ""),
        product="rds",
        tags=aws.tags(arn, _own_tags(row)),
        kind=StoreKind.RELATIONAL,
        engine=row.get("Engine", ""),
        zones=aws.zone_ids(zones),
        zone_redundant=standby,
        nodes=None if isinstance(standby, Unread) else 1 + bool(standby),
        automatic_failover=standby,
        replica_regions=_other_regions(aws, _replicas_of(row)),
        replica_of=_source_arn(aws, row.get("ReadReplicaSourceDBInstanceIdentifier", ""), "db")
        or _source_arn(aws, row.get("ReadReplicaSourceDBClusterIdentifier", ""), "cluster"),
        backup_days=backup_days,
        backup_regions=_other_regions(aws, _replicated_backups(row)),
        point_in_time_recovery=backup_days if isinstance(backup_days, Unread) else backup_days > 0,
        deletion_protection=bool(row.get("DeletionProtection")),
        capacity=Capacity.FIXED,
        storage_autoscaling=row.get("MaxAllocatedStorage", 0) > row.get("AllocatedStorage", 0),
        minor_upgrades=bool(row.get("AutoMinorVersionUpgrade")),
        encryption_key=row.get("KmsKeyId", ""),
    )


def _cluster(
    aws: Reader,
    row: dict[str, Any],
    by_cluster: Mapping[str, list[dict[str, Any]]],
    global_clusters: "Maybe[list[dict[str, Any]]]",
) -> Datastore:
    arn, engine = _arn_of(aws, row, "cluster"), row.get("Engine", "")
    backup_days = _told(row, "BackupRetentionPeriod", "DescribeDBClusters")
    name = row.get("DBClusterIdentifier") or arn.rpartition(":")[2]
    members = by_cluster.get(name, [])
    global_cluster = _global_cluster_of(arn, row, global_clusters)
    working = [member for member in members if phase_of(member.get("DBInstanceStatus", "")) not in _NO_NODES]
    zones = aws.zone_ids(member.get("AvailabilityZone", "") for member in working)
    lost = len(members) - len(working)
    nodes = max(len(members), len(row.get("DBClusterMembers", ()))) - lost
    # User guide, "Aurora Serverless v1 and failover": the instance, which is not listed, is recreated in another zone.
    moves = row.get("EngineMode") == "serverless"
    serverless = moves or "ServerlessV2ScalingConfiguration" in row
    redundant = moves or (nodes > 1 and (len(zones) > 1 or _multi_az(row, working, nodes, lost=bool(lost))))
    upgrades = [member["AutoMinorVersionUpgrade"] for member in members if "AutoMinorVersionUpgrade" in member]
    return aws.fact(
        Datastore,
        resource=arn,
        name=name,
        status=row.get("Status", ""),
        product=_DOCUMENT.get(engine, "rds"),
        tags=aws.tags(arn, _own_tags(row)),
        kind=StoreKind.DOCUMENT if engine in _DOCUMENT else StoreKind.RELATIONAL,
        engine=engine,
        zones=zones,
        # Any reader takes over from the writer, so two zones are enough.
        zone_redundant=_unless_copy(redundant, global_cluster),
        nodes=nodes,
        automatic_failover=moves or nodes > 1,
        replica_regions=_replica_regions(aws, row, global_cluster),
        replica_of=_primary_arn(aws, arn, row, global_cluster),
        backup_days=backup_days,
        point_in_time_recovery=backup_days if isinstance(backup_days, Unread) else backup_days > 0,
        deletion_protection=_unless_copy(bool(row.get("DeletionProtection")), global_cluster),
        capacity=Capacity.AUTOSCALED if serverless else Capacity.FIXED,
        storage_autoscaling=True if engine.startswith(_GLOBAL) else None,
        minor_upgrades=all(upgrades) if upgrades else None,
        encryption_key=row.get("KmsKeyId", ""),
    )


def _unless_copy(value: Maybe[bool], global_cluster: "Maybe[Mapping[str, Any] | None]") -> Maybe[bool]:
    """What a cluster lacks is in doubt while it may be the copy of another one, which needs it not."""
    return global_cluster if isinstance(global_cluster, Unread) and value is False else value


def _multi_az(row: Mapping[str, Any], working: Sequence[Mapping[str, Any]], nodes: int, *, lost: bool) -> Maybe[bool]:
    """Whether RDS counts the instances of a cluster in several zones; not known where neither it nor they tell theirs."""
    if "MultiAZ" in row:
        return bool(row["MultiAZ"]) and not lost
    placed = sum(bool(member.get("AvailabilityZone")) for member in working)
    return Unread("DescribeDBClusters returned no MultiAZ field") if placed < nodes else False


def _global_cluster_of(
    arn: str, row: Mapping[str, Any], global_clusters: "Maybe[list[dict[str, Any]]]"
) -> "Maybe[Mapping[str, Any] | None]":
    """The global cluster that a cluster belongs to, else None."""
    if isinstance(global_clusters, Unread):
        return global_clusters if _may_be_global(row) else None
    return next((global_cluster for global_cluster in global_clusters if arn in _member_arns(global_cluster)), None)


def _member_arns(global_cluster: Mapping[str, Any]) -> set[str]:
    members = global_cluster.get("GlobalClusterMembers", ())
    return {member.get("DBClusterArn", "") for member in members} | {
        arn for member in members for arn in member.get("Readers", ())
    }


def _replica_regions(
    aws: Reader, row: Mapping[str, Any], global_cluster: "Maybe[Mapping[str, Any] | None]"
) -> "Maybe[tuple[str, ...]]":
    if isinstance(global_cluster, Unread):
        return global_cluster
    return _other_regions(
        aws, [*row.get("ReadReplicaIdentifiers", ()), *(_member_arns(global_cluster) if global_cluster else ())]
    )


def _primary_arn(
    aws: Reader, arn: str, row: Mapping[str, Any], global_cluster: "Maybe[Mapping[str, Any] | None]"
) -> str:
    """The ARN of the primary that this cluster replicates; empty if it is a primary itself."""
    if not isinstance(global_cluster, Unread) and global_cluster:
        for member in global_cluster.get("GlobalClusterMembers", ()):
            if member.get("IsWriter") and member.get("DBClusterArn", arn) != arn:
                return str(member["DBClusterArn"])
    return _source_arn(aws, row.get("ReplicationSourceIdentifier", ""), "cluster")


def _replicated_backups(row: Mapping[str, Any]) -> list[str]:
    """The ARNs of the automated backups that RDS replicates to other regions."""
    rows = row.get("DBInstanceAutomatedBackupsReplications", ())
    return [copy.get("DBInstanceAutomatedBackupsArn", "") for copy in rows]


def _replicas_of(row: Mapping[str, Any]) -> list[str]:
    return [*row.get("ReadReplicaDBInstanceIdentifiers", ()), *row.get("ReadReplicaDBClusterIdentifiers", ())]


def _source_arn(aws: Reader, name: str, kind: str) -> str:
    return name if not name or name.startswith("arn:") else aws.arn("rds", f"{kind}:{name}")


def _other_regions(aws: Reader, names: Iterable[str]) -> tuple[str, ...]:
    """The other regions in these ARNs; a replica in the same region is given by name instead of ARN."""
    regions = {parse_arn(name).region for name in names if name.startswith("arn:")}
    return tuple(sorted(regions - {"", aws.region}))


SOURCE = Source(
    name="aws_databases",
    facts=(Datastore,),
    shapes=(StoreKind.RELATIONAL, StoreKind.DOCUMENT),
    actions=(
        "rds:DescribeDBInstances",
        "rds:DescribeDBClusters",
        "rds:DescribeGlobalClusters",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBClusterSnapshots",
        "ec2:DescribeAvailabilityZones",
        "tag:GetResources",
    ),
    read=read,
)
