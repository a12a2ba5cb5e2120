"""RDS, Aurora, DocumentDB and Neptune instances and clusters: zones, backups, replicas."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.parts.arn import parse_arn
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_DOCUMENT = {"docdb": "docdb", "neptune": "neptune"}
_GLOBAL = ("aurora", "docdb", "neptune")  # engines with global clusters


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per standalone instance and per cluster."""
    instances = aws.list("rds", "DescribeDBInstances", "DBInstances")
    clusters = aws.list("rds", "DescribeDBClusters", "DBClusters")
    for row in instances:
        if not row.get("DBClusterIdentifier"):
            yield _instance(aws, row)
    any_global = any(row["Engine"].startswith(_GLOBAL) for row in clusters)
    global_clusters = (
        aws.maybe(lambda: aws.list("rds", "DescribeGlobalClusters", "GlobalClusters")) if any_global else []
    )
    for row in clusters:
        name = row["DBClusterIdentifier"]
        members = [instance for instance in instances if instance.get("DBClusterIdentifier") == name]
        yield _cluster(aws, row, members, _global_cluster_of(row, global_clusters))


def _instance(aws: Reader, row: dict[str, Any]) -> Fact:
    backup_days = row.get("BackupRetentionPeriod", 0)
    standby = bool(row.get("MultiAZ"))
    zones = (row.get("AvailabilityZone", ""), row.get("SecondaryAvailabilityZone", ""))
    return aws.fact(
        Datastore,
        resource=row["DBInstanceArn"],
        name=row["DBInstanceIdentifier"],
        product="rds",
        tags=_tags(aws, row["DBInstanceArn"], row),
        kind=StoreKind.RELATIONAL,
        engine=row["Engine"],
        zones=aws.zone_ids(zones),
        zone_redundant=standby,
        nodes=2 if standby else 1,
        automatic_failover=standby,
        replica_regions=_other_regions(aws, row.get("ReadReplicaDBInstanceIdentifiers", ())),
        replica_of=_source_arn(aws, row.get("ReadReplicaSourceDBInstanceIdentifier", ""), "db"),
        backup_days=backup_days,
        point_in_time_recovery=backup_days > 0,
        deletion_protection=bool(row.get("DeletionProtection")),
        capacity=Capacity.FIXED,
        storage_autoscaling=row.get("MaxAllocatedStorage", 0) > row.get("AllocatedStorage", 0),
        minor_upgrades=bool(row.get("AutoMinorVersionUpgrade")),
        encryption_key=row.get("KmsKeyId", ""),
    )


def _cluster(
    aws: Reader, row: dict[str, Any], members: list[dict[str, Any]], global_cluster: "Maybe[Mapping[str, Any] | None]"
) -> Fact:
    engine, backup_days = row["Engine"], row.get("BackupRetentionPeriod", 0)
    zones = aws.zone_ids(member.get("AvailabilityZone", "") for member in members)
    nodes = max(len(members), len(row.get("DBClusterMembers", ())))
    serverless = "ServerlessV2ScalingConfiguration" in row or row.get("EngineMode") == "serverless"
    upgrades = [member["AutoMinorVersionUpgrade"] for member in members if "AutoMinorVersionUpgrade" in member]
    return aws.fact(
        Datastore,
        resource=row["DBClusterArn"],
        name=row["DBClusterIdentifier"],
        product=_DOCUMENT.get(engine, "rds"),
        tags=_tags(aws, row["DBClusterArn"], row),
        kind=StoreKind.DOCUMENT if engine in _DOCUMENT else StoreKind.RELATIONAL,
        engine=engine,
        zones=zones,
        zone_redundant=len(zones) > 1 or (bool(row.get("MultiAZ")) and nodes > 1),
        nodes=nodes,
        automatic_failover=nodes > 1,
        replica_regions=_replica_regions(aws, row, global_cluster),
        replica_of=_primary_arn(aws, row, global_cluster),
        backup_days=backup_days,
        point_in_time_recovery=backup_days > 0,
        deletion_protection=bool(row.get("DeletionProtection")),
        capacity=Capacity.AUTOSCALED if serverless else Capacity.FIXED,
        storage_autoscaling=True if engine.startswith(_GLOBAL) else None,
        minor_upgrades=all(upgrades) if upgrades else None,
        encryption_key=row.get("KmsKeyId", ""),
    )


def _global_cluster_of(
    row: Mapping[str, Any], global_clusters: "Maybe[list[dict[str, Any]]]"
) -> "Maybe[Mapping[str, Any] | None]":
    """The global cluster that a cluster belongs to, else None."""
    if isinstance(global_clusters, Unread):
        return global_clusters if row["Engine"].startswith(_GLOBAL) else None
    arn = row["DBClusterArn"]
    return next((global_cluster for global_cluster in global_clusters if arn in _member_arns(global_cluster)), None)


def _member_arns(global_cluster: Mapping[str, Any]) -> set[str]:
    members = global_cluster.get("GlobalClusterMembers", ())
    return {member["DBClusterArn"] for member in members} | {
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


def _primary_arn(aws: Reader, row: Mapping[str, Any], global_cluster: "Maybe[Mapping[str, Any] | None]") -> str:
    """The ARN of the primary that this cluster replicates; empty if it is a primary itself."""
    if not isinstance(global_cluster, Unread) and global_cluster:
        for member in global_cluster.get("GlobalClusterMembers", ()):
            if member.get("IsWriter") and member["DBClusterArn"] != row["DBClusterArn"]:
                return str(member["DBClusterArn"])
    return _source_arn(aws, row.get("ReplicationSourceIdentifier", ""), "cluster")


def _source_arn(aws: Reader, name: str, kind: str) -> str:
    return name if not name or name.startswith("arn:") else aws.arn("rds", f"{kind}:{name}")


def _other_regions(aws: Reader, names: Iterable[str]) -> tuple[str, ...]:
    """The other regions in these ARNs; a replica in the same region is given by name instead of ARN."""
    regions = {parse_arn(name).region for name in names if name.startswith("arn:")}
    return tuple(sorted(regions - {"", aws.region}))


def _tags(aws: Reader, arn: str, row: Mapping[str, Any]) -> Mapping[str, str]:
    return aws.tags(arn, tag_map(row["TagList"]) if row.get("TagList") else None)


SOURCE = Source(
    name="aws_databases",
    facts=(Datastore,),
    actions=(
        "rds:DescribeDBInstances",
        "rds:DescribeDBClusters",
        "rds:DescribeGlobalClusters",
        "ec2:DescribeAvailabilityZones",
        "tag:GetResources",
    ),
    read=read,
)
