"""Databases, caches and storage accounts of Azure. Defaults: documentation of Terraform's hashicorp/azurerm provider."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.engine.azure_regions import azure_region, paired_region
from bot.audit.collectors.terraform.azure_locks import locked
from bot.audit.collectors.terraform.gaps import NOT_USED
from bot.audit.collectors.terraform.resource import PlanResource, kind, told
from checks import Capacity, Datastore, Fact, Maybe, ObjectStore, StoreKind, Unread

_SQL_DAYS: Final = 7  # Azure SQL keeps backups for point-in-time restore for 7 days unless set
_COSMOS_CONTINUOUS: Final = {"Continuous7Days": 7, "Continuous30Days": 30}
_ELSEWHERE: Final = ("GRS", "RAGRS", "GZRS", "RAGZRS")
_OVER_ZONES: Final = ("ZRS", "GZRS", "RAGZRS")


def _sql(row: PlanResource) -> Iterable[Fact]:
    """A database of Azure SQL: zone redundant where set; backups are stored in the paired region unless set."""
    servers = row.linked("server_id", "azurerm_mssql_server")
    server = servers[0].identity if servers else row.identity
    serverless = "_S_" in row.plain("sku_name")
    yield row.fact(
        Datastore,
        product="sql",
        account=row.identity.account or server.account,
        region=row.identity.region or server.region,
        kind=StoreKind.RELATIONAL,
        engine="sqlserver",
        zone_redundant=row.flag_of("zone_redundant"),
        automatic_failover=_failover_group(row) or row.flag_of("zone_redundant"),
        replica_regions=_sql_replicas(row),
        replica_of=row.identity_of("creation_source_database_id", "azurerm_mssql_database")
        if row.plain("create_mode") in {"Secondary", "OnlineSecondary"}
        else "",
        backup_days=row.number_of("short_term_retention_policy.retention_days", _SQL_DAYS),
        backup_regions=_paired(
            row.text_of("storage_account_type", "Geo"), ("Geo", "GeoZone"), row.identity.region or server.region
        ),
        point_in_time_recovery=True,
        deletion_protection=locked(row),
        capacity=Capacity.AUTOSCALED if serverless else Capacity.FIXED,
    )


def _paired(kind_of: Maybe[str], elsewhere: Iterable[str], region: str) -> Maybe[tuple[str, ...]]:
    if isinstance(kind_of, Unread):
        return kind_of
    return (paired_region(region),) if kind_of in elsewhere else ()


def _failover_group(row: PlanResource) -> bool:
    return bool(row.joined("azurerm_mssql_failover_group", "databases").found)


def _sql_replicas(row: PlanResource) -> Maybe[tuple[str, ...]]:
    """The regions of secondaries: databases that are created from this one, and partners of its failover groups."""
    copies = row.joined("azurerm_mssql_database", "creation_source_database_id")
    groups = row.joined("azurerm_mssql_failover_group", "databases")
    servers = [server for copy in copies.found for server in copy.linked("server_id", "azurerm_mssql_server")]
    servers += [
        server for group in groups.found for server in group.linked("partner_server.id", "azurerm_mssql_server")
    ]
    own = {server.identity.region for server in row.linked("server_id", "azurerm_mssql_server")}
    regions = {server.identity.region for server in servers} - own - {""}
    return tuple(sorted(regions)) if regions else copies.doubt or groups.doubt or ()


def _flexible(row: PlanResource) -> Iterable[Fact]:
    """A flexible server of PostgreSQL or MySQL: one zone, seven days of backups in its own region unless set."""
    blocks = row.blocks("high_availability")
    mode = blocks if isinstance(blocks, Unread) else row.text_of("high_availability.mode") if blocks else ""
    engine = "postgresql" if "postgresql" in row.resource_type else "mysql"
    replicas = row.joined(row.resource_type, "source_server_id")
    geo = row.flag_of("geo_redundant_backup_enabled")
    days = row.number_of("backup_retention_days", 7)
    yield row.fact(
        Datastore,
        product=engine,
        kind=StoreKind.RELATIONAL,
        engine=engine,
        zones=tuple(sorted({row.plain("zone"), row.plain("high_availability.standby_availability_zone")} - {""})),
        zone_redundant=mode if isinstance(mode, Unread) else mode == "ZoneRedundant",
        nodes=None if isinstance(mode, Unread) else 2 if mode else 1,
        automatic_failover=mode if isinstance(mode, Unread) else bool(mode),
        replica_regions=replicas.regions_beside(row.identity.region),
        replica_of=row.identity_of("source_server_id", row.resource_type)
        if row.plain("create_mode") == "Replica"
        else "",
        backup_days=days,
        backup_regions=geo if isinstance(geo, Unread) else (paired_region(row.identity.region),) if geo else (),
        point_in_time_recovery=True,
        deletion_protection=locked(row),
        capacity=Capacity.FIXED,
        storage_autoscaling=row.flag_of(
            "auto_grow_enabled" if engine == "postgresql" else "storage.auto_grow_enabled", default=engine == "mysql"
        ),
        encryption_key=row.identity_of("customer_managed_key.key_vault_key_id"),
    )


def _cosmos(row: PlanResource) -> Iterable[Fact]:
    """A Cosmos DB account with its regions; periodic backups, kept for eight hours, unless set."""
    places = told(row.blocks("geo_location"), ())
    regions = {azure_region(told(place.maybe(place.text, "location"), "")) for place in places} - {""}
    first = next((place for place in places if told(place.maybe(place.number, "failover_priority"), 1) == 0), None)
    home = azure_region(told(first.maybe(first.text, "location"), "")) if first else row.identity.region
    redundant = bool(first and told(first.maybe(first.flag, "zone_redundant"), None))
    continuous = row.plain("backup.type") == "Continuous"
    hours = told(row.number_of("backup.retention_in_hours", 8), 8)
    tier = row.plain("backup.tier", "Continuous30Days")
    automatic = (
        row.flag_of("automatic_failover_enabled")
        if "automatic_failover_enabled" in row.entry.values
        else row.flag_of("enable_automatic_failover")
    )
    yield row.fact(
        Datastore,
        product="cosmosdb",
        region=home,
        kind=StoreKind.DOCUMENT,
        engine="mongo" if row.plain("kind") == "MongoDB" else "cosmosdb",
        zone_redundant=redundant,
        nodes=len(regions) or None,
        automatic_failover=_multi_writes(row) or automatic,
        replica_regions=tuple(sorted(regions - {home})),
        backup_days=_COSMOS_CONTINUOUS.get(tier, 30) if continuous else max(hours // 24, 1),
        point_in_time_recovery=continuous,
        deletion_protection=locked(row),
        capacity=Capacity.ON_DEMAND if "EnableServerless" in _capabilities(row) else None,
        encryption_key=row.identity_of("key_vault_key_id"),
    )


def _multi_writes(row: PlanResource) -> bool:
    names = ("multiple_write_locations_enabled", "enable_multiple_write_locations")
    return any(told(row.flag_of(name), otherwise=False) for name in names)


def _capabilities(row: PlanResource) -> set[str]:
    return {told(block.maybe(block.text, "name"), "") for block in told(row.blocks("capabilities"), ())}


def _redis(row: PlanResource) -> Iterable[Fact]:
    """A cache: Basic has one node, Standard two; only named zones put them apart."""
    named, sku = row.texts_of("zones"), row.plain("sku_name")
    zones = told(named, ())
    replicas = row.joined("azurerm_redis_linked_server", "target_redis_cache_name")
    linked = [other for link in replicas.found for other in link.linked("linked_redis_cache_id", "azurerm_redis_cache")]
    regions = {other.identity.region for other in linked} - {"", row.identity.region}
    yield row.fact(
        Datastore,
        product="redis",
        kind=StoreKind.CACHE,
        engine="redis",
        zones=tuple(sorted(zones)),
        zone_redundant=False if sku == "Basic" else named if isinstance(named, Unread) else len(zones) > 1,
        nodes=1 if sku == "Basic" else 2,
        automatic_failover=sku != "Basic",
        replica_regions=tuple(sorted(regions)),
        deletion_protection=locked(row),
        capacity=Capacity.FIXED,
        evicts=_evicts(row),
    )


def _evicts(row: PlanResource) -> Maybe[bool | None]:
    """Whether a full cache drops keys: unless set, it drops those that have a TTL."""
    policy = row.text_of("redis_configuration.maxmemory_policy", "volatile-lru")
    return policy if isinstance(policy, Unread) else policy != "noeviction"


def _soft_delete(row: PlanResource) -> Maybe[int | None]:
    """The days for which deleted blobs are kept: 0 without a block for it, 7 with one that does not tell."""
    path = "blob_properties.delete_retention_policy"
    blocks = row.blocks(path)
    return blocks if isinstance(blocks, Unread) else row.number_of(f"{path}.days", 7) if blocks else 0


def _storage(row: PlanResource) -> Iterable[Fact]:
    """A storage account: its replication type says whether other zones and the paired region have copies."""
    replication = row.text_of("account_replication_type")
    yield row.fact(
        ObjectStore,
        product="storage",
        versioning=row.flag_of("blob_properties.versioning_enabled"),
        soft_delete_days=_soft_delete(row),
        replica_regions=replication
        if isinstance(replication, Unread)
        else (paired_region(row.identity.region),)
        if replication in _ELSEWHERE
        else (),
        zone_redundant=replication if isinstance(replication, Unread) else replication in _OVER_ZONES,
        object_lock=Unread(NOT_USED),
        lifecycle=Unread(NOT_USED),
        encryption_key=row.identity_of("customer_managed_key.key_vault_key_id"),
    )


KINDS = (
    kind("azurerm_mssql_database", (Datastore,), _sql),
    kind("azurerm_postgresql_flexible_server", (Datastore,), _flexible),
    kind("azurerm_mysql_flexible_server", (Datastore,), _flexible),
    kind("azurerm_cosmosdb_account", (Datastore,), _cosmos),
    kind("azurerm_redis_cache", (Datastore,), _redis),
    kind("azurerm_storage_account", (ObjectStore,), _storage),
)
