"""Cloud SQL, AlloyDB, Spanner, Bigtable, Firestore and Memorystore. Defaults: documentation of Terraform's hashicorp/google provider."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.engine.google_places import FIRESTORE_REGIONS, SPANNER_REGIONS, members_of, region_of
from bot.audit.collectors.terraform.places import google_region
from bot.audit.collectors.terraform.resource import PlanResource, above, all_of, kind, told
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_SQL_BACKUPS: Final = 7  # Cloud SQL keeps seven automated backups unless set, one a day
_SPANNER_HOURS: Final = 1  # Spanner keeps versions for one hour unless set


def _sql(row: PlanResource) -> Iterable[Fact]:
    """A Cloud SQL instance: zonal, without backups and protected from deletion by Terraform alone unless set."""
    availability = row.text_of("settings.availability_type", "ZONAL")
    regional = availability if isinstance(availability, Unread) else availability == "REGIONAL"
    backups, version = row.flag_of("settings.backup_configuration.enabled"), row.plain("database_version")
    zone = row.plain("settings.location_preference.zone")
    location = row.plain("settings.backup_configuration.location")
    yield row.fact(
        Datastore,
        product="cloudsql",
        kind=StoreKind.RELATIONAL,
        engine=version.lower(),
        zones=(zone,) if zone else (),
        zone_redundant=regional,
        nodes=2 if regional is True else 1,
        automatic_failover=regional,
        replica_regions=_sql_replicas(row),
        replica_of=row.identity_of("master_instance_name", "google_sql_database_instance"),
        backup_days=_days(
            backups,
            row.number_of("settings.backup_configuration.backup_retention_settings.retained_backups", _SQL_BACKUPS),
        ),
        backup_regions=(location,) if location and location != row.identity.region else (),
        point_in_time_recovery=_recovery(row, version),
        deletion_protection=row.flag_of("settings.deletion_protection_enabled"),
        capacity=Capacity.FIXED,
        storage_autoscaling=row.flag_of("settings.disk_autoresize", default=True),
        encryption_key=row.identity_of("encryption_key_name", "google_kms_crypto_key"),
    )


def _days(enabled: Maybe[bool], days: Maybe[int]) -> Maybe[int | None]:
    if isinstance(enabled, Unread):
        return enabled
    return days if enabled else 0


def _recovery(row: PlanResource, version: str) -> Maybe[bool]:
    """Point-in-time recovery: MySQL has it with the binary log, the others with a setting of their own."""
    name = "binary_log_enabled" if version.startswith("MYSQL") else "point_in_time_recovery_enabled"
    return row.flag_of(f"settings.backup_configuration.{name}")


def _sql_replicas(row: PlanResource) -> Maybe[tuple[str, ...]]:
    joined = row.joined("google_sql_database_instance", "master_instance_name")
    return joined.regions_beside(row.identity.region)


def _alloydb(row: PlanResource) -> Iterable[Fact]:
    """An AlloyDB cluster with its instances; backups are on for 14 days unless set.

    Its `deletion_protection` holds back Terraform alone.
    """
    instances = row.joined("google_alloydb_instance", "cluster")
    primary = [instance for instance in instances.found if instance.plain("instance_type", "PRIMARY") == "PRIMARY"]
    zonal = any(instance.plain("availability_type", "REGIONAL") == "ZONAL" for instance in primary)
    secondaries = row.joined("google_alloydb_cluster", "secondary_config.primary_cluster_name")
    yield row.fact(
        Datastore,
        product="alloydb",
        name=row.plain("cluster_id") or row.identity.name,
        kind=StoreKind.RELATIONAL,
        engine="alloydb postgresql",
        zone_redundant=not zonal,
        automatic_failover=not zonal,
        replica_regions=secondaries.regions_beside(row.identity.region),
        replica_of=row.identity_of("secondary_config.primary_cluster_name", "google_alloydb_cluster"),
        backup_days=_days(row.flag_of("automated_backup_policy.enabled", default=True), 14),
        point_in_time_recovery=row.flag_of("continuous_backup_config.enabled", default=True),
        encryption_key=row.identity_of("encryption_config.kms_key_name", "google_kms_crypto_key"),
    )


def _spanner(row: PlanResource) -> Iterable[Fact]:
    """A Spanner instance, which spans three zones, or several regions with a multi-region configuration."""
    named = row.text_of("config")
    config = told(named, "").rpartition("/")[2].removeprefix("regional-")
    databases = row.joined("google_spanner_database", "instance").found
    protected = [database.flag_of("enable_drop_protection") for database in databases]
    schedules = [
        schedule
        for database in databases
        for schedule in database.joined("google_spanner_backup_schedule", "database").found
    ]
    days = max((_seconds(schedule.plain("retention_duration")) // 86_400 for schedule in schedules), default=0)
    automatic = row.plain("default_backup_schedule_type") == "AUTOMATIC"
    yield row.fact(
        Datastore,
        product="spanner",
        region=region_of(config) if config else row.identity.region,
        kind=StoreKind.RELATIONAL,
        engine="spanner",
        zone_redundant=True,
        automatic_failover=True,
        replica_regions=named if isinstance(named, Unread) else members_of(config, SPANNER_REGIONS),
        backup_days=days or (7 if automatic else 0),
        point_in_time_recovery=True,
        deletion_protection=all_of(protected) if protected else None,
        capacity=Capacity.AUTOSCALED if told(row.blocks("autoscaling_config"), ()) else Capacity.FIXED,
    )


def _seconds(text: str) -> int:
    digits = text.removesuffix("s").partition(".")[0]
    return int(digits) if digits.isdigit() else 0


def _bigtable(row: PlanResource) -> Iterable[Fact]:
    """A Bigtable instance: each cluster is in one zone; a second one replicates the first.

    Its `deletion_protection` holds back Terraform alone.
    """
    clusters = told(row.blocks("cluster"), ())
    zones = tuple(sorted({zone for cluster in clusters if (zone := told(cluster.maybe(cluster.text, "zone"), ""))}))
    unknown = any(isinstance(cluster.maybe(cluster.text, "zone"), Unread) for cluster in clusters)
    regions = {google_region(zone) for zone in zones}
    home = google_region(zones[0]) if zones else row.identity.region
    scaled = any(told(cluster.maybe(cluster.rows, "autoscaling_config"), ()) for cluster in clusters)
    yield row.fact(
        Datastore,
        product="bigtable",
        region=home,
        kind=StoreKind.KEY_VALUE,
        engine="bigtable",
        zones=zones,
        zone_redundant=len(zones) > 1
        or (Unread("the zone of a cluster is known only after apply") if unknown else False),
        nodes=len(clusters) or None,
        automatic_failover=len(clusters) > 1,
        replica_regions=tuple(sorted(regions - {home})),
        capacity=Capacity.AUTOSCALED if scaled else Capacity.FIXED,
        encryption_key=row.identity_of("cluster.kms_key_name", "google_kms_crypto_key"),
    )


def _firestore(row: PlanResource) -> Iterable[Fact]:
    """A Firestore database: in several zones, or in several regions where its location is one (`nam5`, `eur3`)."""
    named = row.text_of("location_id")
    location = told(named, "").lower()
    schedules = row.joined("google_firestore_backup_schedule", "database").found
    pitr = row.text_of("point_in_time_recovery_enablement", "POINT_IN_TIME_RECOVERY_DISABLED")
    protection = row.text_of("delete_protection_state", "DELETE_PROTECTION_DISABLED")
    yield row.fact(
        Datastore,
        product="firestore",
        region=region_of(location) if location else row.identity.region,
        kind=StoreKind.DOCUMENT,
        engine="firestore",
        zone_redundant=True,
        automatic_failover=True,
        replica_regions=named if isinstance(named, Unread) else members_of(location, FIRESTORE_REGIONS),
        backup_days=max((_seconds(schedule.plain("retention")) // 86_400 for schedule in schedules), default=0),
        point_in_time_recovery=pitr if isinstance(pitr, Unread) else pitr.endswith("ENABLED"),
        deletion_protection=protection if isinstance(protection, Unread) else protection.endswith("ENABLED"),
        capacity=Capacity.ON_DEMAND,
        encryption_key=row.identity_of("cmek_config.kms_key_name", "google_kms_crypto_key"),
    )


def _redis(row: PlanResource) -> Iterable[Fact]:
    """A Memorystore instance: tier BASIC has one node unless set, STANDARD_HA a replica in another zone."""
    tier = row.text_of("tier", "BASIC")
    highly_available = tier if isinstance(tier, Unread) else tier == "STANDARD_HA"
    zones = {row.plain("location_id"), row.plain("alternative_location_id")} - {""}
    yield row.fact(
        Datastore,
        product="redis",
        region=row.plain("region") or row.identity.region if not zones else google_region(min(zones)),
        kind=StoreKind.CACHE,
        engine="redis",
        zones=tuple(sorted(zones)),
        zone_redundant=highly_available,
        nodes=told(row.number_of("replica_count", 1 if highly_available is True else 0), 0) + 1,
        automatic_failover=highly_available,
        capacity=Capacity.FIXED,
        evicts=_evicts(row, "redis_configs"),
        encryption_key=row.identity_of("customer_managed_key", "google_kms_crypto_key"),
    )


def _evicts(row: PlanResource, path: str) -> Maybe[bool | None]:
    """Whether a full cache drops keys: unless set, it drops those that have a TTL."""
    settings = row.maybe(row.labels, path)
    return settings if isinstance(settings, Unread) else settings.get("maxmemory-policy") != "noeviction"


def _redis_cluster(row: PlanResource) -> Iterable[Fact]:
    """A Memorystore cluster over several zones unless its distribution is a single one."""
    valkey = "memorystore" in row.resource_type
    replicas, shards = row.number_of("replica_count", 0), row.number_of("shard_count", 0)
    single = row.plain("zone_distribution_config.mode") == "SINGLE_ZONE"
    zone = row.plain("zone_distribution_config.zone") if single else ""
    copied = above(replicas, 0)
    kept = row.text_of("automated_backup_config.retention")
    days = _seconds(row.plain("automated_backup_config.retention")) // 86_400
    yield row.fact(
        Datastore,
        product="valkey" if valkey else "redis",
        kind=StoreKind.CACHE,
        engine="valkey" if valkey else "redis",
        zones=(zone,) if zone else (),
        zone_redundant=False if single else copied,
        nodes=told(shards, 0) * (told(replicas, 0) + 1) or None,
        automatic_failover=copied,
        backup_days=kept if isinstance(kept, Unread) else days,
        deletion_protection=row.flag_of("deletion_protection_enabled", default=True),
        evicts=_evicts(row, "engine_configs" if valkey else "redis_configs"),
        encryption_key=row.identity_of("kms_key", "google_kms_crypto_key"),
    )


def _memcache(row: PlanResource) -> Iterable[Fact]:
    """A Memcached instance, whose nodes are spread over the zones that it names; clients go on with those that are left."""
    zones = told(row.maybe(row.texts, "zones"), ())
    count = row.number_of("node_count", 1)
    several = above(count, 1)
    yield row.fact(
        Datastore,
        product="memcache",
        kind=StoreKind.CACHE,
        engine="memcached",
        zones=tuple(sorted(zones)),
        zone_redundant=False if len(zones) == 1 else several,
        nodes=told(count, 1),
        capacity=Capacity.FIXED,
    )


KINDS = (
    kind("google_sql_database_instance", (Datastore,), _sql),
    kind("google_alloydb_cluster", (Datastore,), _alloydb),
    kind("google_spanner_instance", (Datastore,), _spanner),
    kind("google_bigtable_instance", (Datastore,), _bigtable),
    kind("google_firestore_database", (Datastore,), _firestore),
    kind("google_redis_instance", (Datastore,), _redis),
    kind("google_redis_cluster", (Datastore,), _redis_cluster),
    kind("google_memorystore_instance", (Datastore,), _redis_cluster),
    kind("google_memcache_instance", (Datastore,), _memcache),
)
