"""Storage accounts (REST references "Storage Accounts - Get" and "Blob Services - Get")."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource
from bot.audit.collectors.azure.gaps import NOT_USED
from bot.audit.collectors.azure.kinds_of import kind
from bot.audit.collectors.engine.azure_regions import azure_region, paired_region
from bot.audit.collectors.engine.row import Row
from checks import Fact, Maybe, ObjectStore, Unread

_ELSEWHERE: Final = ("grs", "ragrs", "gzrs", "ragzrs")
_OVER_ZONES: Final = ("zrs", "gzrs", "ragzrs")
_UNUSED: Final = Unread(NOT_USED)


def _account(account: AzureResource) -> Iterable[Fact]:
    """A storage account: the end of its SKU says whether other zones and the paired region have copies."""
    replication = account.text("sku.name").lower().rpartition("_")[2]
    second = azure_region(account.text("properties.secondaryLocation")) or paired_region(account.region)
    replicas: Maybe[tuple[str, ...]] = account.missing("sku.name")
    if replication:
        replicas = (second,) if replication in _ELSEWHERE else ()
    yield account.fact(
        ObjectStore,
        product="storage",
        status=account.text("properties.provisioningState"),
        versioning=_versioning(account),
        soft_delete_days=_soft_delete(account),
        object_lock=account.flag("properties.immutableStorageWithVersioning.enabled") or _UNUSED,
        lifecycle=_UNUSED,
        replica_regions=replicas,
        zone_redundant=replication in _OVER_ZONES if replication else account.missing("sku.name"),
        encryption_key=_key(account.row("properties.encryption.keyvaultproperties")),
    )


def _key(settings: Row) -> str:
    """The identifier of the key of a vault that encrypts it; empty where Azure manages the key."""
    vault, name = settings.text("keyvaulturi").rstrip("/"), settings.text("keyname")
    return (
        settings.text("currentVersionedKeyIdentifier") or (f"{vault}/keys/{name}" if vault and name else "")
    ).lower()


def _versioning(account: AzureResource) -> Maybe[bool]:
    """Whether a deleted or overwritten blob can be restored: versions are kept. File shares have none."""
    if account.text("kind").lower() == "filestorage":
        return False
    service = account.detail("blobServices/default")
    return service if isinstance(service, Unread) else service.flag("properties.isVersioningEnabled") or False


def _soft_delete(account: AzureResource) -> Maybe[int | None]:
    """The days for which deleted and overwritten blobs can be restored. The soft delete of file shares keeps whole shares only."""
    if account.text("kind").lower() == "filestorage":
        return None
    service = account.detail("blobServices/default")
    if isinstance(service, Unread):
        return service
    on = service.flag("properties.deleteRetentionPolicy.enabled")
    return (service.number("properties.deleteRetentionPolicy.days") or 0) if on else 0


KINDS = (kind("Microsoft.Storage/storageAccounts", (ObjectStore,), _account),)
