"""Resources of Azure in the shapes of its REST references, and what reading them gives."""

from collections.abc import Iterable, Mapping
from typing import Any

from support.fakes.azure_cloud import azure_resource

from bot.audit.collectors.azure.estate import ResourceIndex, resource_of
from bot.audit.collectors.azure.tables import TYPES
from bot.audit.collectors.engine.kinds import facts_of
from bot.audit.collectors.engine.row import Row
from checks import Fact

ROOT = "/subscriptions/s1/resourceGroups/Shop/providers"
VM = f"{ROOT}/Microsoft.Compute/virtualMachines/web1"


def facts(rows: Iterable[Mapping[str, Any]], details: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Fact]:
    """The facts of these resources by the end of their id, in lower case. `details`: answers of calls, by id."""
    estate = ResourceIndex(locks={"s1": frozenset()})
    for row in rows:
        estate.add(resource_of(row, estate))
    estate.details |= {arm.lower(): Row(answer) for arm, answer in (details or {}).items()}
    made = facts_of(estate.by_id.values(), TYPES)
    assert [gap for gap in made.gaps if gap.kinds] == []
    return {fact.resource.rpartition("/")[2]: fact for fact in made.facts}


def told(fact: Fact, *names: str) -> tuple[object, ...]:
    """These fields of a fact."""
    return tuple(getattr(fact, name) for name in names)


def machine(name: str, zone: str, state: str = "VM running", **properties: Any) -> dict[str, Any]:
    """A virtual machine with a network interface, as Resource Graph gives it."""
    view = {"instanceView": {"powerState": {"code": "PowerState/x", "displayStatus": state}}}
    nic = {"networkInterfaces": [{"id": f"{ROOT}/Microsoft.Network/networkInterfaces/{name}-nic"}]}
    own = {"hardwareProfile": {"vmSize": "Standard_D2s_v5"}, "extended": view, "networkProfile": nic, **properties}
    return azure_resource("Microsoft.Compute/virtualMachines", name, zones=[zone] if zone else None, properties=own)


def interface(name: str, pools: Iterable[str] = (), subnet: str = "") -> dict[str, Any]:
    """The network interface of a machine, in pools of load balancers and in a subnet."""
    own = {"loadBalancerBackendAddressPools": [{"id": pool} for pool in pools], "subnet": {"id": subnet}}
    ends = {
        "ipConfigurations": [{"name": "a", "properties": own}],
        "virtualMachine": {"id": VM.replace("web1", name)},
    }
    return azure_resource("Microsoft.Network/networkInterfaces", f"{name}-nic", properties=ends)
