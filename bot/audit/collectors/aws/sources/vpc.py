"""VPCs: zones of their subnets, and the NAT gateways and firewall endpoints that their subnets use."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.private_networks import endpoints, inspection_zones
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Network, Unread

Row = dict[str, Any]


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Network per VPC, from five listings of the region."""
    networks = aws.list("ec2", "DescribeVpcs", "Vpcs")
    if not networks:
        return
    subnets = aws.list("ec2", "DescribeSubnets", "Subnets")
    gateways = aws.maybe(lambda: aws.list("ec2", "DescribeNatGateways", "NatGateways"))
    tables = aws.maybe(lambda: aws.list("ec2", "DescribeRouteTables", "RouteTables"))
    region = _RegionNetwork(subnets, gateways, tables, aws.maybe(lambda: endpoints(aws)))
    identity = ItemIdentity[Row](
        "ec2:DescribeVpcs",
        lambda row: aws.arn("ec2", f"vpc/{row['VpcId']}"),
        lambda row: tag_map(row.get("Tags")),
    )
    yield from facts_of(aws, lambda row: _network(aws, row, region), networks, identity, calls=False)


@dataclass(frozen=True, slots=True)
class _RegionNetwork:
    """The subnets, NAT gateways, route tables and endpoints of a region; all but the subnets may be denied."""

    subnets: Sequence[Row]
    gateways: Maybe[list[Row]]
    tables: Maybe[list[Row]]
    endpoints: Maybe[list[Row]]

    def inspection(self, vpc: str, zones: Mapping[str, str]) -> Maybe[Mapping[str, str]]:
        """The zone of each endpoint of a firewall or gateway load balancer in a VPC. `zones`: of its subnets."""
        if isinstance(self.endpoints, Unread):
            return self.endpoints
        return inspection_zones((row for row in self.endpoints if row.get("VpcId") == vpc), zones)


def _network(aws: Reader, row: Row, region: _RegionNetwork) -> Fact:
    vpc, tags, tables = row["VpcId"], tag_map(row.get("Tags")), region.tables
    own_subnets = [subnet for subnet in region.subnets if subnet.get("VpcId") == vpc and subnet.get("SubnetId")]
    zones = {subnet["SubnetId"]: subnet.get("AvailabilityZoneId", "") for subnet in own_subnets}
    routes: Maybe[_Routes] = tables if isinstance(tables, Unread) else _Routes.of(tables, vpc, zones)
    nat_zones, borrowed = _egress(region.gateways, vpc, zones, routes)
    inspection = region.inspection(vpc, zones)
    return aws.fact(
        Network,
        resource=aws.arn("ec2", f"vpc/{vpc}"),
        name=tags.get("Name") or vpc,
        product="vpc",
        tags=tags,
        zones=_sorted(zones.values()),
        nat_zones=nat_zones,
        private_subnet_zones=() if isinstance(routes, Unread) else _sorted(zones[name] for name in routes.private),
        borrowed_egress=borrowed,
        inspection_zones=inspection if isinstance(inspection, Unread) else _sorted(inspection.values()),
        borrowed_inspection=_borrowed_inspection(routes, zones, inspection),
        default=bool(row.get("IsDefault")),
        zone_names={
            subnet["AvailabilityZone"]: subnet["AvailabilityZoneId"]
            for subnet in own_subnets
            if subnet.get("AvailabilityZone") and subnet.get("AvailabilityZoneId")
        },
    )


@dataclass(frozen=True, slots=True)
class _Routes:
    """The route table of each subnet; empty if it has none."""

    tables: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, tables: Sequence[Mapping[str, Any]], vpc: str, zones: Mapping[str, str]) -> "_Routes":
        main: Mapping[str, Any] = {}
        own: dict[str, Mapping[str, Any]] = {}
        for table in tables:
            if table.get("VpcId") != vpc:
                continue
            for link in table.get("Associations", ()):
                if link.get("Main"):
                    main = table
                elif link.get("SubnetId"):
                    own[link["SubnetId"]] = table
        return cls({subnet: own.get(subnet, main) for subnet in zones})

    @property
    def gateways(self) -> Mapping[str, str]:
        """The gateway id of the default route of each subnet, empty if it has none."""
        return {subnet: _default_route(table) for subnet, table in self.tables.items()}

    @property
    def private(self) -> list[str]:
        """Subnets without an internet gateway as default route."""
        return [subnet for subnet, gateway in self.gateways.items() if not gateway.startswith("igw-")]

    def borrowed(self, zones: Mapping[str, str], nats: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
        """Subnets that use a NAT gateway in another zone: (subnet, its zone, the gateway's zone)."""
        uses = ((subnet, zones[subnet], nats[gateway]) for subnet, gateway in self.gateways.items() if gateway in nats)
        return tuple(sorted(use for use in uses if use[1] != use[2]))

    def inspected(self, zones: Mapping[str, str], inspection: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
        """Subnets with a route through an endpoint in another zone: (subnet, its zone, the endpoint's zone)."""
        uses = (
            (subnet, zones[subnet], inspection[route["GatewayId"]])
            for subnet, table in self.tables.items()
            for route in table.get("Routes", ())
            if route.get("GatewayId") in inspection and route.get("State", "active") == "active"
        )
        return tuple(sorted({use for use in uses if use[1] != use[2]}))


def _egress(
    gateways: Maybe[list[Row]], vpc: str, zones: Mapping[str, str], routes: Maybe[_Routes]
) -> tuple[Maybe[tuple[str, ...]], Maybe[tuple[tuple[str, str, str], ...]]]:
    """The zones of the NAT gateways of a VPC, and the subnets that use one of another zone.

    A regional NAT gateway belongs to no subnet and follows the subnets into each of their zones.
    """
    if isinstance(gateways, Unread):
        return gateways, gateways
    own = [gateway for gateway in gateways if _is_available_in(gateway, vpc)]
    regional = any(_is_regional(gateway) for gateway in own)
    zonal = {
        gateway.get("NatGatewayId", ""): zones.get(gateway.get("SubnetId", ""), "")
        for gateway in own
        if not _is_regional(gateway)
    }
    borrowed = routes if isinstance(routes, Unread) else routes.borrowed(zones, zonal)
    return _sorted([*zonal.values(), *(zones.values() if regional else ())]), borrowed


def _borrowed_inspection(
    routes: Maybe[_Routes], zones: Mapping[str, str], inspection: Maybe[Mapping[str, str]]
) -> Maybe[tuple[tuple[str, str, str], ...]]:
    if isinstance(inspection, Unread):
        return inspection
    return routes if isinstance(routes, Unread) else routes.inspected(zones, inspection)


def _default_route(table: Mapping[str, Any]) -> str:
    for route in table.get("Routes", ()):
        if route.get("DestinationCidrBlock") == "0.0.0.0/0" and route.get("State", "active") == "active":
            return str(route.get("NatGatewayId") or route.get("GatewayId") or route.get("TransitGatewayId") or "")
    return ""


def _is_available_in(gateway: Mapping[str, Any], vpc: str) -> bool:
    return gateway.get("VpcId") == vpc and gateway.get("State") in ("available", "pending")


def _is_regional(gateway: Mapping[str, Any]) -> bool:
    return gateway.get("AvailabilityMode") == "regional" or not gateway.get("SubnetId")


def _sorted(zones: Any) -> tuple[str, ...]:
    return tuple(sorted({zone for zone in zones if zone}))


SOURCE = Source(
    name="aws_networks",
    facts=(Network,),
    actions=(
        "ec2:DescribeVpcs",
        "ec2:DescribeSubnets",
        "ec2:DescribeNatGateways",
        "ec2:DescribeRouteTables",
        "ec2:DescribeVpcEndpoints",
    ),
    read=read,
)
