"""ElastiCache -> Datastore: replication groups, and the cache clusters that belong to none."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """One Datastore each."""
    groups = aws.list("elasticache", "DescribeReplicationGroups", "ReplicationGroups")
    clusters = aws.list("elasticache", "DescribeCacheClusters", "CacheClusters", ShowCacheNodeInfo=True)
    spread = any(row.get("GlobalReplicationGroupInfo") for row in groups)
    worlds = aws.maybe(lambda: _worlds(aws)) if spread else {}
    for row in groups:
        members = [cluster for cluster in clusters if cluster.get("ReplicationGroupId") == row["ReplicationGroupId"]]
        yield _group(aws, row, members, worlds)
    for row in clusters:
        if not row.get("ReplicationGroupId"):
            yield _cluster(aws, row)


def _group(
    aws: Reader, row: dict[str, Any], members: list[dict[str, Any]], worlds: "Maybe[Mapping[str, dict[str, str]]]"
) -> Fact:
    name, info = row["ReplicationGroupId"], row.get("GlobalReplicationGroupInfo", {})
    shards = [node for shard in row.get("NodeGroups", ()) for node in shard.get("NodeGroupMembers", ())]
    zones = {node.get("PreferredAvailabilityZone", "") for node in shards}
    zones |= {member.get("PreferredAvailabilityZone", "") for member in members}
    upgrades = [row["AutoMinorVersionUpgrade"]] if "AutoMinorVersionUpgrade" in row else _upgrades(members)
    world: Maybe[Mapping[str, str]] = {}
    if info:
        world = worlds if isinstance(worlds, Unread) else worlds.get(info.get("GlobalReplicationGroupId", ""), {})
    return aws.fact(
        Datastore,
        resource=row.get("ARN") or aws.arn("elasticache", f"replicationgroup:{name}"),
        name=name,
        product="elasticache",
        kind=StoreKind.CACHE,
        engine=row.get("Engine", "redis"),
        zones=aws.zone_ids(zones - {"Multiple"}),
        zone_redundant=row.get("MultiAZ") in ("enabled", True),
        nodes=len(row.get("MemberClusters", ())) or len(shards) or None,
        automatic_failover=row.get("AutomaticFailover") in ("enabled", "enabling"),
        replica_regions=world if isinstance(world, Unread) else tuple(sorted(set(world) - {aws.region})),
        replica_of=_primary(world, info),
        backup_days=row.get("SnapshotRetentionLimit", 0),
        capacity=Capacity.FIXED,
        minor_upgrades=all(upgrades) if upgrades else None,
        encryption_key=row.get("KmsKeyId", ""),
    )


def _primary(world: "Maybe[Mapping[str, str]]", info: Mapping[str, Any]) -> str:
    if info.get("GlobalReplicationGroupMemberRole") != "SECONDARY" or isinstance(world, Unread):
        return ""
    return next((group for group in world.values() if group.startswith("primary ")), "").removeprefix("primary ")


def _cluster(aws: Reader, row: dict[str, Any]) -> Fact:
    name = row["CacheClusterId"]
    nodes = row.get("CacheNodes", ())
    zones = {node.get("CustomerAvailabilityZone", "") for node in nodes} or {row.get("PreferredAvailabilityZone", "")}
    ids = aws.zone_ids(zones - {"Multiple"})
    return aws.fact(
        Datastore,
        resource=row.get("ARN") or aws.arn("elasticache", f"cluster:{name}"),
        name=name,
        product="elasticache",
        kind=StoreKind.CACHE,
        engine=row.get("Engine", ""),
        zones=ids,
        zone_redundant=len(ids) > 1,
        nodes=row.get("NumCacheNodes"),
        automatic_failover=False,
        backup_days=row.get("SnapshotRetentionLimit", 0),
        capacity=Capacity.FIXED,
        minor_upgrades=row.get("AutoMinorVersionUpgrade"),
    )


def _worlds(aws: Reader) -> dict[str, dict[str, str]]:
    """Members of each global datastore: region -> group, the primary's marked."""
    rows = aws.list("elasticache", "DescribeGlobalReplicationGroups", "GlobalReplicationGroups", ShowMemberInfo=True)
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        members = row.get("Members", ())
        found[row["GlobalReplicationGroupId"]] = {
            member["ReplicationGroupRegion"]: ("primary " if member.get("Role") == "PRIMARY" else "")
            + aws.at(member["ReplicationGroupRegion"]).arn(
                "elasticache", f"replicationgroup:{member['ReplicationGroupId']}"
            )
            for member in members
        }
    return found


def _upgrades(members: list[dict[str, Any]]) -> list[bool]:
    return [bool(member["AutoMinorVersionUpgrade"]) for member in members if "AutoMinorVersionUpgrade" in member]


SOURCE = Source(
    name="aws_caches",
    facts=(Datastore,),
    actions=(
        "elasticache:DescribeReplicationGroups",
        "elasticache:DescribeCacheClusters",
        "elasticache:DescribeGlobalReplicationGroups",
        "ec2:DescribeAvailabilityZones",
        "tag:GetResources",
    ),
    read=read,
)
