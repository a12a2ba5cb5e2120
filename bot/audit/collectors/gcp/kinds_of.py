"""Makes kinds of asset types. Most are read by one listing, so by one permission; the others by a call of their product."""

from collections.abc import Callable, Iterable
from typing import Final

from bot.audit.collectors.engine.kinds import Kind
from bot.audit.collectors.engine.resource import Resource
from bot.audit.collectors.gcp.asset import Asset
from checks import Fact

LIST: Final = "cloudasset.assets.listResource"
"""The permission of `assets.list` with the content type RESOURCE (Cloud Asset Inventory, "Access control with IAM")."""


def kind(
    resource_type: str,
    facts: tuple[type[Fact], ...],
    read: Callable[[Asset], Iterable[Fact]],
    permission: str = LIST,
) -> Kind:
    """The kind of an asset type. `permission`: that of the call which lists it."""

    def of_asset(resource: Resource) -> Iterable[Fact]:
        if not isinstance(resource, Asset):
            raise TypeError(f"{resource_type} is not an asset")
        return read(resource)

    return Kind(resource_type, facts, of_asset, (permission,))
