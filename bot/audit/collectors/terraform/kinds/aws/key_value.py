"""DynamoDB, ElastiCache and MemoryDB. Defaults: Terraform's hashicorp/aws provider documentation of each type."""

from collections.abc import Iterable

from bot.audit.collectors.terraform.aws_parts import key_of, spread, zones_of
from bot.audit.collectors.terraform.resource import PlanResource, above, kind, told
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_PITR_DAYS = 35  # DynamoDB guide: unless `recovery_period_in_days` is shorter
_SCALED = {"dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits"}


def _table(row: PlanResource) -> Iterable[Fact]:
    """A table with its replicas, which are blocks of it or resources of their own."""
    pitr = row.flag_of("point_in_time_recovery.enabled")
    days = told(row.number_of("point_in_time_recovery.recovery_period_in_days", _PITR_DAYS), _PITR_DAYS)
    yield row.fact(
        Datastore,
        product="dynamodb",
        kind=StoreKind.KEY_VALUE,
        engine="dynamodb",
        zone_redundant=True,
        replica_regions=_replicas(row),
        backup_days=pitr if isinstance(pitr, Unread) else days if pitr else 0,
        point_in_time_recovery=pitr,
        deletion_protection=row.flag_of("deletion_protection_enabled"),
        capacity=_capacity(row),
        encryption_key=key_of(row, "server_side_encryption.kms_key_arn"),
    )


def _replicas(row: PlanResource) -> Maybe[tuple[str, ...]]:
    blocks = row.blocks("replica")
    own = () if isinstance(blocks, Unread) else [told(block.maybe(block.text, "region_name"), "") for block in blocks]
    copies = row.joined("aws_dynamodb_table_replica", "global_table_arn")
    regions = {*own, *(other.identity.region for other in copies.found)} - {"", row.identity.region}
    doubt = blocks if isinstance(blocks, Unread) else copies.doubt
    return tuple(sorted(regions)) if regions or not doubt else doubt


def _capacity(row: PlanResource) -> Maybe[Capacity | None]:
    mode = row.text_of("billing_mode", "PROVISIONED")
    if isinstance(mode, Unread):
        return mode
    if mode == "PAY_PER_REQUEST":
        return Capacity.ON_DEMAND
    targets = row.joined("aws_appautoscaling_target", "resource_id").found
    scaled = {target.plain("scalable_dimension") for target in targets}
    return Capacity.AUTOSCALED if scaled >= _SCALED else Capacity.FIXED


def _group(row: PlanResource) -> Iterable[Fact]:
    """A replication group; `multi_az_enabled` and `automatic_failover_enabled` are off unless set."""
    replicas, nodes = _replicas_per_shard(row), _nodes(row)
    copied = above(replicas, 0)
    failover, multi_az = row.flag_of("automatic_failover_enabled"), row.flag_of("multi_az_enabled")
    yield row.fact(
        Datastore,
        product="elasticache",
        name=row.plain("replication_group_id") or row.identity.name,
        kind=StoreKind.CACHE,
        engine=row.plain("engine", "redis"),
        zones=tuple(sorted(set(told(row.maybe(row.texts, "preferred_cache_cluster_azs"), ())))),
        zone_redundant=_both(multi_az, copied),
        nodes=nodes,
        automatic_failover=_both(failover, copied),
        replica_regions=_global_members(row),
        replica_of=row.identity_of("global_replication_group_id", "aws_elasticache_global_replication_group"),
        backup_days=row.number_of("snapshot_retention_limit", 0),
        capacity=Capacity.FIXED,
        minor_upgrades=row.flag_of("auto_minor_version_upgrade", default=True),
        encryption_key=key_of(row, "kms_key_id"),
    )


def _both(one: Maybe[bool], other: Maybe[bool]) -> Maybe[bool]:
    if one is False or other is False:
        return False
    return next((answer for answer in (one, other) if isinstance(answer, Unread)), True)


def _replicas_per_shard(row: PlanResource) -> Maybe[int]:
    """Replicas of each shard: set as such, in a block of older providers, or as the number of nodes with the primary."""
    for path in ("replicas_per_node_group", "cluster_mode.replicas_per_node_group"):
        if row.entry.values.get(path.partition(".")[0]):
            return row.number_of(path, 0)
    for path in ("num_cache_clusters", "number_cache_clusters"):
        if row.entry.values.get(path):
            total = row.number_of(path, 1)
            return total if isinstance(total, Unread) else total - 1
    own = row.number_of("num_cache_clusters", 1)
    return own if isinstance(own, Unread) else own - 1


def _nodes(row: PlanResource) -> int | None:
    replicas = _replicas_per_shard(row)
    shards = told(row.number_of("num_node_groups", 1), 1)
    return None if isinstance(replicas, Unread) else (replicas + 1) * shards


def _global_members(row: PlanResource) -> Maybe[tuple[str, ...]]:
    """The regions of the other groups of a global datastore: the secondaries name it, it names the primary."""
    path, made = "global_replication_group_id", "aws_elasticache_global_replication_group"
    stores = row.linked(path, made) or list(row.joined(made, "primary_replication_group_id").found)
    groups: dict[str, PlanResource] = {}
    for store in stores:
        for other in (
            *store.linked("primary_replication_group_id", row.resource_type),
            *store.joined(row.resource_type, path).found,
        ):
            groups[other.entry.address] = other
    regions = {other.identity.region for other in groups.values()} - {"", row.identity.region}
    return tuple(sorted(regions))


def _cluster(row: PlanResource) -> Iterable[Fact]:
    """A cluster of Memcached, or of one node of Redis. A member of a replication group is part of the group's fact."""
    if row.entry.values.get("replication_group_id") or row.links("replication_group_id").found:
        return
    memcached, zone = row.plain("engine") == "memcached", row.plain("availability_zone")
    several = row.plain("az_mode") == "cross-az"
    yield row.fact(
        Datastore,
        product="elasticache",
        name=row.plain("cluster_id") or row.identity.name,
        kind=StoreKind.CACHE,
        engine=row.plain("engine"),
        zones=(zone,) if zone and not several else (),
        zone_redundant=memcached and several,
        nodes=told(row.number_of("num_cache_nodes", 1), 1),
        automatic_failover=None if memcached else False,
        backup_days=None if memcached else row.number_of("snapshot_retention_limit", 0),
        capacity=Capacity.FIXED,
        minor_upgrades=told(row.flag_of("auto_minor_version_upgrade", default=True), otherwise=True),
    )


def _serverless(row: PlanResource) -> Iterable[Fact]:
    """A serverless cache, which keeps its data in several zones."""
    yield row.fact(
        Datastore,
        product="elasticache",
        kind=StoreKind.CACHE,
        engine=row.plain("engine"),
        zone_redundant=True,
        automatic_failover=True,
        backup_days=row.number_of("snapshot_retention_limit", 0),
        capacity=Capacity.ON_DEMAND,
        encryption_key=key_of(row, "kms_key_id"),
    )


def _memorydb(row: PlanResource) -> Iterable[Fact]:
    """A MemoryDB cluster: one shard with one replica unless set; a shard's replicas are put into other zones."""
    replicas = row.number_of("num_replicas_per_shard", 1)
    copied = above(replicas, 0)
    subnets = row.linked("subnet_group_name", "aws_memorydb_subnet_group")
    zones = zones_of(subnets[0], "subnet_ids") if subnets else Unread("its subnet group is not in the plan")
    yield row.fact(
        Datastore,
        product="memorydb",
        kind=StoreKind.KEY_VALUE,
        engine=row.plain("engine", "redis"),
        zone_redundant=_both(copied, spread(zones)) if subnets else copied,
        nodes=None if isinstance(replicas, Unread) else (replicas + 1) * told(row.number_of("num_shards", 1), 1),
        automatic_failover=copied,
        backup_days=row.number_of("snapshot_retention_limit", 0),
        minor_upgrades=told(row.flag_of("auto_minor_version_upgrade", default=True), otherwise=True),
        encryption_key=key_of(row, "kms_key_arn"),
    )


KINDS = (
    kind("aws_dynamodb_table", (Datastore,), _table),
    kind("aws_elasticache_replication_group", (Datastore,), _group),
    kind("aws_elasticache_cluster", (Datastore,), _cluster),
    kind("aws_elasticache_serverless_cache", (Datastore,), _serverless),
    kind("aws_memorydb_cluster", (Datastore,), _memorydb),
)
