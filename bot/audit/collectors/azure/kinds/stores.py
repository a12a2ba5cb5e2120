"""Caches, search services and file volumes (REST references of Redis, AI Search and Azure NetApp Files)."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource, regions_of
from bot.audit.collectors.azure.kinds_of import kind
from checks import Capacity, Datastore, Fact, StoreKind, Unread

_CACHE: Final = "microsoft.cache/redis"
_EVICTS_WITH_TTL: Final = "volatile-lru"  # what Azure sets
_LINKS: Final = "properties.linkedServers[].id"


_IN_POLICY: Final = Unread("how long backups are kept is in the backup policy of the NetApp account, which is not read")


def _redis(cache: AzureResource) -> Iterable[Fact]:
    """A cache: Basic has one node, Standard two; only zones, named or chosen by Azure, put them apart."""
    sku = (cache.text("properties.sku.name") or cache.text("sku.name")).lower()
    zones, chosen = cache.zones, cache.text("properties.zonalAllocationPolicy").lower()
    copies = cache.number("properties.replicasPerPrimary") or cache.number("properties.replicasPerMaster") or 1
    linked = [
        other for arm in cache.ids(_LINKS) for other in cache.estate.naming(arm.rpartition("/")[2], _CACHE, "name")
    ]
    policy = cache.text("properties.redisConfiguration.maxmemory-policy", _EVICTS_WITH_TTL).lower()
    yield cache.fact(
        Datastore,
        product="redis",
        kind=StoreKind.CACHE,
        engine="redis",
        status=cache.text("properties.provisioningState"),
        zones=zones,
        zone_redundant=(len(zones) > 1 or chosen == "automatic") and sku != "basic",
        nodes=1 if sku == "basic" else (1 + copies) * (cache.number("properties.shardCount") or 1),
        automatic_failover=sku != "basic",
        replica_regions=regions_of(linked, without=cache.region),
        deletion_protection=cache.locked,
        capacity=Capacity.FIXED,
        evicts=policy != "noeviction",
    )


def _enterprise(cache: AzureResource) -> Iterable[Fact]:
    """Azure Managed Redis, and the Enterprise tiers before it: two nodes unless high availability is off."""
    zones, mode = cache.zones, cache.text("properties.redundancyMode").upper()
    ready = mode != "NR" and cache.text("properties.highAvailability", "Enabled").lower() != "disabled"
    yield cache.fact(
        Datastore,
        product="managedredis",
        kind=StoreKind.CACHE,
        engine="redis",
        status=cache.text("properties.resourceState") or cache.text("properties.provisioningState"),
        zones=zones,
        zone_redundant=ready and (mode == "ZR" or len(zones) > 1),
        nodes=2 if ready else 1,
        automatic_failover=ready,
        deletion_protection=cache.locked,
        capacity=Capacity.FIXED,
    )


def _search(service: AzureResource) -> Iterable[Fact]:
    """A search service: Azure spreads two and more replicas over zones, in tiers from Standard on."""
    replicas = service.number("properties.replicaCount") or 1
    several = replicas > 1 and service.text("sku.name").lower() not in ("free", "basic")
    yield service.fact(
        Datastore,
        product="search",
        kind=StoreKind.SEARCH,
        engine="search",
        status=service.text("properties.status") or service.text("properties.provisioningState"),
        zone_redundant=several,
        nodes=replicas,
        automatic_failover=replicas > 1,
        deletion_protection=service.locked,
        capacity=Capacity.FIXED,
    )


def _volume(volume: AzureResource) -> Iterable[Fact]:
    """A volume of Azure NetApp Files in one zone; a replication to another region has it as its source."""
    remote = volume.text("properties.dataProtection.replication.remoteVolumeResourceId").lower()
    is_copy = volume.text("properties.dataProtection.replication.endpointType").lower() == "dst"
    other = volume.estate.by_id.get(remote)
    yield volume.fact(
        Datastore,
        product="netapp",
        kind=StoreKind.FILE,
        engine="netapp",
        name=volume.identity.name.rpartition("/")[2],
        status=volume.text("properties.provisioningState"),
        zones=volume.zones,
        zone_redundant=False,
        replica_of=remote if is_copy else "",
        replica_regions=regions_of([other], without=volume.region) if other and not is_copy else (),
        backup_days=_IN_POLICY if volume.told("properties.dataProtection.backup.backupPolicyId") else 0,
        deletion_protection=volume.locked,
    )


KINDS = (
    kind("Microsoft.Cache/redis", (Datastore,), _redis),
    kind("Microsoft.Cache/redisEnterprise", (Datastore,), _enterprise),
    kind("Microsoft.Search/searchServices", (Datastore,), _search),
    kind("Microsoft.NetApp/netAppAccounts/capacityPools/volumes", (Datastore,), _volume),
)
