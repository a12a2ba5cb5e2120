"""Azure SQL: databases with their copies, and managed instances (REST references "Databases - Get", "Managed Instances - Get")."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.audit.collectors.azure.details import INSTANCE_GROUPS, place_of
from bot.audit.collectors.azure.estate import AzureResource, parent_of, regions_of
from bot.audit.collectors.azure.kinds_of import kind
from bot.audit.collectors.engine.azure_regions import azure_region, paired_region
from bot.audit.collectors.engine.row import Row
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_DATABASE: Final = "microsoft.sql/servers/databases"
_GROUP: Final = "properties.failoverGroupId"
_ELSEWHERE: Final = ("geo", "geozone", "grs", "gzrs")
_STORED: Final = ("currentBackupStorageRedundancy", "requestedBackupStorageRedundancy", "storageAccountType")
UNKNOWN_PRIMARY: Final = "unknown"
"""`replica_of` of a copy whose primary cannot be told from others of its name."""


def _database(database: AzureResource) -> Iterable[Fact]:
    """A database; `master` belongs to the server itself."""
    if database.identity.name.lower() == "master":
        return
    redundant = _redundant(database)
    group = _failover_group(database)
    yield database.fact(
        Datastore,
        product="sql",
        kind=StoreKind.RELATIONAL,
        engine="sqlserver",
        status=_status(database),
        zone_redundant=redundant,
        automatic_failover=redundant is True or _automatic(database, group) or redundant,
        replica_of=_primary(database) if _is_copy(database) else "",
        replica_regions=() if _is_copy(database) else _replicas(database, group),
        backup_days=_days(database),
        backup_regions=_backups(database),
        point_in_time_recovery=True,
        deletion_protection=database.locked,
        capacity=Capacity.AUTOSCALED if "_s_" in database.text("sku.name").lower() else Capacity.FIXED,
        encryption_key=database.text("properties.encryptionProtector").lower(),
    )


def _status(database: AzureResource) -> str:
    """The status; a serverless database that is paused resumes by itself at the next connection."""
    status, serverless = database.text("properties.status"), "_s_" in database.text("sku.name").lower()
    return "paused until used" if serverless and status.lower() == "paused" else status


def _redundant(resource: AzureResource) -> Maybe[bool]:
    found = resource.flag("properties.zoneRedundant")
    return resource.missing("properties.zoneRedundant") if found is None else found


def _is_copy(database: AzureResource) -> bool:
    return bool(database.text("properties.secondaryType"))


def _days(database: AzureResource) -> Maybe[int | None]:
    policy = database.detail("backupShortTermRetentionPolicies/default")
    return policy if isinstance(policy, Unread) else policy.number("properties.retentionDays")


def _backups(resource: AzureResource) -> Maybe[tuple[str, ...]]:
    """The region to which backups are copied, by the redundancy of their storage."""
    stored = next((found for name in _STORED if (found := resource.text(f"properties.{name}").lower())), "")
    if not stored:
        return resource.missing(f"properties.{_STORED[0]}")
    return (paired_region(resource.region),) if stored in _ELSEWHERE else ()


def _group_name(database: AzureResource) -> str:
    return database.text(_GROUP).lower().rpartition("/")[2]


def _named_alike(database: AzureResource) -> Sequence[AzureResource]:
    """The databases of this name on other servers, in the same failover group if this one is in any.

    A copy has the name of its primary (Azure documentation, "Active geo-replication").
    """
    alike = database.estate.naming(database.identity.name.lower(), _DATABASE, "name")
    return [other for other in alike if other.arm != database.arm and _group_name(other) == _group_name(database)]


def _primary(database: AzureResource) -> str:
    found = [other.arm for other in _named_alike(database) if not _is_copy(other)]
    return found[0] if len(found) == 1 else UNKNOWN_PRIMARY


def _failover_group(database: AzureResource) -> Row | Unread | None:
    """The failover group of a database, as its server lists it; None where it is in none."""
    if not database.told(_GROUP):
        return None
    server = database.estate.by_id.get(parent_of(database.arm))
    listed = server.detail("failoverGroups") if server else Unread("its server was not read")
    if isinstance(listed, Unread):
        return listed
    rows = (row for row in listed.rows("value") if row.text("name").lower() == _group_name(database))
    return next(rows, Unread("its failover group is not in the list of its server"))


def _automatic(database: AzureResource, group: Row | Unread | None) -> Maybe[bool]:
    """Whether Azure itself fails a failover group over to the other region."""
    if group is None or _is_copy(database):
        return False
    if isinstance(group, Unread):
        return group
    return _fails_over(group)


def _replicas(database: AzureResource, group: Row | Unread | None) -> Maybe[tuple[str, ...]]:
    """The regions of the copies of a primary: its failover group tells them, else the copies of its name do."""
    alike = _named_alike(database)
    found = {*regions_of((other for other in alike if _is_copy(other)), without=database.region)}
    if isinstance(group, Row):
        found |= {azure_region(row.text("location")) for row in group.rows("properties.partnerServers")}
    if isinstance(group, Unread) and not found:
        return group
    if group is None and found and any(not _is_copy(other) for other in alike):
        return Unread(
            f"several databases are named {database.identity.name}: Azure does not say which of them has the copies"
        )
    lost = database.estate.lost.get("resources")
    return tuple(sorted(found - {database.region, ""})) or (
        Unread(f"not every database was listed: {lost}") if lost else ()
    )


def _instance(instance: AzureResource) -> Iterable[Fact]:
    """A managed instance with its failover group. The retention of backups belongs to each of its databases."""
    redundant = _redundant(instance)
    group = _group_of(instance)
    copies = _partners(instance, group)
    automatic = isinstance(group, Row) and _fails_over(group)
    yield instance.fact(
        Datastore,
        product="sqlmanagedinstance",
        kind=StoreKind.RELATIONAL,
        engine="sqlserver",
        status=instance.text("properties.state"),
        zone_redundant=redundant,
        automatic_failover=redundant is True or automatic or (group if isinstance(group, Unread) else redundant),
        replica_of=_main(instance, group),
        replica_regions=copies,
        backup_days=Unread("the retention is set on each database of the managed instance, which is not read"),
        backup_regions=_backups(instance),
        point_in_time_recovery=True,
        deletion_protection=instance.locked,
        capacity=Capacity.FIXED,
    )


_PAIRS: Final = "properties.managedInstancePairs"


def _group_of(instance: AzureResource) -> Row | Unread | None:
    """The failover group of a managed instance, as its region lists it; None where it is in none."""
    listed = instance.estate.details.get(f"{place_of(instance)}/{INSTANCE_GROUPS.suffix}".lower())
    if listed is None:
        return Unread("failover groups of managed instances were not read")
    if isinstance(listed, Unread):
        return listed
    return next((row for row in listed.rows("value") if instance.arm in _members(row)), None)


def _members(group: Row) -> tuple[str, ...]:
    names = ("primaryManagedInstanceId", "partnerManagedInstanceId")
    return tuple(pair.text(name).lower().rstrip("/") for pair in group.rows(_PAIRS) for name in names)


def _is_secondary(group: Row) -> bool:
    return group.text("properties.replicationRole").lower() == "secondary"


def _fails_over(group: Row) -> bool:
    return group.text("properties.readWriteEndpoint.failoverPolicy").lower() == "automatic"


def _main(instance: AzureResource, group: Row | Unread | None) -> str:
    """The other instance of its pair where this one is the copy."""
    if not isinstance(group, Row) or not _is_secondary(group):
        return ""
    return next((arm for arm in _members(group) if arm != instance.arm), UNKNOWN_PRIMARY)


def _partners(instance: AzureResource, group: Row | Unread | None) -> Maybe[tuple[str, ...]]:
    if group is None or isinstance(group, Unread):
        return () if group is None else group
    if _is_secondary(group):
        return ()
    regions = {azure_region(row.text("location")) for row in group.rows("properties.partnerRegions")}
    return tuple(sorted(regions - {instance.region, ""}))


KINDS = (
    kind("Microsoft.Sql/servers/databases", (Datastore,), _database),
    kind("Microsoft.Sql/managedInstances", (Datastore,), _instance),
)
