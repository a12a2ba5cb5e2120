"""Key vaults (REST reference "Vaults - Get"). What is in them is in their data plane, which is not read."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource
from bot.audit.collectors.azure.kinds_of import kind
from checks import EncryptionKey, Fact, Unread

_IN_DATA_PLANE: Final = Unread("the state of its keys is in the data plane of Key Vault, which is not read")
_KEPT: Final = 90  # days that a deleted key is kept unless set


def _vault(vault: AzureResource) -> Iterable[Fact]:
    """A vault, which Azure replicates within its region and to the paired region."""
    protected = vault.flag("properties.enablePurgeProtection")
    yield vault.fact(
        EncryptionKey,
        product="keyvault",
        multi_region=True,
        enabled=_IN_DATA_PLANE,
        pending_deletion=_IN_DATA_PLANE,
        in_use=False,  # services hold no grants: what uses a key names it
        aliases=(_keys_of(vault),),
        recovery_days=(vault.number("properties.softDeleteRetentionInDays") or _KEPT) if protected else 0,
        status="purge protection on" if protected else "",
    )


def _keys_of(vault: AzureResource) -> str:
    """The beginning of the identifiers of its keys."""
    address = vault.text("properties.vaultUri") or f"https://{vault.identity.name}.vault.azure.net"
    return f"{address.rstrip('/')}/keys/".lower()


KINDS = (kind("Microsoft.KeyVault/vaults", (EncryptionKey,), _vault),)
