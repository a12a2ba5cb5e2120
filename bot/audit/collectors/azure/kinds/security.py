"""Key vaults (REST reference "Vaults - Get"). What is in them is in their data plane, which is not read."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource
from bot.audit.collectors.azure.gaps import NOT_USED
from bot.audit.collectors.azure.kinds_of import kind
from checks import EncryptionKey, Fact, Unread

_KEPT: Final = 90  # days that a deleted key is kept unless set


def _vault(vault: AzureResource) -> Iterable[Fact]:
    """A vault, which Azure replicates within its region and to the paired region."""
    protected = vault.flag("properties.enablePurgeProtection")
    yield vault.fact(
        EncryptionKey,
        product="keyvault",
        multi_region=True,
        enabled=True,
        in_use=Unread(NOT_USED),
        recovery_days=(vault.number("properties.softDeleteRetentionInDays") or _KEPT) if protected else 0,
        status="purge protection on" if protected else "",
    )


KINDS = (kind("Microsoft.KeyVault/vaults", (EncryptionKey,), _vault),)
