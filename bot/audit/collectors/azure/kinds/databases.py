"""PostgreSQL, MySQL and MariaDB: flexible servers and the older single servers (REST references, "Servers - Get")."""

from collections.abc import Iterable
from functools import partial
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource, regions_of
from bot.audit.collectors.azure.kinds_of import kind
from bot.audit.collectors.engine.azure_regions import paired_region
from checks import Capacity, Datastore, Fact, StoreKind, Unread

_KEYS: Final = ("dataEncryption.primaryKeyURI", "dataEncryption.primaryKeyUri")
_SOURCES: Final = ("sourceServerResourceId", "sourceServerId")


def _flexible(engine: str, server: AzureResource) -> Iterable[Fact]:
    """A flexible server: one zone, with a standby in another or the same one where high availability is on."""
    mode = _mode(server)
    no_mode, no_backup = server.missing("properties.highAvailability.mode"), server.missing("properties.backup")
    ready = mode in ("zoneredundant", "samezone")
    own = (server.text("properties.availabilityZone"), _standby(server) if ready else "")
    geo = _first(server, "backup.geoRedundantBackup", "storageProfile.geoRedundantBackup")
    days = server.number("properties.backup.backupRetentionDays")
    days = server.number("properties.storageProfile.backupRetentionDays") if days is None else days
    grows = _first(server, "storage.autoGrow", "storageProfile.storageAutogrow")
    yield server.fact(
        Datastore,
        product=engine,
        kind=StoreKind.RELATIONAL,
        engine=engine,
        status=server.text("properties.state"),
        zones=tuple(sorted({zone for zone in own if zone})),
        zone_redundant=mode == "zoneredundant" if mode else no_mode,
        nodes=(2 if ready else 1) if mode else None,
        automatic_failover=ready if mode else no_mode,
        replica_of=_first(server, *_SOURCES),
        replica_regions=_replicas(server, *_SOURCES),
        backup_days=no_backup if days is None else days,
        backup_regions=((paired_region(server.region),) if geo == "enabled" else ()) if geo else no_backup,
        point_in_time_recovery=no_backup if days is None else True,
        deletion_protection=server.locked,
        capacity=Capacity.FIXED,
        storage_autoscaling=grows == "enabled" if grows else None,
        encryption_key=_first(server, *_KEYS),
    )


def _first(server: AzureResource, *names: str) -> str:
    """The first of these properties that is set, in lower case: versions of the API name them in several ways."""
    return next((text for name in names if (text := server.text(f"properties.{name}").lower())), "")


def _standby(server: AzureResource) -> str:
    return _first(server, "highAvailability.standbyAvailabilityZone", "standbyAvailabilityZone")


def _mode(server: AzureResource) -> str:
    """`zoneredundant`, `samezone` or `disabled`; previews of the API only told whether there is a standby, and its zone."""
    mode, on = server.text("properties.highAvailability.mode").lower(), server.text("properties.haEnabled").lower()
    if mode or not on:
        return mode
    apart = _standby(server) not in ("", server.text("properties.availabilityZone"))
    return ("zoneredundant" if apart else "samezone") if on == "enabled" else "disabled"


def _replicas(server: AzureResource, *names: str) -> tuple[str, ...] | Unread:
    """The regions of the servers that replicate this one, as far as every server could be listed."""
    copies = [copy for name in names for copy in server.naming_this(server.resource_type, f"properties.{name}")]
    found = regions_of((copy for copy in copies if copy.arm != server.arm), without=server.region)
    lost = server.estate.lost.get("resources")
    return found if found or not lost else Unread(f"not every server could be listed: {lost}")


def _single(engine: str, server: AzureResource) -> Iterable[Fact]:
    """A single server, which Azure restarts in its own zone and which has no standby."""
    days = server.maybe(server.number, "properties.storageProfile.backupRetentionDays")
    geo = server.text("properties.storageProfile.geoRedundantBackup").lower()
    no_backup = server.missing("properties.storageProfile")
    main = server.text("properties.masterServerId").lower()
    grows = server.text("properties.storageProfile.storageAutogrow").lower()
    yield server.fact(
        Datastore,
        product=engine,
        kind=StoreKind.RELATIONAL,
        engine=engine,
        status=server.text("properties.userVisibleState"),
        zone_redundant=False,
        nodes=1,
        automatic_failover=False,
        replica_of=main if main != server.arm else "",
        replica_regions=_replicas(server, "masterServerId"),
        backup_days=no_backup if days is None else days,
        backup_regions=((paired_region(server.region),) if geo == "enabled" else ()) if geo else no_backup,
        point_in_time_recovery=no_backup if days is None else True,
        deletion_protection=server.locked,
        capacity=Capacity.FIXED,
        storage_autoscaling=grows == "enabled" if grows else None,
    )


KINDS = (
    kind("Microsoft.DBforPostgreSQL/flexibleServers", (Datastore,), partial(_flexible, "postgresql")),
    kind("Microsoft.DBforMySQL/flexibleServers", (Datastore,), partial(_flexible, "mysql")),
    kind("Microsoft.DBforPostgreSQL/servers", (Datastore,), partial(_single, "postgresql")),
    kind("Microsoft.DBforMySQL/servers", (Datastore,), partial(_single, "mysql")),
    kind("Microsoft.DBforMariaDB/servers", (Datastore,), partial(_single, "mariadb")),
)
