"""Deployment stacks (REST reference "Deployment Stacks - Get")."""

from collections.abc import Iterable

from bot.audit.collectors.azure.estate import AzureResource
from bot.audit.collectors.azure.kinds_of import kind
from checks import Fact, Stack


def _stack(stack: AzureResource) -> Iterable[Fact]:
    """A stack: its deny settings, or a lock, keep what it manages from being deleted."""
    mode = stack.text("properties.denySettings.mode").lower()
    yield stack.fact(
        Stack,
        product="deploymentstacks",
        status=stack.text("properties.provisioningState"),
        termination_protection=mode in ("denydelete", "denywriteanddelete") or stack.locked,
    )


KINDS = (kind("Microsoft.Resources/deploymentStacks", (Stack,), _stack),)
