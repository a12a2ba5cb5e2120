"""ElastiCache replication groups and standalone clusters: zones, failover, replicas, backups."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per replication group and per standalone cluster."""
    groups = aws.list("elasticache", "DescribeReplicationGroups", "ReplicationGroups")
    clusters = aws.list("elasticache", "DescribeCacheClusters", "CacheClusters", ShowCacheNodeInfo=True)
    any_global = any(row.get("GlobalReplicationGroupInfo") for row in groups)
    global_stores = aws.maybe(lambda: _global_stores(aws)) if any_global else {}
    for row in groups:
        members = [cluster for cluster in clusters if cluster.get("ReplicationGroupId") == row["ReplicationGroupId"]]
        yield _group(aws, row, members, global_stores)
    for row in clusters:
        if not row.get("ReplicationGroupId"):
            yield _cluster(aws, row)


def _group(
    aws: Reader,
    row: dict[str, Any],
    members: list[dict[str, Any]],
    global_stores: "Maybe[Mapping[str, dict[str, str]]]",
) -> Fact:
    name, info = row["ReplicationGroupId"], row.get("GlobalReplicationGroupInfo", {})
    shards = [node for shard in row.get("NodeGroups", ()) for node in shard.get("NodeGroupMembers", ())]
    zones = {node.get("PreferredAvailabilityZone", "") for node in shards}
    zones |= {member.get("PreferredAvailabilityZone", "") for member in members}
    upgrades = [row["AutoMinorVersionUpgrade"]] if "AutoMinorVersionUpgrade" in row else _minor_upgrades(members)
    global_store: Maybe[Mapping[str, str]] = {}
    if info:
        global_store = (
            global_stores
            if isinstance(global_stores, Unread)
            else global_stores.get(info.get("GlobalReplicationGroupId", ""), {})
        )
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
        replica_regions=global_store
        if isinstance(global_store, Unread)
        else tuple(sorted(set(global_store) - {aws.region})),
        replica_of=_primary_arn(global_store, info),
        backup_days=row.get("SnapshotRetentionLimit", 0),
        capacity=Capacity.FIXED,
        minor_upgrades=all(upgrades) if upgrades else None,
        encryption_key=row.get("KmsKeyId", ""),
    )


def _primary_arn(global_store: "Maybe[Mapping[str, str]]", info: Mapping[str, Any]) -> str:
    if info.get("GlobalReplicationGroupMemberRole") != "SECONDARY" or isinstance(global_store, Unread):
        return ""
    return next((group for group in global_store.values() if group.startswith("primary ")), "").removeprefix("primary ")


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


def _global_stores(aws: Reader) -> dict[str, dict[str, str]]:
    """The members of each global datastore: region -> ARN of the group, with `primary ` before the primary's."""
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


def _minor_upgrades(members: list[dict[str, Any]]) -> list[bool]:
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
