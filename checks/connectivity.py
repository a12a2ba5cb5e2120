"""A service behind a single endpoint, firewall, tunnel or line fails when that one fails, however many AZs it runs in.

Paths into and out of a network are shared by everything in it, and a spare path that carries no traffic is found
broken on the day it is needed.
"""

from collections import defaultdict
from collections.abc import Iterable

from checks._check import check
from checks._facts import (
    Accelerator,
    DedicatedLine,
    Firewall,
    Network,
    NotKnownError,
    PrivateEndpoint,
    TransitAttachment,
    Unread,
    VpnConnection,
    known,
    settling,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._nouns import named, subject, zone_name, zones_named
from checks._places import as_far_as_read
from checks._words import counted, listed


@check(
    id="CN01",
    title="Private endpoint has addresses in at least two AZs",
    severity=Severity.MEDIUM,
    lesson="With private DNS the whole network reaches a provider's service by its endpoint's addresses alone. On 22 "
    "December 2021 use1-az4 lost power: an endpoint with its only address there takes KMS or ECR from the other AZs too.",
    remediation="Add a subnet in each AZ that has workloads: `aws ec2 modify-vpc-endpoint --vpc-endpoint-id ID "
    "--add-subnet-ids`.",
    docs="https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html",
)
def endpoint_zones(_: Service, endpoint: PrivateEndpoint) -> Verdict:
    """Apply where the network has addresses in use in several AZs."""
    workloads = known(endpoint.workload_zones)
    if len(set(workloads)) < 2:
        return not_applicable(f"Network of {named(endpoint)} has workloads in fewer than two AZs")
    if not endpoint.zones:
        return unknown(f"AZs of {named(endpoint)} are unknown")
    if len(set(endpoint.zones)) >= 2:
        return passed(
            f"{subject(endpoint)} has addresses in {zones_named(endpoint, endpoint.zones)}", target=endpoint.target
        )
    return failed(
        f"{subject(endpoint)} has addresses only in {zones_named(endpoint, endpoint.zones)}; workloads in "
        f"{zones_named(endpoint, workloads)} lose "
        f"{endpoint.target.rpartition('.')[2] or 'its target'} with that AZ",
        zone=zones_named(endpoint, endpoint.zones),
        private_dns=endpoint.private_dns,
    )


@check(
    id="CN02",
    title="Network firewall has endpoints in at least two AZs",
    severity=Severity.HIGH,
    lesson="All traffic that a route table sends through a firewall stops with it: a firewall in one AZ makes a "
    "network of three AZs as available as that one.",
    remediation="Run `aws network-firewall associate-subnets --firewall-name NAME --subnet-mappings` with a firewall "
    "subnet in each AZ, then route each subnet through the endpoint in its AZ.",
    docs="https://docs.aws.amazon.com/network-firewall/latest/developerguide/arch-two-zone-igw.html",
)
def firewall_zones(_: Service, firewall: Firewall) -> Verdict:
    """Apply unless the firewall's network has addresses in use in a single AZ."""
    if len(set(firewall.zones)) >= 2:
        return passed(f"{subject(firewall)} has endpoints in {zones_named(firewall, firewall.zones)}")
    if not firewall.zones:
        return unknown(f"AZs of {named(firewall)} are unknown")
    if len(set(known(firewall.workload_zones))) == 1:
        return not_applicable(f"Network of {named(firewall)} has workloads in one AZ")
    return failed(
        f"{subject(firewall)} has endpoints only in {zones_named(firewall, firewall.zones)}; traffic through it stops with that AZ",
        zone=zones_named(firewall, firewall.zones),
    )


@check(
    id="CN03",
    title="Subnets route through a firewall endpoint in their own AZ",
    severity=Severity.MEDIUM,
    lesson="A firewall endpoint serves its own AZ: subnets of other AZs that are routed through it lose their way out "
    "when its AZ fails.",
    remediation="Give each AZ an endpoint and a route table of its own: `aws ec2 replace-route --route-table-id ID "
    "--destination-cidr-block 0.0.0.0/0 --vpc-endpoint-id` with the endpoint in the same AZ.",
    docs="https://docs.aws.amazon.com/network-firewall/latest/developerguide/vpc-config-route-tables.html",
)
def own_inspection(_: Service, network: Network) -> Verdict:
    """Count the subnets that route through an endpoint in another AZ."""
    if not known(network.inspection_zones):
        return not_applicable(f"{subject(network)} has no firewall endpoint")
    borrowed = known(network.borrowed_inspection)
    if not borrowed:
        return passed(f"Subnets of {named(network)} use firewall endpoints in their own AZ")
    subnet, zone, other = borrowed[0]
    verb = "uses" if len(borrowed) == 1 else "use"
    return failed(
        f"{counted(len(borrowed), 'subnet')} of {named(network)} {verb} a firewall endpoint in another AZ, such as "
        f"{subnet} ({zone_name(network, zone)}) through {zone_name(network, other)}",
        subnets=len(borrowed),
    )


@check(
    id="CN04",
    title="Transit gateway attachment covers every AZ that has workloads",
    severity=Severity.MEDIUM,
    lesson="A transit gateway cannot be reached from an AZ without a subnet in the attachment, so capacity that "
    "moves there after an AZ outage finds itself cut off from every other network.",
    remediation="Add a subnet in each AZ: `aws ec2 modify-transit-gateway-vpc-attachment "
    "--transit-gateway-attachment-id ID --add-subnet-ids`.",
    docs="https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html",
)
def attachment_zones(_: Service, attachment: TransitAttachment) -> Verdict:
    """Compare the AZs of the attachment with those where its network has addresses in use."""
    workloads = set(known(attachment.workload_zones))
    if not attachment.zones:
        return unknown(f"AZs of {named(attachment)} are unknown")
    if not workloads:
        return not_applicable(f"Network of {named(attachment)} has no workloads")
    missing = workloads.difference(attachment.zones)
    if not missing:
        return passed(f"{subject(attachment)} covers {zones_named(attachment, attachment.zones)}")
    return failed(
        f"{subject(attachment)} has no subnet in {zones_named(attachment, missing)}; workloads there cannot reach the gateway"
    )


@check(
    id="CN05",
    title="Both tunnels of a VPN connection are up",
    severity=Severity.MEDIUM,
    lesson="The provider replaces one end of a tunnel for maintenance without asking: with a single tunnel up, that "
    "routine replacement is an outage.",
    remediation="Configure the second tunnel on your device (`aws ec2 get-vpn-connection-device-sample-configuration"
    "`), and check it with `aws ec2 describe-vpn-connections --query 'VpnConnections[].VgwTelemetry'`.",
    docs="https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html",
)
def tunnels_up(_: Service, vpn: VpnConnection) -> Verdict:
    """Count the tunnels that are up now."""
    tunnels, working = known(vpn.tunnels), known(vpn.tunnels_up)
    if working >= 2:
        return passed(f"{subject(vpn)} has {counted(working, 'tunnel')} up", up=working)
    if working == 1:
        return failed(f"{subject(vpn)} has only 1 of {counted(tunnels, 'tunnel')} up", up=1)
    return failed(f"{subject(vpn)} has no tunnel up", up=0)


@check(
    id="CN06",
    title="VPN gateway has connections to more than one customer device",
    severity=Severity.MEDIUM,
    lesson="Both tunnels of one VPN connection end at the same device on your side: its firmware update or its power "
    "supply takes both down.",
    remediation="Create a customer gateway for a second device and a VPN connection to it: `aws ec2 "
    "create-customer-gateway`, `aws ec2 create-vpn-connection`.",
    docs="https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-redundant-connection.html",
)
def customer_devices(service: Service, vpns: tuple[VpnConnection, ...], lines: tuple[DedicatedLine, ...]) -> Verdict:
    """Judge each gateway; a dedicated line that carries traffic counts as the second path."""
    devices: dict[str, set[str]] = defaultdict(set)
    for vpn in vpns:
        devices[vpn.gateway].add(vpn.device)
    if not devices:
        return not_applicable(f"{service.name} has no VPN connection")
    single = sorted(gateway for gateway, ends in devices.items() if len(ends) < 2)
    if not single:
        return passed(f"VPN connections near {service.name} end at several customer devices")
    if settling(line.carries_traffic for line in lines):
        return passed(f"A dedicated connection near {service.name} is the second path beside its VPN")
    return failed(f"All VPN connections of gateway {single[0]} end at one customer device", gateways=len(single))


def _in_use(lines: Iterable[DedicatedLine]) -> tuple[list[DedicatedLine], NotKnownError | None]:
    """The lines that carry traffic, and why there may be more of them."""
    read, doubt = as_far_as_read(lines)
    unread = next((line.carries_traffic for line in read if isinstance(line.carries_traffic, Unread)), None)
    using = [line for line in read if line.carries_traffic is True]
    return using, doubt or (NotKnownError(unread.reason) if unread else None)


def _backup(vpns: Iterable[VpnConnection]) -> VpnConnection | None:
    """A VPN connection with a tunnel up.

    Raises:
        NotKnownError: none is known to have one, and some are unread.
    """
    return settling(
        vpn.tunnels_up if isinstance(vpn.tunnels_up, Unread) else vpn if vpn.tunnels_up else None for vpn in vpns
    )


@check(
    id="CN07",
    title="Dedicated connection has a second device or a VPN beside it",
    severity=Severity.HIGH,
    # https://aws.amazon.com/message/17908/: 7:30 to 13:42 in Tokyo; VPN connections were not affected.
    lesson="On 2 September 2021 devices on the path of Direct Connect to Tokyo failed for about six hours; sites with a "
    "VPN over the internet stayed connected. A single line also stops for every maintenance of its router.",
    remediation="Order a connection to another device, or create a VPN connection as backup: `aws directconnect "
    "create-connection`, `aws ec2 create-vpn-connection`; give it a virtual interface that carries traffic.",
    docs="https://docs.aws.amazon.com/directconnect/latest/UserGuide/resiliency_toolkit.html",
)
def line_devices(service: Service, lines: tuple[DedicatedLine, ...], vpns: tuple[VpnConnection, ...]) -> Verdict:
    """Count the provider's devices at which connections with traffic end."""
    using, doubt = _in_use(lines)
    if not using and doubt is None:
        return not_applicable(f"{service.name} has no dedicated connection that carries traffic")
    devices = {line.device for line in using}
    if "" not in devices and len(devices) >= 2:
        return passed(f"Dedicated connections near {service.name} end at {listed(devices)}", devices=len(devices))
    vpn = _backup(vpns) if using else None
    if vpn is None and doubt is not None:
        raise doubt
    if vpn is not None:
        return passed(f"{subject(vpn)} is the second path beside {named(using[0])}")
    if "" in devices:
        return unknown(f"Device of {named(using[0])} is unknown")
    return failed(
        f"All dedicated connections near {service.name} end at device {listed(devices)}, without a VPN", devices=1
    )


@check(
    id="CN08",
    title="Dedicated connections end in two locations, or have a VPN beside them",
    severity=Severity.MEDIUM,
    lesson="Two connections in one building share its power, its cooling and the duct to your site.",
    remediation="Order the second connection in another location: `aws directconnect describe-locations`, `aws "
    "directconnect create-connection --location`.",
    docs="https://docs.aws.amazon.com/directconnect/latest/UserGuide/high_resiliency.html",
)
def line_locations(service: Service, lines: tuple[DedicatedLine, ...], vpns: tuple[VpnConnection, ...]) -> Verdict:
    """Count the locations of connections with traffic."""
    using, doubt = _in_use(lines)
    if not using and doubt is None:
        return not_applicable(f"{service.name} has no dedicated connection that carries traffic")
    locations = {line.location for line in using}
    if "" not in locations and len(locations) >= 2:
        return passed(f"Dedicated connections near {service.name} end in {listed(locations)}")
    vpn = _backup(vpns) if using else None
    if vpn is None and doubt is not None:
        raise doubt
    if vpn is not None:
        return passed(f"{subject(vpn)} is the second path beside {named(using[0])}")
    if "" in locations:
        return unknown(f"Location of {named(using[0])} is unknown")
    return failed(f"All dedicated connections near {service.name} end in location {listed(locations)}, without a VPN")


@check(
    id="CN09",
    title="Bundled connection stays up without one of its links",
    severity=Severity.LOW,
    lesson="A bundle that requires all of its links stops as a whole when the first of them fails.",
    remediation="Lower the minimum: `aws directconnect update-lag --lag-id ID --minimum-links 1`, or as many links as "
    "your traffic needs.",
    docs="https://docs.aws.amazon.com/directconnect/latest/UserGuide/lags.html",
)
def bundle_survives(_: Service, line: DedicatedLine) -> Verdict:
    """Apply to bundles of at least two links."""
    if line.links is None or line.links < 2:
        return not_applicable(f"{subject(line)} is no bundle of several links")
    if line.minimum_links is None:
        return unknown(f"Minimum of links of {named(line)} is unknown")
    if line.minimum_links < line.links:
        return passed(f"{subject(line)} needs {line.minimum_links} of {line.links} links", links=line.links)
    return failed(f"{subject(line)} needs all of its {line.links} links; losing one takes it down", links=line.links)


@check(
    id="CN10",
    title="Accelerator has healthy endpoints in at least two regions",
    severity=Severity.MEDIUM,
    lesson="An accelerator moves traffic away from a failed region within a minute, but only to an endpoint group that "
    "exists, has traffic enabled, and is healthy.",
    remediation="Run `aws globalaccelerator create-endpoint-group --region us-west-2 --listener-arn ARN "
    "--endpoint-group-region` with the second region, with `--traffic-dial-percentage` above 0.",
    docs="https://docs.aws.amazon.com/global-accelerator/latest/dg/disaster-recovery-resiliency.html",
)
def accelerator_regions(_: Service, front: Accelerator) -> Verdict:
    """Judge the listener with the fewest regions."""
    if not front.enabled:
        return not_applicable(f"{subject(front)} is disabled")
    regions = known(front.regions)
    if len(regions) < 2:
        where = f"only to {regions[0]}" if regions else "to no region"
        return failed(f"{subject(front)} has a listener that sends traffic {where}", regions=listed(regions))
    healthy = known(front.healthy_regions)
    if len(healthy) >= 2:
        return passed(f"{subject(front)} has healthy endpoints in {listed(healthy)}")
    where = f"only in {healthy[0]}" if healthy else "in no region"
    return failed(f"{subject(front)} routes to {listed(regions)}, but has healthy endpoints {where}")


@check(
    id="CN11",
    title="Network firewall has deletion protection",
    severity=Severity.LOW,
    lesson="Routes that lead to a deleted firewall drop all traffic until somebody has made another one and changed them.",
    remediation="Run `aws network-firewall update-firewall-delete-protection --firewall-name NAME --delete-protection`.",
    docs="https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-settings.html",
)
def firewall_protected(_: Service, firewall: Firewall) -> Verdict:
    """Apply to products with this setting."""
    protection = known(firewall.deletion_protection)
    if protection is None:
        return not_applicable(f"{subject(firewall)} has no deletion protection setting")
    if protection:
        return passed(f"{subject(firewall)} has deletion protection")
    return failed(f"{subject(firewall)} can be deleted by a single API call (no deletion protection)")
