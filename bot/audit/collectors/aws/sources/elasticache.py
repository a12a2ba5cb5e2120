"""ElastiCache replication groups and standalone clusters: zones, failover, replicas, backups."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_NO_RETENTION = Unread("the description of the cache returned no SnapshotRetentionLimit field")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per replication group and per standalone cluster."""
    groups = aws.list("elasticache", "DescribeReplicationGroups", "ReplicationGroups")
    clusters = aws.list("elasticache", "DescribeCacheClusters", "CacheClusters", ShowCacheNodeInfo=True)
    any_global = any(row.get("GlobalReplicationGroupInfo") for row in groups)
    global_stores = aws.maybe(lambda: _global_stores(aws)) if any_global else {}
    members: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in clusters:
        members[row.get("ReplicationGroupId", "")].append(row)
    of_group = ItemIdentity[dict[str, Any]]("elasticache:DescribeReplicationGroups", lambda row: _group_arn(aws, row))
    of_cluster = ItemIdentity[dict[str, Any]]("elasticache:DescribeCacheClusters", lambda row: _cluster_arn(aws, row))
    yield from facts_of(aws, lambda row: _group(aws, row, members, global_stores), groups, of_group)
    yield from facts_of(aws, lambda row: _cluster(aws, row), members[""], of_cluster)


def _group_arn(aws: Reader, row: dict[str, Any]) -> str:
    return str(row.get("ARN") or aws.arn("elasticache", f"replicationgroup:{row['ReplicationGroupId']}"))


def _cluster_arn(aws: Reader, row: dict[str, Any]) -> str:
    return str(row.get("ARN") or aws.arn("elasticache", f"cluster:{row['CacheClusterId']}"))


def _group(
    aws: Reader,
    row: dict[str, Any],
    by_group: Mapping[str, list[dict[str, Any]]],
    global_stores: "Maybe[Mapping[str, dict[str, str]]]",
) -> Fact:
    arn, info = _group_arn(aws, row), row.get("GlobalReplicationGroupInfo", {})
    name = row.get("ReplicationGroupId") or arn.rpartition(":")[2]
    members = by_group.get(name, [])
    shards = [node for shard in row.get("NodeGroups", ()) for node in shard.get("NodeGroupMembers", ())]
    copied = _every_shard_has_replica(row)
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
        resource=arn,
        name=name,
        product="elasticache",
        status=row.get("Status", ""),
        kind=StoreKind.CACHE,
        engine=row.get("Engine", "redis"),
        zones=aws.zone_ids(zones - {"Multiple"}),
        zone_redundant=_multi_az(row, copied=copied),
        nodes=len(row.get("MemberClusters", ())) or len(shards) or None,
        # A group of shards has it switched on also where no shard has a replica to fail over to.
        automatic_failover=row.get("AutomaticFailover") in ("enabled", "enabling") and copied,
        replica_regions=global_store
        if isinstance(global_store, Unread)
        else tuple(sorted(set(global_store) - {aws.region})),
        replica_of=_primary_arn(global_store, info),
        backup_days=row.get("SnapshotRetentionLimit", _NO_RETENTION),
        capacity=Capacity.FIXED,
        minor_upgrades=all(upgrades) if upgrades else None,
        evicts=_evicts(aws, arn, members[0]) if members else Unread("DescribeCacheClusters returned no node of it"),
        encryption_key=row.get("KmsKeyId", ""),
    )


def _every_shard_has_replica(row: Mapping[str, Any]) -> bool:
    """Whether each shard has a second node, as far as the nodes are told."""
    sizes = [len(shard["NodeGroupMembers"]) for shard in row.get("NodeGroups", ()) if shard.get("NodeGroupMembers")]
    return min(sizes or [len(row["MemberClusters"]) if row.get("MemberClusters") else 2]) > 1


def _multi_az(row: Mapping[str, Any], *, copied: bool) -> Maybe[bool]:
    """Whether the group survives the loss of a zone: with the setting off, nothing keeps its copies in other zones."""
    if not copied:
        return False
    setting = row.get("MultiAZ", Unread("DescribeReplicationGroups returned no MultiAZ field"))
    return setting if isinstance(setting, Unread) else setting in ("enabled", True)


def _primary_arn(global_store: "Maybe[Mapping[str, str]]", info: Mapping[str, Any]) -> str:
    if info.get("GlobalReplicationGroupMemberRole") != "SECONDARY":
        return ""
    groups = () if isinstance(global_store, Unread) else global_store.values()
    primary = next((group for group in groups if group.startswith("primary ")), "").removeprefix("primary ")
    return primary or str(info.get("GlobalReplicationGroupId", "an unknown group"))


def _cluster(aws: Reader, row: dict[str, Any]) -> Fact:
    arn = _cluster_arn(aws, row)
    nodes = row.get("CacheNodes", ())
    zones = {node.get("CustomerAvailabilityZone", "") for node in nodes}
    if not zones or "" in zones:
        zones |= {row.get("PreferredAvailabilityZone", "")}
    ids = aws.zone_ids(zones - {"Multiple"})
    memcached = row.get("Engine") == "memcached"
    untold = None if row.get("Engine") else Unread("DescribeCacheClusters returned no Engine field")
    return aws.fact(
        Datastore,
        resource=arn,
        name=row.get("CacheClusterId") or arn.rpartition(":")[2],
        product="elasticache",
        status=row.get("CacheClusterStatus", ""),
        kind=StoreKind.CACHE,
        engine=row.get("Engine", ""),
        zones=ids,
        # Clients of Memcached go on with the nodes that are left; it has neither replicas nor snapshots.
        zone_redundant=untold or (memcached and (len(ids) > 1 or "Multiple" in zones)),
        nodes=row.get("NumCacheNodes"),
        automatic_failover=untold or (None if memcached else False),
        backup_days=untold or (None if memcached else row.get("SnapshotRetentionLimit", _NO_RETENTION)),
        capacity=Capacity.FIXED,
        minor_upgrades=row.get("AutoMinorVersionUpgrade"),
        evicts=untold or (None if memcached else _evicts(aws, arn, row)),
    )


def _evicts(aws: Reader, arn: str, node: Mapping[str, Any]) -> Maybe[bool]:
    """Whether a full cache drops keys. The parameter groups of AWS do (user guide, "Valkey and Redis OSS parameters")."""
    name = node.get("CacheParameterGroup", {}).get("CacheParameterGroupName")
    if name is None:
        return Unread("DescribeCacheClusters returned no parameter group")
    if name.startswith("default."):
        return True
    changed = part(aws, arn, lambda: _changed(aws, name), "elasticache:DescribeCacheParameters")
    return changed if isinstance(changed, Unread) else changed.get("maxmemory-policy") != "noeviction"


def _changed(aws: Reader, group: str) -> dict[str, str]:
    """The parameters of a group that differ from its family: one call for all caches that use the group."""
    wanted = {"CacheParameterGroupName": group, "Source": "user"}
    rows = aws.list("elasticache", "DescribeCacheParameters", "Parameters", **wanted)
    return {row.get("ParameterName", ""): row.get("ParameterValue", "") for row in rows}


def _global_stores(aws: Reader) -> dict[str, dict[str, str]]:
    """The members of each global datastore: region -> ARN of the group, with `primary ` before the primary's."""
    rows = aws.list("elasticache", "DescribeGlobalReplicationGroups", "GlobalReplicationGroups", ShowMemberInfo=True)
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        members = [
            member
            for member in row.get("Members", ())
            if member.get("ReplicationGroupRegion") and member.get("ReplicationGroupId")
        ]
        found[row.get("GlobalReplicationGroupId", "")] = {
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
    shapes=(StoreKind.CACHE,),
    actions=(
        "elasticache:DescribeReplicationGroups",
        "elasticache:DescribeCacheClusters",
        "elasticache:DescribeGlobalReplicationGroups",
        "elasticache:DescribeCacheParameters",
        "ec2:DescribeAvailabilityZones",
        "tag:GetResources",
    ),
    read=read,
)
