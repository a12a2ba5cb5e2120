"""Virtual networks, firewalls, VPN connections and ExpressRoute circuits (REST references of Microsoft.Network, "Get")."""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource, texts_at
from bot.audit.collectors.azure.kinds_of import kind
from checks import DedicatedLine, Fact, Firewall, Maybe, Network, Unread, VpnConnection

_NIC: Final = "microsoft.network/networkinterfaces"
_GATEWAY: Final = "microsoft.network/virtualnetworkgateways"


def _network(network: AzureResource) -> Iterable[Fact]:
    """A virtual network. Its subnets span zones, so that a machine may leave by a NAT gateway of another zone."""
    nats: list[str] = []
    used: list[str] = []
    borrowed: list[tuple[str, str, str]] = []
    for subnet in network.rows("properties.subnets"):
        nat = network.estate.by_id.get(subnet.text("properties.natGateway.id").lower())
        if nat is None:
            continue
        nats += nat.zones
        for zone in sorted(set(_machine_zones(network, subnet.text("id").lower()))):
            used.append(zone)
            if len(nat.zones) == 1 and zone not in nat.zones:
                borrowed.append((subnet.text("name"), zone, nat.zones[0]))
    yield network.fact(
        Network,
        product="virtualnetwork",
        status=network.text("properties.provisioningState"),
        nat_zones=tuple(sorted(set(nats))),
        private_subnet_zones=tuple(sorted(set(used))),
        borrowed_egress=tuple(borrowed),
    )


def _machine_zones(network: AzureResource, subnet: str) -> Iterator[str]:
    """The zones of the machines with a network interface in a subnet."""
    for nic in network.estate.naming(subnet, _NIC, "properties.ipConfigurations[].properties.subnet.id"):
        for machine in nic.linked("properties.virtualMachine.id"):
            yield from machine.zones


def _firewall(firewall: AzureResource) -> Iterable[Fact]:
    """An Azure Firewall in the zones that it names."""
    yield firewall.fact(
        Firewall,
        product="firewall",
        status=firewall.text("properties.provisioningState"),
        zones=firewall.zones,
        deletion_protection=firewall.locked,
    )


def _connection(connection: AzureResource) -> Iterable[Fact]:
    """A site-to-site connection: an active-active gateway has two tunnels to the device, another one has one."""
    if connection.text("properties.connectionType").lower() != "ipsec":
        return
    gateways = connection.linked("properties.virtualNetworkGateway1.id", _GATEWAY)
    tunnels: Maybe[int] = Unread("its virtual network gateway was not read")
    if gateways:
        tunnels = 2 if gateways[0].flag("properties.activeActive") else 1
    yield connection.fact(
        VpnConnection,
        product="vpngateway",
        status=connection.text("properties.provisioningState"),
        device=next(iter(connection.ids("properties.localNetworkGateway2.id")), ""),
        gateway=next(iter(connection.ids("properties.virtualNetworkGateway1.id")), ""),
        tunnels=tunnels,
        tunnels_up=_tunnels_up(connection, tunnels),
    )


def _tunnels_up(connection: AzureResource, tunnels: Maybe[int]) -> Maybe[int]:
    """How many tunnels work: each one that `tunnelConnectionStatus` lists, else all or none by the state of the connection."""
    states = texts_at(connection, "properties.tunnelConnectionStatus[].connectionStatus")
    if states:
        return sum(state.lower() == "connected" for state in states)
    whole = connection.text("properties.connectionStatus").lower()
    if not whole:
        return connection.missing("properties.connectionStatus")
    return tunnels if whole == "connected" else 0


def _circuit(circuit: AzureResource) -> Iterable[Fact]:
    """An ExpressRoute circuit, which always ends at two routers of Microsoft in one building."""
    ready = circuit.text("properties.serviceProviderProvisioningState").lower() == "provisioned"
    peerings = circuit.rows("properties.peerings")
    on = any(row.text("properties.state").lower() == "enabled" for row in peerings)
    place = circuit.text("properties.serviceProviderProperties.peeringLocation")
    yield circuit.fact(
        DedicatedLine,
        product="expressroute",
        status=circuit.text("properties.circuitProvisioningState"),
        device=place,
        location=place,
        carries_traffic=ready and on,
    )


KINDS = (
    kind("Microsoft.Network/virtualNetworks", (Network,), _network),
    kind("Microsoft.Network/azureFirewalls", (Firewall,), _firewall),
    kind("Microsoft.Network/connections", (VpnConnection,), _connection),
    kind("Microsoft.Network/expressRouteCircuits", (DedicatedLine,), _circuit),
)
