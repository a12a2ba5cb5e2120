"""The regions of Azure: their names, and those to which Azure copies geo-redundant storage and backups.

Source: Azure documentation, "Azure regional pairs".
"""

from typing import Final

_PAIRS: Final = (
    "westeurope northeurope",
    "eastus westus",
    "eastus2 centralus",
    "northcentralus southcentralus",
    "westcentralus westus2",
    "canadacentral canadaeast",
    "uksouth ukwest",
    "francecentral francesouth",
    "germanywestcentral germanynorth",
    "switzerlandnorth switzerlandwest",
    "norwayeast norwaywest",
    "japaneast japanwest",
    "koreacentral koreasouth",
    "southeastasia eastasia",
    "australiaeast australiasoutheast",
    "australiacentral australiacentral2",
    "centralindia southindia",
    "southafricanorth southafricawest",
    "uaenorth uaecentral",
    "chinaeast chinanorth",
    "chinaeast2 chinanorth2",
    "usgovvirginia usgovtexas",
)
_PAIR_OF: Final = {
    **{(names := pair.split())[0]: names[1] for pair in _PAIRS},
    **{(names := pair.split())[1]: names[0] for pair in _PAIRS},
    "westus3": "eastus",
    "brazilsouth": "southcentralus",
    "westindia": "southindia",
}


def azure_region(location: str) -> str:
    """The name of an Azure region: `West Europe` is `westeurope`."""
    return location.replace(" ", "").lower()


def paired_region(region: str) -> str:
    """The pair of a region (`westeurope`); for one that the table does not have, words that say so."""
    return _PAIR_OF.get(region, "the paired region")
