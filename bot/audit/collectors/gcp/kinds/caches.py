"""Memorystore and Filestore. Shapes: Memorystore APIs for Redis v1, Redis Cluster v1, Valkey v1 and Memcached v1; Filestore API v1."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.engine.google_places import zone_in
from bot.audit.collectors.gcp.asset import Asset, key_of
from bot.audit.collectors.gcp.backups import backups_of
from bot.audit.collectors.gcp.kinds_of import kind
from bot.audit.collectors.gcp.moments import days_of
from checks import GLOBAL, Backup, Capacity, Datastore, Fact, StoreKind

_REDIS_CLUSTER: Final = "redis.googleapis.com/Cluster"
_VALKEY: Final = "memorystore.googleapis.com/Instance"
_FILE_BACKUP: Final = "file.googleapis.com/Backup"
_SEVERAL_ZONES: Final = frozenset({"ENTERPRISE", "REGIONAL"})
"""The tiers of Filestore whose instances are in several zones (Filestore documentation, "Service tiers")."""
JOINED = (_FILE_BACKUP,)


def _redis(asset: Asset) -> Iterable[Fact]:
    """A Redis instance: the standard tier has a replica in another zone. Unless set it evicts keys that have a TTL."""
    high = asset.text("tier") == "STANDARD_HA"
    untold = None if asset.told("tier") else asset.missing("tier")
    zones = {*zone_in(asset.text("locationId")), *zone_in(asset.text("alternativeLocationId"))}
    zones |= {zone for node in asset.rows("nodes") for zone in zone_in(node.text("zone"))}
    yield asset.fact(
        Datastore,
        product="redis",
        kind=StoreKind.CACHE,
        engine="redis",
        zones=tuple(sorted(zones)),
        zone_redundant=untold or high,
        nodes=None if untold else (asset.number("replicaCount") or 1) + 1 if high else 1,
        automatic_failover=untold or high,
        capacity=Capacity.FIXED,
        evicts=asset.labels("redisConfigs").get("maxmemory-policy") != "noeviction",
        encryption_key=key_of(asset.text("customerManagedKey")),
        status=asset.text("state"),
    )


def _cluster(asset: Asset) -> Iterable[Fact]:
    """A cluster of Redis or Valkey: its replicas are in other zones unless it is told to use one."""
    valkey = asset.resource_type == _VALKEY
    replicas, shards = asset.number("replicaCount") or 0, asset.number("shardCount") or 0
    single = asset.text("zoneDistributionConfig.mode") == "SINGLE_ZONE"
    settings, copying = asset.labels("engineConfigs" if valkey else "redisConfigs"), _Replication(asset, valkey=valkey)
    yield asset.fact(
        Datastore,
        product="valkey" if valkey else "redis",
        kind=StoreKind.CACHE,
        engine="valkey" if valkey else "redis",
        zones=zone_in(asset.text("zoneDistributionConfig.zone")) if single else (),
        zone_redundant=replicas > 0 and not single,
        nodes=shards * (replicas + 1) or None,
        automatic_failover=replicas > 0,
        replica_regions=copying.regions,
        replica_of=copying.primary,
        backup_days=_cache_days(asset),
        deletion_protection=bool(asset.flag("deletionProtectionEnabled")),
        evicts=settings.get("maxmemory-policy") != "noeviction",
        encryption_key=key_of(asset.text("kmsKey")),
        status=asset.text("state"),
    )


def _cache_days(asset: Asset) -> int:
    if asset.text("automatedBackupConfig.automatedBackupMode") != "ENABLED":
        return 0
    return days_of(asset.text("automatedBackupConfig.retention"))


class _Replication:
    """Where a cluster is replicated to, and from."""

    def __init__(self, asset: Asset, *, valkey: bool) -> None:
        one, word = ("instance", "Instance") if valkey else ("cluster", "Cluster")
        config = asset.row(f"cross{word}ReplicationConfig")
        others = [asset.estate.find(row.text(one)) for row in config.rows(f"secondary{word}s")]
        regions = {other.identity.region for other in others if other} - {asset.identity.region, GLOBAL}
        named = config.text(f"primary{word}.{one}")
        second = config.text(f"{one}Role") == "SECONDARY"
        self.regions = tuple(sorted(regions))
        self.primary = f"//{asset.resource_type.partition('/')[0]}/{named}" if second and named else ""


def _memcache(asset: Asset) -> Iterable[Fact]:
    """A Memcached instance, whose nodes are spread over its zones; clients go on with those that are left."""
    zones, count = asset.texts("zones"), asset.number("nodeCount")
    yield asset.fact(
        Datastore,
        product="memcache",
        kind=StoreKind.CACHE,
        engine="memcached",
        zones=tuple(sorted(zones)),
        zone_redundant=len(zones) != 1 and (count or 1) > 1,
        nodes=count or 1,
        capacity=Capacity.FIXED,
        status=asset.text("state"),
    )


def _filestore(asset: Asset) -> Iterable[Fact]:
    """A Filestore instance with its backups, which are made by hand: Filestore has no schedule of its own."""
    yield asset.fact(
        Datastore,
        product="filestore",
        kind=StoreKind.FILE,
        engine="nfs",
        zones=zone_in(asset.location),
        zone_redundant=asset.text("tier") in _SEVERAL_ZONES,
        deletion_protection=bool(asset.flag("deletionProtectionEnabled")),
        encryption_key=key_of(asset.text("kmsKeyName")),
        status=asset.text("state"),
    )
    backups = [made for made in asset.naming_this(_FILE_BACKUP, "sourceInstance") if made.word("state") == "READY"]
    yield from backups_of(asset, backups, "createTime", "filestore")


KINDS = (
    kind("redis.googleapis.com/Instance", (Datastore,), _redis),
    kind(_REDIS_CLUSTER, (Datastore,), _cluster),
    kind(_VALKEY, (Datastore,), _cluster),
    kind("memcache.googleapis.com/Instance", (Datastore,), _memcache),
    kind("file.googleapis.com/Instance", (Datastore, Backup), _filestore),
)
