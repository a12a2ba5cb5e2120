"""The health of what a load balancer or an application gateway sends to: operations that answer it, and where each backend is.

Sources: REST references "Load Balancer Load Balancing Rules - Health" and "Application Gateways - Backend Health". Both are POST, change
nothing, and need an action that the built-in role Reader does not have.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource, parent_of, top_of
from bot.audit.collectors.engine.row import OddFieldError, Row
from checks import Unread

BALANCER: Final = "microsoft.network/loadbalancers"
GATEWAY: Final = "microsoft.network/applicationgateways"
ACTIONS: Final = {
    BALANCER: "Microsoft.Network/loadBalancers/loadBalancingRules/health/action",
    GATEWAY: "Microsoft.Network/applicationGateways/backendhealth/action",
}
VERSION: Final = "2024-05-01"
_INTERFACE: Final = "microsoft.network/networkinterfaces"
_SERVERS: Final = "backendHttpSettingsCollection"


def operations(balancer: AzureResource) -> tuple[str, ...]:
    """The ids to ask: of each rule of a Standard load balancer, or of a gateway itself. A Basic load balancer answers none."""
    if balancer.resource_type == GATEWAY:
        return (f"{balancer.arm}/backendhealth",)
    if balancer.text("sku.name").lower() != "standard":
        return ()
    names = (rule.text("name") for rule in balancer.rows("properties.loadBalancingRules"))
    return tuple(f"{balancer.arm}/loadbalancingrules/{name.lower()}/health" for name in names if name)


@dataclass(frozen=True, slots=True)
class BackendHealth:
    """Healthy backends: by zone, those bound to no zone of Azure's (a name elsewhere), and those whose zone is not known."""

    by_zone: dict[str, int]
    anywhere: int = 0
    unplaced: int = 0


def health_of(balancer: AzureResource) -> BackendHealth | Unread:
    """The healthy backends of a load balancer; a backend that one rule finds healthy counts once."""
    asked = operations(balancer)
    answers = [balancer.estate.details.get(arm.lower()) for arm in asked]
    if not asked or None in answers:
        return Unread("the health of backends was not read: Azure answers it to an operation, and as a metric")
    unread = next((answer for answer in answers if isinstance(answer, Unread)), None)
    if unread is not None:
        return unread
    try:
        found = dict(backend for answer in answers if isinstance(answer, Row) for backend in _healthy(answer))
    except OddFieldError as error:
        return Unread(str(error))
    zones = [_zone_of(balancer, interface) for _, interface in found.items() if interface is not None]
    return BackendHealth(
        by_zone=dict(Counter(zone for zone in zones if zone)),
        anywhere=sum(interface is None for interface in found.values()),
        unplaced=zones.count(""),
    )


def _healthy(answer: Row) -> Iterator[tuple[str, str | None]]:
    """(what names a backend, the configuration of its network interface) of each healthy one; None for a name elsewhere."""
    for row in answer.rows("loadBalancerBackendAddresses"):
        if row.text("state").lower() == "up":
            interface = row.text("networkInterfaceIPConfigurationId").lower()
            yield interface or row.text("ipAddress"), interface
    servers: Iterable[Row] = (
        server
        for pool in answer.rows("backendAddressPools")
        for settings in pool.rows(_SERVERS)
        for server in settings.rows("servers")
    )
    for server in servers:
        if server.text("health").lower() in ("up", "healthy"):
            interface, address = server.text("ipConfiguration.id").lower(), server.text("address")
            yield interface or address, interface or (None if _is_name(address) else "")


def _is_name(address: str) -> bool:
    return any(letter.isalpha() for letter in address) and ":" not in address


def _zone_of(balancer: AzureResource, interface: str) -> str:
    """The zone of the machine that a network interface belongs to; empty where it is not known."""
    if not interface:
        return ""
    owner = parent_of(interface)  # the interface, without its configuration
    if "/virtualmachinescalesets/" in owner:
        machine = balancer.estate.by_id.get(parent_of(owner))
    else:
        nic = balancer.estate.by_id.get(top_of(owner))
        name = nic.text("properties.virtualMachine.id").lower() if nic and nic.resource_type == _INTERFACE else ""
        machine = balancer.estate.by_id.get(name)
    zones = machine.zones if machine else ()
    return zones[0] if len(zones) == 1 else ""
