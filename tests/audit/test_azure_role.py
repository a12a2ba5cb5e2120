"""The role in manifest/azure-role.json grants every type that is queried and every call, and only reads."""

import json
import re
from pathlib import Path

from support.fakes.azure_cloud import FakeAzure, azure_resource
from support.harness.azure_reading import read

from bot.audit.collectors.azure.backend_health import ACTIONS
from bot.audit.collectors.azure.details import (
    DRILL_PARTS,
    DRILLS_READ,
    GROUPS_READ,
    INSTANCE_GROUPS,
    LOCKS_READ,
    ORIGINS,
    PARTS,
)
from bot.audit.collectors.azure.role import role, role_text

FILE = Path(__file__).parents[2] / "manifest" / "azure-role.json"


def allows(action: str) -> bool:
    """Whether an action of the role covers this one: actions have `*` for any text, and are compared without case."""
    patterns = (re.escape(granted).replace(r"\*", ".*") for granted in role()["Actions"])
    return any(re.fullmatch(pattern, action, re.IGNORECASE) for pattern in patterns)


def test_the_file_is_what_the_code_needs() -> None:
    assert FILE.read_text(encoding="utf-8") == role_text()
    assert json.loads(role_text())["DataActions"] == []


def test_it_grants_reads_of_named_types_alone() -> None:
    others = [action for action in role()["Actions"] if not action.lower().endswith("/read")]
    assert set(others) == set(ACTIONS.values()), "operations that answer the health of backends and change nothing"
    assert [action for action in role()["Actions"] if action.startswith("*")] == []


async def test_no_call_lies_outside_of_it() -> None:
    resources = [
        azure_resource(
            part.resource_type, "/".join("ab"[: part.resource_type.count("/")]), sku={"name": "Standard_AzureFrontDoor"}
        )
        for part in {part.resource_type: part for part in PARTS}.values()
    ]
    resources.append(azure_resource("Microsoft.Sql/managedInstances", "mi"))
    for row in resources:
        row["properties"] = {"failoverGroupId": "/g"}
    profile = next(row for row in resources if row["type"] == "microsoft.cdn/profiles")
    groups = {"value": [{"id": f"{profile['id']}/originGroups/g", "name": "g"}]}
    group = "/providers/microsoft.management/servicegroups/shop/providers/microsoft.azureresiliencemanagement/drills"
    drills = {"value": [{"id": f"{group}/d", "type": "Microsoft.AzureResilienceManagement/drills"}]}
    arm = {f"{profile['id']}/origingroups".lower(): groups, group: drills}
    fake = FakeAzure(resources, ["s1"], arm=arm, service_groups=["Shop"])
    await read(fake, "s1", most_calls=100)
    assert {kind for kind in fake.types if not allows(f"{kind}/read")} == set()
    called = [path for path in fake.asked if path.startswith("/")]
    assert len(called) == 1 + len(PARTS) + 1 + 1 + len(DRILL_PARTS) + 1, called
    assert {path for path in called if not allows(_action_of(path))} == set()


def _action_of(path: str) -> str:
    """The read of what a path names: its provider and every second step after it."""
    provider, *steps = path.rpartition("/providers/")[2].split("/")
    return "/".join((provider, *steps[::2], "read"))


def test_every_call_is_listed_with_its_action() -> None:
    assert [
        action
        for action in (
            LOCKS_READ,
            GROUPS_READ,
            DRILLS_READ,
            *(part.action for part in (*PARTS, *DRILL_PARTS, ORIGINS, INSTANCE_GROUPS)),
        )
        if not allows(action)
    ] == []
