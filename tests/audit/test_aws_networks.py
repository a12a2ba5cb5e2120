"""VPC endpoints, firewalls, transit gateways and VPNs: what AWS answers, and the verdict that must come of it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from support.builders.aws_sources import named, read, read_with_gaps
from support.builders.moment import ACCOUNT
from support.fakes.aws import FakeAws, Fault, fake_aws
from support.harness.aws_verdicts import State
from support.harness.serving import moto_aws
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from bot.audit.collectors.aws.sources import network_firewall, transit_gateway, vpc_endpoints, vpn
from checks import Firewall, LifePhase, PrivateEndpoint, TransitAttachment, Unread, VpnConnection

ZONE_OF = {"s-a": "az1", "s-b": "az2", "s-c": "az4"}


def subnets(*used: str, vpc: str = "vpc-1", appliances: int = 0) -> dict[str, Any]:
    """Three subnets of 251 addresses; those named have ten in use, the others only their `appliances`."""

    def row(name: str) -> dict[str, Any]:
        free = 241 if name in used else 251 - appliances
        place = {"AvailabilityZoneId": ZONE_OF[name], "AvailabilityZone": f"us-east-1-{name}"}
        return {"SubnetId": name, "VpcId": vpc, "CidrBlock": "10.0.0.0/24", "AvailableIpAddressCount": free, **place}

    return {"Subnets": [row(name) for name in ZONE_OF]}


def endpoint(*ids: str, kind: str = "Interface", name: str = "vpce-1", **told: Any) -> dict[str, Any]:
    own = {"VpcEndpointId": name, "VpcEndpointType": kind, "VpcId": "vpc-1", "State": "available"}
    return {**own, "ServiceName": "com.amazonaws.us-east-1.kms", "SubnetIds": list(ids), **told}


def attachment(*ids: str, **told: Any) -> dict[str, Any]:
    own = {"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "VpcId": "vpc-1"}
    return {**own, "VpcOwnerId": ACCOUNT, "State": "available", "SubnetIds": list(ids), **told}


def firewall(*ids: str, **told: Any) -> dict[str, Any]:
    own = {"FirewallName": "edge", "FirewallPolicyArn": "p", "FirewallId": "f", "VpcId": "vpc-1"}
    found = {**own, "SubnetMappings": [{"SubnetId": name} for name in ids], **told}
    status = {"Status": "READY", "ConfigurationSyncStateSummary": "IN_SYNC"}
    return {"Firewall": found, "FirewallStatus": status}


def tunnels(*statuses: str, **told: Any) -> dict[str, Any]:
    own = {"VpnConnectionId": "vpn-1", "State": "available", "CustomerGatewayId": "cgw-1", "VpnGatewayId": "vgw-1"}
    return {**own, "VgwTelemetry": [{"Status": status} for status in statuses], **told}


def with_endpoints(*rows: dict[str, Any], used: tuple[str, ...] = tuple(ZONE_OF), appliances: int = 0) -> Any:
    return {
        ("ec2", "DescribeVpcEndpoints"): {"VpcEndpoints": list(rows)},
        ("ec2", "DescribeSubnets"): subnets(*used, appliances=appliances),
    }


def with_firewall(answer: Mapping[str, Any], *used: str) -> Any:
    return {
        ("network-firewall", "ListFirewalls"): {"Firewalls": [{"FirewallName": "edge", "FirewallArn": "arn:aws:x"}]},
        ("network-firewall", "DescribeFirewall"): answer,
        ("ec2", "DescribeSubnets"): subnets(*(used or ZONE_OF)),
    }


def resolver(*ids: str, status: str = "ATTACHED", **told: Any) -> Any:
    own = {"Id": "rslvr-1", "Arn": "arn:aws:route53resolver:::r", "HostVPCId": "vpc-1", "Direction": "OUTBOUND", **told}
    addresses = [{"IpId": f"rni-{at}", "SubnetId": name, "Status": status} for at, name in enumerate(ids)]
    return {
        ("route53resolver", "ListResolverEndpoints"): {"ResolverEndpoints": [own]},
        ("route53resolver", "ListResolverEndpointIpAddresses"): {"IpAddresses": addresses},
        ("ec2", "DescribeSubnets"): subnets(*ZONE_OF),
    }


def with_attachment(row: dict[str, Any], *used: str) -> Any:
    listed = {"TransitGatewayVpcAttachments": [row]}
    return {("ec2", "DescribeTransitGatewayVpcAttachments"): listed, ("ec2", "DescribeSubnets"): subnets(*used)}


def routed(*through: tuple[str, str]) -> Any:
    """A firewall endpoint in az1 and az2; each (subnet, endpoint) is a route table of its own."""
    tables = [
        {
            "VpcId": "vpc-1",
            "Associations": [{"SubnetId": name}],
            "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": target, "State": "active"}],
        }
        for name, target in through
    ]
    return {
        ("ec2", "DescribeVpcs"): {"Vpcs": [{"VpcId": "vpc-1"}]},
        ("ec2", "DescribeRouteTables"): {"RouteTables": tables},
        **with_endpoints(
            endpoint("s-a", kind="GatewayLoadBalancer", name="vpce-a"),
            endpoint("s-b", kind="GatewayLoadBalancer", name="vpce-b"),
            endpoint(kind="Gateway", name="vpce-s3"),
        ),
    }


def vpns(*rows: dict[str, Any]) -> Any:
    return {("ec2", "DescribeVpnConnections"): {"VpnConnections": list(rows)}}


ENDPOINTS, FIREWALLS, NETWORKS = ("aws_private_endpoints",), ("aws_network_firewalls",), ("aws_networks",)
TRANSIT, VPNS, RESOLVERS = ("aws_transit_attachments",), ("aws_vpn_connections",), ("aws_resolver_endpoints",)

STATES = [
    State("endpoint in one of three", "CN01", FAIL, with_endpoints(endpoint("s-a")), ENDPOINTS, says="only in az1"),
    State("endpoint in two of three", "CN01", PASS, with_endpoints(endpoint("s-a", "s-b")), ENDPOINTS),
    State("workloads in one", "CN01", NOT_APPLICABLE, with_endpoints(endpoint("s-a"), used=("s-b",)), ENDPOINTS),
    State(
        "only other endpoints elsewhere",
        "CN01",
        NOT_APPLICABLE,
        with_endpoints(endpoint("s-a"), endpoint("s-b", "s-c", kind="GatewayLoadBalancer"), used=("s-a",), appliances=1),
        ENDPOINTS,
    ),
    State("no endpoint with addresses", "CN01", NOT_APPLICABLE, with_endpoints(endpoint(kind="Gateway")), ENDPOINTS),
    State("waiting to be accepted", "CN01", NOT_APPLICABLE, with_endpoints(endpoint("s-a", State="pendingAcceptance")), ENDPOINTS),
    State("being deleted", "CN01", NOT_APPLICABLE, with_endpoints(endpoint("s-a", State="deleting")), ENDPOINTS),
    State("DNS in two zones", "CN01", PASS, resolver("s-a", "s-b"), RESOLVERS),
    State("DNS in one zone", "CN01", FAIL, resolver("s-a", "s-a"), RESOLVERS, says="outbound DNS"),
    State("DNS without an address", "CN01", UNKNOWN, resolver("s-a", "s-b", status="FAILED_CREATION"), RESOLVERS),
    State("DNS that recovers", "CN01", PASS, resolver("s-a", "s-b", Status="AUTO_RECOVERING"), RESOLVERS),
    State("DNS being made", "CN01", NOT_APPLICABLE, resolver(Status="CREATING"), RESOLVERS),
    State("subnet without CIDR", "CN01", UNKNOWN, {
        **with_endpoints(endpoint("s-a")),
        ("ec2", "DescribeSubnets"): {"Subnets": [{"SubnetId": "s-a", "VpcId": "vpc-1", "AvailabilityZoneId": "az1"}]},
    }, ENDPOINTS, says="CidrBlock"),
    State("firewall in one", "CN02", FAIL, with_firewall(firewall("s-a")), FIREWALLS, says="only in az1"),
    State("firewall in three", "CN02", PASS, with_firewall(firewall(*ZONE_OF)), FIREWALLS),
    State("network in one", "CN02", NOT_APPLICABLE, with_firewall(firewall("s-a"), "s-a"), FIREWALLS),
    State(
        "attached to a transit gateway",
        "CN02",
        FAIL,
        with_firewall(firewall(AvailabilityZoneMappings=[{"AvailabilityZone": "us-east-1-s-a"}])),
        FIREWALLS,
    ),
    State("being made", "CN02", NOT_APPLICABLE, with_firewall(
        {**firewall("s-a"), "FirewallStatus": {"Status": "PROVISIONING", "ConfigurationSyncStateSummary": "PENDING"}}
    ), FIREWALLS),
    State("each by its own", "CN03", PASS, routed(("s-a", "vpce-a"), ("s-b", "vpce-b")), NETWORKS),
    State("one by another", "CN03", FAIL, routed(("s-a", "vpce-a"), ("s-c", "vpce-a")), NETWORKS, says="s-c (az4) through az1"),
    State("bucket endpoint", "CN03", PASS, routed(("s-c", "vpce-s3")), NETWORKS),
    State("attached everywhere", "CN04", PASS, with_attachment(attachment(*ZONE_OF), *ZONE_OF), TRANSIT),
    State("attached in two", "CN04", FAIL, with_attachment(attachment("s-a", "s-b"), *ZONE_OF), TRANSIT, says="in az4"),
    State("where something runs", "CN04", PASS, with_attachment(attachment("s-a", "s-b"), "s-a"), TRANSIT),
    State("of another account", "CN04", NOT_APPLICABLE, with_attachment(attachment("s-x", VpcOwnerId="2" * 12)), TRANSIT),
    State("rolling back", "CN04", UNKNOWN, with_attachment(attachment(*ZONE_OF, State="rollingBack"), *ZONE_OF), TRANSIT),
    State("both up", "CN05", PASS, vpns(tunnels("UP", "UP")), VPNS),
    State("one down", "CN05", FAIL, vpns(tunnels("UP", "DOWN")), VPNS, says="only 1 of 2"),
    State("no telemetry", "CN05", UNKNOWN, vpns({"VpnConnectionId": "vpn-1", "State": "available"}), VPNS),
    State("deleted an hour ago", "CN05", NOT_APPLICABLE, vpns(tunnels("DOWN", "DOWN", State="deleted")), VPNS),
    State("one device", "CN06", FAIL, vpns(tunnels("UP", "UP")), VPNS, says="vgw-1"),
    State("two devices", "CN06", PASS, vpns(
        tunnels("UP", "UP"), tunnels("UP", "UP", VpnConnectionId="vpn-2", CustomerGatewayId="cgw-2")
    ), VPNS),
]  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=str)
def test_a_state_and_its_verdict(state: State) -> None:
    state.hold()


def test_what_is_denied_is_unread_and_costs_nothing_else() -> None:
    with fake_aws() as aws:
        aws.on("ec2", "DescribeVpcEndpoints", {"VpcEndpoints": [endpoint("s-a", PrivateDnsEnabled=True)]})
        aws.on("ec2", "DescribeSubnets", Fault("UnauthorizedOperation", 403))
        found = named(read(aws, vpc_endpoints.SOURCE), PrivateEndpoint)["kms"]
        aws.on("network-firewall", "ListFirewalls", {"Firewalls": [{"FirewallName": "edge", "FirewallArn": "arn:f"}]})
        aws.on("network-firewall", "DescribeFirewall", Fault("AccessDeniedException"))
        facts, unread = read_with_gaps(aws, network_firewall.SOURCE)
    assert (found.zones, found.private_dns) == ((), True)
    assert found.workload_zones == Unread("access denied to ec2:DescribeSubnets")
    assert (facts, [gap.resource for gap in unread]) == ([], ["arn:f"])


@pytest.fixture(scope="module")
def moto() -> Iterator[FakeAws]:
    with moto_aws() as there:
        yield FakeAws(there["AWS_ENDPOINT_URL"])


def test_another_implementation_of_the_same_api(moto: FakeAws) -> None:
    ec2: Any = moto.session().create_client("ec2", region_name="us-east-1")
    rows = ec2.describe_subnets()["Subnets"][:2]
    network, ids = rows[0]["VpcId"], [row["SubnetId"] for row in rows]
    target = "com.amazonaws.us-east-1.kms"
    ec2.create_vpc_endpoint(VpcId=network, ServiceName=target, VpcEndpointType="Interface", SubnetIds=ids)
    gateway = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=network, SubnetIds=ids)
    device = ec2.create_customer_gateway(Type="ipsec.1", PublicIp="192.0.2.1", BgpAsn=65000)["CustomerGateway"]
    ec2.create_vpn_connection(CustomerGatewayId=device["CustomerGatewayId"], TransitGatewayId=gateway, Type="ipsec.1")
    policy: Any = moto.session().create_client("network-firewall", region_name="us-east-1")
    policy.create_firewall(
        FirewallName="edge", FirewallPolicyArn="arn:p", VpcId=network, SubnetMappings=[{"SubnetId": ids[0]}]
    )

    zones = tuple(sorted(row["AvailabilityZoneId"] for row in rows))
    kms = named(read(moto, vpc_endpoints.SOURCE), PrivateEndpoint)["kms"]
    attached = [fact for fact in read(moto, transit_gateway.SOURCE) if isinstance(fact, TransitAttachment)]
    assert (kms.zones, kms.target, kms.phase) == (zones, target, LifePhase.RUNNING)
    assert attached == []  # its VPC is in moto's own account
    site = next(fact for fact in read(moto, vpn.SOURCE) if isinstance(fact, VpnConnection))
    assert (site.device, site.gateway) == (device["CustomerGatewayId"], gateway)
    edge = named(read(moto, network_firewall.SOURCE), Firewall)["edge"]
    assert edge.zones == (rows[0]["AvailabilityZoneId"],)
