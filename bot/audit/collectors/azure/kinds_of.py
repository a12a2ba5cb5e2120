"""Makes kinds of ARM types, each with the tables of Resource Graph that hold it and what has to be granted to read it."""

from collections.abc import Callable, Iterable
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource
from bot.audit.collectors.engine.kinds import Kind
from bot.audit.collectors.engine.resource import Resource
from checks import Fact

TABLES: Final = {
    "microsoft.network/dnszones/": "dnsresources",
    "microsoft.network/privatednszones/": "dnsresources",
    "microsoft.recoveryservices/vaults/": "recoveryservicesresources",
    "microsoft.dataprotection/backupvaults/": "recoveryservicesresources",
    "microsoft.chaos/experiments/": "chaosresources",
    "microsoft.web/sites/config": "appserviceresources",
    "microsoft.compute/virtualmachinescalesets/virtualmachines": "computeresources",
    "microsoft.resources/deploymentstacks": "deploymentresources",
}
"""The table of a type by what its name begins with; every other is in `resources`."""

RESOURCES: Final = "resources"
DRILLS: Final = "microsoft.azureresiliencemanagement/drills"
"""A type that no table holds: it is listed for each service group."""


def table_of(resource_type: str) -> str:
    """The table of Resource Graph that holds a type."""
    name = resource_type.lower()
    return next((table for start, table in TABLES.items() if name.startswith(start)), RESOURCES)


def kind(resource_type: str, facts: tuple[type[Fact], ...], read: Callable[[AzureResource], Iterable[Fact]]) -> Kind:
    """The kind of an ARM type. Resource Graph shows what the caller may read, so the permission is the type's own read."""

    def of_azure(resource: Resource) -> Iterable[Fact]:
        if not isinstance(resource, AzureResource):
            raise TypeError(f"{resource_type} is not a resource of Azure")
        return read(resource)

    return Kind(resource_type, facts, of_azure, (f"{resource_type}/read",))
