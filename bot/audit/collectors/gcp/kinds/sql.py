"""Cloud SQL and AlloyDB. Shapes: Cloud SQL Admin API v1, `instances` and `backupRuns`; AlloyDB API v1, `clusters` and `instances`."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.engine.google_places import region_of, zone_in
from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.gcp.asset import Asset, key_of, newest
from bot.audit.collectors.gcp.backups import backups_of
from bot.audit.collectors.gcp.kinds_of import kind
from bot.audit.collectors.gcp.moments import days_of
from checks import GLOBAL, Backup, Capacity, Datastore, Fact, StoreKind

SQL: Final = "sqladmin.googleapis.com/Instance"
BACKUP_RUN: Final = "sqladmin.googleapis.com/BackupRun"
_CLUSTER: Final = "alloydb.googleapis.com/Cluster"
_MEMBER: Final = "alloydb.googleapis.com/Instance"
_ALLOYDB_BACKUP: Final = "alloydb.googleapis.com/Backup"
_RETAINED: Final = 7  # automated backups that Cloud SQL keeps unless set, one a day
_ALLOYDB_DAYS: Final = 14  # that AlloyDB keeps automated backups unless set
JOINED = (_MEMBER, _ALLOYDB_BACKUP)


def _sql(asset: Asset) -> Iterable[Fact]:
    """A Cloud SQL instance and its backups. A replica has no backups of its own."""
    if asset.text("instanceType") == "ON_PREMISES_INSTANCE":
        return  # stands for a server elsewhere that is the source of a migration
    regional, version = asset.text("settings.availabilityType") == "REGIONAL", asset.text("databaseVersion")
    region = asset.text("region") or asset.identity.region
    backups, primary = asset.row("settings.backupConfiguration"), asset.text("masterInstanceName")
    copies = backups.text("location").lower()
    untold = None if asset.told("settings") else asset.missing("settings")
    unkept = None if backups.body or primary else untold or asset.missing("settings.backupConfiguration")
    logs = [backups.flag(name) for name in ("binaryLogEnabled", "pointInTimeRecoveryEnabled")]  # of MySQL, of others
    yield asset.fact(
        Datastore,
        product="cloudsql",
        region=region,
        kind=StoreKind.RELATIONAL,
        engine=version.lower(),
        zones=_sql_zones(asset),
        zone_redundant=untold or regional,
        nodes=None if untold else 2 if regional else 1,
        automatic_failover=untold or regional,
        replica_regions=_sql_replicas(asset, region),
        replica_of=_sql_primary(asset, primary),
        backup_days=unkept or (_retained(backups) if backups.flag("enabled") else 0),
        backup_regions=unkept or ((copies,) if copies and copies != region else ()),
        point_in_time_recovery=unkept or any(logs),
        deletion_protection=untold or bool(asset.flag("settings.deletionProtectionEnabled")),
        capacity=Capacity.FIXED,
        storage_autoscaling=None if untold else asset.flag("settings.storageAutoResize") is not False,
        encryption_key=key_of(asset.text("diskEncryptionConfiguration.kmsKeyName")),
        status="STOPPED" if asset.text("settings.activationPolicy") == "NEVER" else asset.text("state"),
    )
    yield from _sql_backups(asset, region)


def _retained(backups: Row) -> int:
    return backups.number("backupRetentionSettings.retainedBackups") or _RETAINED


def _sql_zones(asset: Asset) -> tuple[str, ...]:
    """Where it and its standby run now, else where it is told to."""
    now = {*zone_in(asset.text("gceZone")), *zone_in(asset.text("secondaryGceZone"))}
    preferred = asset.row("settings.locationPreference")
    told = {*zone_in(preferred.text("zone")), *zone_in(preferred.text("secondaryZone"))}
    return tuple(sorted(now or told))


def _sql_primary(asset: Asset, primary: str) -> str:
    """The full name of a replica's primary, which is written `project:instance` or `instance`."""
    if not primary:
        return ""
    project, _, name = primary.rpartition(":")
    host, _, path = asset.identity.resource.partition("/projects/")
    return f"{host}/projects/{project or path.partition('/')[0]}/instances/{name}"


def _sql_replicas(asset: Asset, region: str) -> tuple[str, ...]:
    project, name = asset.path.split("/")[1], asset.identity.name
    named = [*asset.estate.naming(f"{project}:{name}", SQL, "masterInstanceName")]
    named += [
        other for other in asset.estate.naming(name, SQL, "masterInstanceName") if other.path.split("/")[1] == project
    ]
    regions = {other.text("region") or other.identity.region for other in named}
    return tuple(sorted(regions - {region, GLOBAL}))


def _sql_backups(asset: Asset, region: str) -> Iterable[Fact]:
    """The backups that succeeded, as one fact; nothing where there are none."""
    runs = [run for run in asset.inside_this(BACKUP_RUN) if run.word("status") == "SUCCESSFUL"]
    if not runs:
        return
    places = {place for run in runs if (place := run.word("location").lower())}
    yield asset.fact(
        Backup,
        product="cloudsql",
        resource=f"{asset.identity.resource}/backupRuns",
        region=region,
        about=(asset.identity.resource,),
        latest_at=newest(runs, "endTime"),
        copy_regions=tuple(sorted(place for place in places if region_of(place) != region)),
    )


def _alloydb(asset: Asset) -> Iterable[Fact]:
    """An AlloyDB cluster with its instances and backups."""
    primaries = [member for member in asset.inside_this(_MEMBER) if member.text("instanceType") != "READ_POOL"]
    zonal = any(member.text("availabilityType") == "ZONAL" for member in primaries)
    zones = {zone for member in primaries for zone in zone_in(member.text("gceZone"))}
    automated = asset.row("automatedBackupPolicy")
    keep = days_of(automated.text("timeBasedRetention.retentionPeriod")) or _ALLOYDB_DAYS
    copies = asset.naming_this(_CLUSTER, "secondaryConfig.primaryClusterName")
    primary = asset.text("secondaryConfig.primaryClusterName")
    yield asset.fact(
        Datastore,
        product="alloydb",
        kind=StoreKind.RELATIONAL,
        engine="alloydb postgresql",
        zones=tuple(sorted(zones)),
        zone_redundant=not zonal,
        automatic_failover=not zonal,
        replica_regions=tuple(sorted({copy.identity.region for copy in copies} - {asset.identity.region})),
        replica_of=f"//alloydb.googleapis.com/{primary}" if primary else "",
        backup_days=0 if automated.flag("enabled") is False else keep,
        point_in_time_recovery=asset.flag("continuousBackupConfig.enabled") is not False,
        encryption_key=key_of(asset.text("encryptionConfig.kmsKeyName")),
        status=asset.text("state"),
    )
    backups = [
        backup for backup in asset.naming_this(_ALLOYDB_BACKUP, "clusterName") if backup.word("state") == "READY"
    ]
    yield from backups_of(asset, backups, "createTime", "alloydb")


KINDS = (
    kind(SQL, (Datastore, Backup), _sql),
    kind(_CLUSTER, (Datastore, Backup), _alloydb),
)
