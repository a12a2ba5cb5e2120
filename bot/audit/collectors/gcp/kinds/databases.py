"""Spanner, Bigtable and Firestore. Shapes: Spanner API v1, Bigtable Admin API v2, Firestore API v1."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.audit.collectors.engine.google_places import (
    FIRESTORE_REGIONS,
    SPANNER_REGIONS,
    members_of,
    region_of,
    zone_in,
)
from bot.audit.collectors.gcp.asset import Asset, key_of
from bot.audit.collectors.gcp.backups import backups_of
from bot.audit.collectors.gcp.kinds_of import kind
from bot.audit.collectors.gcp.moments import days_of
from checks import Backup, Capacity, Datastore, Fact, Maybe, StoreKind, Unread

SPANNER: Final = "spanner.googleapis.com/Instance"
SPANNER_DATABASE: Final = "spanner.googleapis.com/Database"
SPANNER_SCHEDULE: Final = "spanner.googleapis.com/BackupSchedule"
FIRESTORE: Final = "firestore.googleapis.com/Database"
FIRESTORE_SCHEDULE: Final = "firestore.googleapis.com/BackupSchedule"
_SPANNER_BACKUP: Final = "spanner.googleapis.com/Backup"
_FIRESTORE_BACKUP: Final = "firestore.googleapis.com/Backup"
_BIGTABLE: Final = "bigtableadmin.googleapis.com/Instance"
_BIGTABLE_CLUSTER: Final = "bigtableadmin.googleapis.com/Cluster"
_BIGTABLE_BACKUP: Final = "bigtableadmin.googleapis.com/Backup"
_BIGTABLE_TABLE: Final = "bigtableadmin.googleapis.com/Table"
_BIGTABLE_PROFILE: Final = "bigtableadmin.googleapis.com/AppProfile"
_NO_CLUSTER: Final = Unread("no cluster of the instance was listed")
_AUTOMATIC_DAYS: Final = 7  # that Spanner's default backup schedule keeps backups
JOINED = (
    *(SPANNER_DATABASE, _SPANNER_BACKUP, _FIRESTORE_BACKUP),
    *(_BIGTABLE_CLUSTER, _BIGTABLE_BACKUP, _BIGTABLE_TABLE, _BIGTABLE_PROFILE),
)


def _backup(asset: Asset, backups: Sequence[Asset], moment: str, product: str) -> Iterable[Fact]:
    """The backups of a database that can be restored, as one fact; nothing where there are none."""
    ready = [backup for backup in backups if backup.word("state") in ("READY", "")]
    return backups_of(asset, ready, moment, product)


def _spanner(asset: Asset) -> Iterable[Fact]:
    """A Spanner instance: three zones of a region, or several regions where its configuration is not `regional-`."""
    config = asset.text("config").rpartition("/")[2]
    several = bool(config) and not config.startswith("regional-")
    databases = asset.inside_this(SPANNER_DATABASE)
    protected = [bool(database.flag("enableDropProtection")) for database in databases]
    yield asset.fact(
        Datastore,
        product="spanner",
        region=region_of(config.removeprefix("regional-")),
        kind=StoreKind.RELATIONAL,
        engine="spanner",
        zone_redundant=True,
        automatic_failover=True,
        replica_regions=asset.missing("config")
        if not config
        else members_of(config, SPANNER_REGIONS)
        if several
        else (),
        backup_days=_spanner_days(asset, databases),
        point_in_time_recovery=True,
        deletion_protection=all(protected) if protected else None,
        capacity=Capacity.AUTOSCALED if asset.value("autoscalingConfig") else Capacity.FIXED,
        status=asset.text("state"),
    )
    yield from _backup(asset, asset.inside_this(_SPANNER_BACKUP), "createTime", "spanner")


def _spanner_days(asset: Asset, databases: Sequence[Asset]) -> Maybe[int]:
    """Days that the schedules of its databases keep backups: of the longest one."""
    unread = asset.estate.why_unread(SPANNER_SCHEDULE, asset.identity.account)
    if unread:
        return unread
    kept = [
        days_of(schedule.text("retentionDuration"))
        for database in databases
        for schedule in database.inside_this(SPANNER_SCHEDULE)
    ]
    automatic = not databases and asset.text("defaultBackupScheduleType") == "AUTOMATIC"
    return max(kept, default=_AUTOMATIC_DAYS if automatic else 0)


def _bigtable(asset: Asset) -> Iterable[Fact]:
    """A Bigtable instance with its clusters, each of which is in one zone."""
    clusters = asset.inside_this(_BIGTABLE_CLUSTER)
    places = [zone for cluster in clusters for zone in zone_in(cluster.text("location") or cluster.location)]
    zones = tuple(sorted(set(places)))
    home = region_of(zones[0]) if zones else asset.identity.region
    scaled = any(cluster.value("clusterConfig.clusterAutoscalingConfig") for cluster in clusters)
    keys = [key for cluster in clusters if (key := key_of(cluster.text("encryptionConfig.kmsKeyName")))]
    yield asset.fact(
        Datastore,
        product="bigtable",
        region=home,
        kind=StoreKind.KEY_VALUE,
        engine="bigtable",
        zones=zones,
        zone_redundant=len(zones) > 1 if zones else _NO_CLUSTER,
        nodes=len(clusters) or None,
        automatic_failover=_fails_over(asset, len(clusters)) if clusters else _NO_CLUSTER,
        replica_regions=tuple(sorted({region_of(zone) for zone in zones} - {home})) if zones else _NO_CLUSTER,
        backup_days=_bigtable_days(asset),
        capacity=(Capacity.AUTOSCALED if scaled else Capacity.FIXED) if clusters else _NO_CLUSTER,
        encryption_key=keys[0] if keys else "",
        status=asset.text("state"),
    )
    backups = [backup for cluster in clusters for backup in cluster.inside_this(_BIGTABLE_BACKUP)]
    yield from _backup(asset, backups, "endTime", "bigtable")


def _fails_over(asset: Asset, clusters: int) -> Maybe[bool]:
    """Whether an app profile routes to any cluster. An instance of one cluster has none to fail over to."""
    if clusters < 2:
        return False
    profiles = asset.inside_this(_BIGTABLE_PROFILE)
    if not profiles:
        return Unread("no app profile of the instance was listed")
    return any(profile.value("multiClusterRoutingUseAny") is not None for profile in profiles)


def _bigtable_days(asset: Asset) -> Maybe[int]:
    """Days that the tables keep automated backups: of the shortest policy."""
    tables = asset.inside_this(_BIGTABLE_TABLE)
    policies = [table.text("automatedBackupPolicy.retentionPeriod") for table in tables]
    if not tables or not all(policies):
        return Unread("not every table of the instance is listed with its automated backup policy")
    return min(days_of(policy) for policy in policies)


def _firestore(asset: Asset) -> Iterable[Fact]:
    """A Firestore database: in several zones, or in several regions where its location is one (`nam5`, `eur3`)."""
    place = asset.text("locationId").lower() or asset.location
    kept = [days_of(schedule.text("retention")) for schedule in asset.inside_this(FIRESTORE_SCHEDULE)]
    unread = asset.estate.why_unread(FIRESTORE_SCHEDULE, asset.identity.account)
    yield asset.fact(
        Datastore,
        product="firestore",
        region=region_of(place),
        kind=StoreKind.DOCUMENT,
        engine="firestore",
        zone_redundant=True,
        automatic_failover=True,
        replica_regions=members_of(place, FIRESTORE_REGIONS) if place else asset.missing("locationId"),
        backup_days=unread or max(kept, default=0),
        point_in_time_recovery=asset.text("pointInTimeRecoveryEnablement") == "POINT_IN_TIME_RECOVERY_ENABLED",
        deletion_protection=asset.text("deleteProtectionState") == "DELETE_PROTECTION_ENABLED",
        capacity=Capacity.ON_DEMAND,
        encryption_key=key_of(asset.text("cmekConfig.kmsKeyName")),
    )
    yield from _backup(asset, asset.naming_this(_FIRESTORE_BACKUP, "database"), "snapshotTime", "firestore")


KINDS = (
    kind(SPANNER, (Datastore, Backup), _spanner),
    kind(_BIGTABLE, (Datastore, Backup), _bigtable),
    kind(FIRESTORE, (Datastore, Backup), _firestore),
)
