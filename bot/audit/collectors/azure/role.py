"""The custom role that grants what reading Azure needs, and nothing else.

Shape: Azure documentation, "Azure custom roles" (the form that `az role definition create` takes).
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from bot.audit.collectors.azure.tables import actions

SUBSCRIPTION: Final = "00000000-0000-0000-0000-000000000000"
"""Where a reader of the file puts the id of a subscription."""


def role(scopes: Sequence[str] = (f"/subscriptions/{SUBSCRIPTION}",)) -> dict[str, Any]:
    """The role, assignable at these scopes: subscriptions or one management group."""
    return {
        "Name": "backstay reader",
        "IsCustom": True,
        "Description": "Lists the resources that backstay audits. It can change nothing, and reads no data and no keys.",
        "Actions": list(actions()),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": list(scopes),
    }


def role_text() -> str:
    """The role as `az role definition create --role-definition @azure-role.json` takes it."""
    return json.dumps(role(), indent=2) + "\n"
