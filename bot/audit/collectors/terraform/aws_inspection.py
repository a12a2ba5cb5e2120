"""The firewall and gateway load balancer endpoints of a VPC, and the subnets that are routed through one in another zone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.audit.collectors.terraform.aws_parts import zones_of
from bot.audit.collectors.terraform.resource import PlanResource, told
from checks import Maybe, Unread

_ENDPOINT: Final = "aws_vpc_endpoint"
_FIREWALL: Final = "aws_networkfirewall_firewall"


@dataclass(frozen=True, slots=True)
class Inspection:
    """`zones`: where a VPC has such endpoints. `borrowed`: (subnet, its zone, zone of the endpoint) where the two differ."""

    zones: tuple[str, ...]
    borrowed: Maybe[tuple[tuple[str, str, str], ...]]


def inspection_of(network: PlanResource, subnets: Sequence[PlanResource]) -> Inspection:
    """The inspection of a VPC with these subnets."""
    endpoints = [row for row in network.joined(_ENDPOINT, "vpc_id").found if _inspects(row)]
    firewalls = network.joined(_FIREWALL, "vpc_id").found
    places = [told(zones_of(row, "subnet_ids"), ()) for row in endpoints]
    places += [told(zones_of(row, "subnet_mapping.subnet_id"), ()) for row in firewalls]
    by_id = {name: zone for row in firewalls for name, zone in _zone_by_endpoint(row).items()}
    ways = [(subnet, way) for subnet in subnets for way in _ways_of(subnet, by_id)]
    doubt = next((way for _, way in ways if isinstance(way, Unread)), None)
    other = [
        (subnet.identity.name, own, way)
        for subnet, way in ways
        if not isinstance(way, Unread) and (own := subnet.plain("availability_zone")) and own != way
    ]
    zones = tuple(sorted({zone for found in places for zone in found}))
    return Inspection(zones, tuple(sorted(other)) if other or not doubt else doubt)


def _inspects(endpoint: PlanResource) -> bool:
    return endpoint.plain("vpc_endpoint_type").lower() == "gatewayloadbalancer"


def _zone_by_endpoint(firewall: PlanResource) -> Mapping[str, str]:
    """The zone of each endpoint of a firewall that exists, by its id."""
    states = told(firewall.blocks("firewall_status.sync_states"), ())
    return {
        name: state.text("availability_zone") for state in states if (name := state.text("attachment.endpoint_id", ""))
    }


def routes_of(subnet: PlanResource) -> Iterator[tuple[PlanResource, str]]:
    """The resources with routes of a subnet's own route table, and the path of the routes in each (with a dot at its end)."""
    for link in subnet.joined("aws_route_table_association", "subnet_id").found:
        for table in link.linked("route_table_id", "aws_route_table", "aws_default_route_table"):
            yield table, "route."
            yield from ((route, "") for route in table.joined("aws_route", "route_table_id").found)


def _ways_of(subnet: PlanResource, by_id: Mapping[str, str]) -> Iterable[Maybe[str]]:
    """The zone of each endpoint that a subnet is routed through."""
    for row, path in routes_of(subnet):
        links = row.links(f"{path}vpc_endpoint_id", _ENDPOINT, _FIREWALL)
        yield from (zone for name in links.others if (zone := by_id.get(name)))
        for entry in links.found:
            other = row.open_other(entry)
            firewall = other.resource_type == _FIREWALL
            if firewall or _inspects(other):
                zones = told(zones_of(other, "subnet_mapping.subnet_id" if firewall else "subnet_ids"), ())
                yield (
                    zones[0]
                    if len(zones) == 1
                    else Unread(f"which endpoint of {entry.address} a route uses is not known")
                )
