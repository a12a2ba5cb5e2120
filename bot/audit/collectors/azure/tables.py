"""What is asked of Resource Graph: the types that are read, and the ones that others are completed from, by table."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from bot.audit.collectors.azure import kinds
from bot.audit.collectors.azure.backend_health import ACTIONS as BACKEND_HEALTH
from bot.audit.collectors.azure.details import DRILL_PARTS, GROUPS_READ, INSTANCE_GROUPS, LOCKS_READ, ORIGINS, PARTS
from bot.audit.collectors.azure.graph import READ, SUBSCRIPTIONS_READ
from bot.audit.collectors.azure.kinds_of import DRILLS, table_of
from bot.audit.collectors.engine.kinds import kinds_in
from checks import Fact

TYPES: Final = kinds_in(kinds)
JOINED: Final = (
    "Microsoft.App/managedEnvironments",
    "Microsoft.Chaos/experiments/executions",
    "Microsoft.Chaos/experiments/statuses",
    "Microsoft.Compute/snapshots",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
    "Microsoft.DataProtection/backupVaults",
    "Microsoft.Insights/actionGroups",
    "Microsoft.Insights/autoscaleSettings",
    "Microsoft.Network/natGateways",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/publicIPAddresses",
    "Microsoft.Network/virtualNetworkGateways",
    "Microsoft.RecoveryServices/vaults",
    "Microsoft.Sql/servers",
    "Microsoft.Web/serverFarms",
    "Microsoft.Web/sites/config",
)
"""Types that are no facts of their own, and that others are completed from."""
_WIDER: Final = {"Microsoft.Chaos/experiments/statuses/read": "Microsoft.Chaos/experiments/*/read"}
"""Reads of types that Azure lists no operation for."""


def tables() -> Mapping[str, Sequence[str]]:
    """The types to ask for, in lower case, by table of Resource Graph."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in {*(kind.resource_type.lower() for kind in TYPES.values()), *(name.lower() for name in JOINED)}:
        found[table_of(name)].append(name)
    found[table_of(DRILLS)].remove(DRILLS)
    return {table: sorted(types) for table, types in sorted(found.items())}


def facts_of_table(table: str) -> tuple[type[Fact], ...]:
    """The kinds of facts that are lost where a table cannot be read."""
    kinds_of = (kind.facts for name, kind in TYPES.items() if table_of(name) == table)
    return tuple(dict.fromkeys(fact for facts in kinds_of for fact in facts))


def actions() -> Sequence[str]:
    """All that has to be granted to read everything: one action for each type that is queried or called."""
    read = {action for kind in TYPES.values() for action in kind.permissions}
    read |= {f"{name}/read" for name in JOINED}
    read |= set(BACKEND_HEALTH.values())
    read |= {part.action for part in (*PARTS, *DRILL_PARTS, ORIGINS, INSTANCE_GROUPS)}
    found = {_WIDER.get(action, action) for action in read}
    return sorted({*found, READ, SUBSCRIPTIONS_READ, GROUPS_READ, LOCKS_READ}, key=str.lower)
