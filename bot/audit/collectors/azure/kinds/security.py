"""Key vaults (REST reference "Vaults - Get"). What is in them is in their data plane, which is not read."""

from collections.abc import Iterable

from bot.audit.collectors.azure.estate import AzureResource
from bot.audit.collectors.azure.gaps import NOT_USED
from bot.audit.collectors.azure.kinds_of import kind
from checks import EncryptionKey, Fact, Unread


def _vault(vault: AzureResource) -> Iterable[Fact]:
    """A vault, which Azure replicates within its region and to the paired region."""
    protected = vault.flag("properties.enablePurgeProtection")
    yield vault.fact(
        EncryptionKey,
        product="keyvault",
        multi_region=True,
        enabled=True,
        in_use=Unread(NOT_USED),
        status="purge protection on" if protected else "",
    )


KINDS = (kind("Microsoft.KeyVault/vaults", (EncryptionKey,), _vault),)
