"""Management locks of Azure, which a plan describes as resources of their own.

Source: documentation of Terraform's azurerm provider, `azurerm_management_lock`: its scope is a resource, a group or a subscription.
"""

from typing import Final

from bot.audit.collectors.terraform.resource import PlanResource
from checks import Maybe, Unread

_ELSEWHERE: Final = Unread("a plan does not say which management locks are set outside of it")


def locked(row: PlanResource) -> Maybe[bool]:
    """Whether a lock of the plan keeps a resource from being deleted. Without one, a lock outside of the plan may."""
    if row.joined("azurerm_management_lock", "scope").found:
        return True
    own = row.identity.resource.lower()
    scopes = (lock.plain("scope").lower().rstrip("/") for lock in row.others("azurerm_management_lock"))
    return True if any(scope and own.startswith(f"{scope}/") for scope in scopes) else _ELSEWHERE
