"""Endpoints, firewalls, transit gateways, VPNs, Direct Connect and Global Accelerator.

Defaults: Terraform's hashicorp/aws provider documentation of each type.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bot.audit.collectors.terraform.aws_parts import SUBNETS, workload_zones, zones_of
from bot.audit.collectors.terraform.gaps import ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.resource import PlanResource, kind, told
from checks import (
    Accelerator,
    DedicatedLine,
    Fact,
    Firewall,
    Maybe,
    PrivateEndpoint,
    TransitAttachment,
    Unread,
    VpnConnection,
)

_WITH_ADDRESSES: Final = ("interface", "resource", "servicenetwork")
_INTERFACES: Final = (
    "aws_dx_private_virtual_interface",
    "aws_dx_public_virtual_interface",
    "aws_dx_transit_virtual_interface",
    "aws_dx_hosted_private_virtual_interface",
    "aws_dx_hosted_public_virtual_interface",
    "aws_dx_hosted_transit_virtual_interface",
)
_TUNNELS: Final = 2  # Site-to-Site VPN guide, "Tunnel options": each connection has two
_GATEWAYS: Final = {"transit_gateway_id": "aws_ec2_transit_gateway", "vpn_gateway_id": "aws_vpn_gateway"}


def _endpoint(row: PlanResource) -> Iterable[Fact]:
    """A VPC endpoint with addresses; one of the type Gateway, which is the default, has none."""
    if row.plain("vpc_endpoint_type", "Gateway").lower() not in _WITH_ADDRESSES:
        return
    joined = row.joined("aws_vpc_endpoint_subnet_association", "vpc_endpoint_id").found
    target = row.plain("service_name") or row.plain("resource_configuration_arn") or row.plain("service_network_arn")
    yield row.fact(
        PrivateEndpoint,
        product="vpc",
        name=row.identity.tags.get("Name") or target.rpartition(".")[2] or row.identity.name,
        target=target,
        zones=_zones(row, "subnet_ids", joined),
        workload_zones=workload_zones(row),
        private_dns=told(row.flag_of("private_dns_enabled"), otherwise=None),
    )


def _zones(row: PlanResource, path: str, joined: Sequence[PlanResource] = ()) -> tuple[str, ...]:
    """The zones of the subnets that a field names, and of those that other resources add to it, as far as known."""
    found = (zones_of(row, path), *(zones_of(other, "subnet_id") for other in joined))
    return tuple(sorted({zone for zones in found for zone in told(zones, ())}))


def _resolver(row: PlanResource) -> Iterable[Fact]:
    """A Route 53 Resolver endpoint, in the VPC of its subnets."""
    subnets = row.linked("ip_address.subnet_id", *SUBNETS)
    yield row.fact(
        PrivateEndpoint,
        product="route53resolver",
        target=f"{row.plain('direction').partition('_')[0].lower()} DNS".strip(),
        zones=_zones(row, "ip_address.subnet_id"),
        workload_zones=workload_zones(subnets[0]) if subnets else Unread("its subnets are not in the plan"),
    )


def _firewall(row: PlanResource) -> Iterable[Fact]:
    """A network firewall; one that is attached to a transit gateway names zones instead of subnets."""
    attached = [block.text("availability_zone_id") for block in told(row.blocks("availability_zone_mapping"), ())]
    yield row.fact(
        Firewall,
        product="network-firewall",
        zones=tuple(sorted(filter(None, attached))) or _zones(row, "subnet_mapping.subnet_id"),
        workload_zones=() if attached else workload_zones(row),
        deletion_protection=row.flag_of("delete_protection"),
    )


def _attachment(row: PlanResource) -> Iterable[Fact]:
    """The attachment of a VPC to a transit gateway."""
    yield row.fact(
        TransitAttachment,
        product="transitgateway",
        gateway=row.identity_of("transit_gateway_id", "aws_ec2_transit_gateway"),
        zones=_zones(row, "subnet_ids"),
        workload_zones=workload_zones(row),
    )


def _vpn(row: PlanResource) -> Iterable[Fact]:
    """A VPN connection. A state has the status that its tunnels had when it was refreshed, a plan of a new one has none."""
    telemetry = told(row.blocks("vgw_telemetry"), ())
    states = [told(tunnel.maybe(tunnel.text, "status"), "") for tunnel in telemetry]
    yield row.fact(
        VpnConnection,
        product="vpn",
        device=row.needed("customer_gateway_id", "aws_customer_gateway"),
        gateway=next((found for path, of in _GATEWAYS.items() if (found := row.needed(path, of))), ""),
        tunnels=len(states) or _TUNNELS,
        tunnels_up=states.count("UP") if any(states) else Unread(ONLY_AFTER_DEPLOYMENT),
    )


def _line(row: PlanResource) -> Iterable[Fact]:
    """A Direct Connect connection, or a LAG with its connections. One inside a LAG is part of that."""
    bundle = row.resource_type == "aws_dx_lag"
    members = row.joined("aws_dx_connection_association", "lag_id" if bundle else "connection_id").found
    if members and not bundle:
        return
    used = any(row.joined(name, "connection_id").found for name in _INTERFACES)
    yield row.fact(
        DedicatedLine,
        product="directconnect",
        device=row.plain("aws_device"),
        location=row.plain("location"),
        carries_traffic=used or Unread("no virtual interface of it is in the plan"),
        links=len(members) + bool(row.plain("connection_id")) if bundle else None,
    )


def _accelerator(row: PlanResource) -> Iterable[Fact]:
    """A standard accelerator with the endpoint groups of its listeners."""
    listeners = row.joined("aws_globalaccelerator_listener", "accelerator_arn")
    joined = [listener.joined("aws_globalaccelerator_endpoint_group", "listener_arn") for listener in listeners.found]
    doubt = next((found.doubt for found in (listeners, *joined) if found.doubt), None)
    regions = [{_region(group) for group in groups.found if _takes_traffic(group)} for groups in joined]
    common: Maybe[tuple[str, ...]] = tuple(sorted(set.intersection(*regions))) if regions else ()
    targets = (target for groups in joined for group in groups.found for target in _targets(group))
    yield row.fact(
        Accelerator,
        product="globalaccelerator",
        about=tuple(dict.fromkeys(targets)),
        regions=doubt if doubt and len(told(common, ())) < 2 else common,
        healthy_regions=Unread(ONLY_AFTER_DEPLOYMENT),
        enabled=told(row.flag_of("enabled", default=True), otherwise=True),
    )


def _region(group: PlanResource) -> str:
    """The region of an endpoint group; that of the provider where it is not set.

    Raises:
        NotKnownYetError: it is known only after apply.
    """
    return group.text("endpoint_group_region") or group.view.configuration.provider_setting(group.entry, "region")


def _takes_traffic(group: PlanResource) -> bool:
    return told(group.number_of("traffic_dial_percentage", 100), 100) > 0 and bool(
        told(group.blocks("endpoint_configuration"), ())
    )


def _targets(group: PlanResource) -> Iterator[str]:
    yield from group.identities_of("endpoint_configuration.endpoint_id")


KINDS = (
    kind("aws_vpc_endpoint", (PrivateEndpoint,), _endpoint),
    kind("aws_route53_resolver_endpoint", (PrivateEndpoint,), _resolver),
    kind("aws_networkfirewall_firewall", (Firewall,), _firewall),
    kind("aws_ec2_transit_gateway_vpc_attachment", (TransitAttachment,), _attachment),
    kind("aws_vpn_connection", (VpnConnection,), _vpn),
    kind("aws_dx_connection", (DedicatedLine,), _line),
    kind("aws_dx_lag", (DedicatedLine,), _line),
    kind("aws_globalaccelerator_accelerator", (Accelerator,), _accelerator),
)
