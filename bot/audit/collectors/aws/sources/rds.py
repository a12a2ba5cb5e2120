"""RDS, and what shares its API (Aurora, DocumentDB, Neptune) -> Datastore: instances and clusters."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.parts.arn import parse_arn
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_DOCUMENT = {"docdb": "docdb", "neptune": "neptune"}
_GLOBAL = ("aurora", "docdb", "neptune")  # engines whose clusters may belong to a global one


def read(aws: Reader) -> Iterator[Fact]:
    """One Datastore for each instance that stands alone and for each cluster."""
    instances = aws.list("rds", "DescribeDBInstances", "DBInstances")
    clusters = aws.list("rds", "DescribeDBClusters", "DBClusters")
    for row in instances:
        if not row.get("DBClusterIdentifier"):
            yield _instance(aws, row)
    spread = any(row["Engine"].startswith(_GLOBAL) for row in clusters)
    worlds = aws.maybe(lambda: aws.list("rds", "DescribeGlobalClusters", "GlobalClusters")) if spread else []
    for row in clusters:
        name = row["DBClusterIdentifier"]
        members = [instance for instance in instances if instance.get("DBClusterIdentifier") == name]
        yield _cluster(aws, row, members, _world(row, worlds))


def _instance(aws: Reader, row: dict[str, Any]) -> Fact:
    kept = row.get("BackupRetentionPeriod", 0)
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
        replica_of=_source(aws, row.get("ReadReplicaSourceDBInstanceIdentifier", ""), "db"),
        backup_days=kept,
        point_in_time_recovery=kept > 0,
        deletion_protection=bool(row.get("DeletionProtection")),
        capacity=Capacity.FIXED,
        storage_autoscaling=row.get("MaxAllocatedStorage", 0) > row.get("AllocatedStorage", 0),
        minor_upgrades=bool(row.get("AutoMinorVersionUpgrade")),
        encryption_key=row.get("KmsKeyId", ""),
    )


def _cluster(
    aws: Reader, row: dict[str, Any], members: list[dict[str, Any]], world: "Maybe[Mapping[str, Any] | None]"
) -> Fact:
    engine, kept = row["Engine"], row.get("BackupRetentionPeriod", 0)
    zones = aws.zone_ids(member.get("AvailabilityZone", "") for member in members)
    nodes = max(len(members), len(row.get("DBClusterMembers", ())))
    elastic = "ServerlessV2ScalingConfiguration" in row or row.get("EngineMode") == "serverless"
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
        replica_regions=_live_copies(aws, row, world),
        replica_of=_writer(aws, row, world),
        backup_days=kept,
        point_in_time_recovery=kept > 0,
        deletion_protection=bool(row.get("DeletionProtection")),
        capacity=Capacity.AUTOSCALED if elastic else Capacity.FIXED,
        storage_autoscaling=True if engine.startswith(_GLOBAL) else None,
        minor_upgrades=all(upgrades) if upgrades else None,
        encryption_key=row.get("KmsKeyId", ""),
    )


def _world(row: Mapping[str, Any], worlds: "Maybe[list[dict[str, Any]]]") -> "Maybe[Mapping[str, Any] | None]":
    """The global cluster that a cluster belongs to."""
    if isinstance(worlds, Unread):
        return worlds if row["Engine"].startswith(_GLOBAL) else None
    mine = row["DBClusterArn"]
    return next((world for world in worlds if mine in _arns(world)), None)


def _arns(world: Mapping[str, Any]) -> set[str]:
    members = world.get("GlobalClusterMembers", ())
    return {member["DBClusterArn"] for member in members} | {
        arn for member in members for arn in member.get("Readers", ())
    }


def _live_copies(
    aws: Reader, row: Mapping[str, Any], world: "Maybe[Mapping[str, Any] | None]"
) -> "Maybe[tuple[str, ...]]":
    if isinstance(world, Unread):
        return world
    return _other_regions(aws, [*row.get("ReadReplicaIdentifiers", ()), *(_arns(world) if world else ())])


def _writer(aws: Reader, row: Mapping[str, Any], world: "Maybe[Mapping[str, Any] | None]") -> str:
    """The primary that this cluster copies, empty where it is one itself."""
    if not isinstance(world, Unread) and world:
        for member in world.get("GlobalClusterMembers", ()):
            if member.get("IsWriter") and member["DBClusterArn"] != row["DBClusterArn"]:
                return str(member["DBClusterArn"])
    return _source(aws, row.get("ReplicationSourceIdentifier", ""), "cluster")


def _source(aws: Reader, name: str, kind: str) -> str:
    return name if not name or name.startswith("arn:") else aws.arn("rds", f"{kind}:{name}")


def _other_regions(aws: Reader, names: Iterable[str]) -> tuple[str, ...]:
    """Regions of the ARNs among these names; a copy in the same region is told by its name alone."""
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
