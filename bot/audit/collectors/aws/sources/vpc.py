"""VPCs: zones of their subnets, and the NAT gateways that their subnets use."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Network, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Network per VPC, from four listings of the region."""
    networks = aws.list("ec2", "DescribeVpcs", "Vpcs")
    if not networks:
        return
    subnets = aws.list("ec2", "DescribeSubnets", "Subnets")
    gateways = aws.list("ec2", "DescribeNatGateways", "NatGateways")
    tables = aws.maybe(lambda: aws.list("ec2", "DescribeRouteTables", "RouteTables"))
    for row in networks:
        vpc, tags = row["VpcId"], tag_map(row.get("Tags"))
        own_subnets = [subnet for subnet in subnets if subnet["VpcId"] == vpc]
        zones = {subnet["SubnetId"]: subnet.get("AvailabilityZoneId", "") for subnet in own_subnets}
        nats = {
            gateway["NatGatewayId"]: zones.get(gateway.get("SubnetId", ""), "")
            for gateway in gateways
            if _is_available_in(gateway, vpc)
        }
        routes: Maybe[_DefaultRoutes] = tables if isinstance(tables, Unread) else _DefaultRoutes.of(tables, vpc, zones)
        yield aws.fact(
            Network,
            resource=aws.arn("ec2", f"vpc/{vpc}"),
            name=tags.get("Name") or vpc,
            product="vpc",
            tags=tags,
            zones=_sorted(zones.values()),
            nat_zones=_sorted(nats.values()),
            private_subnet_zones=() if isinstance(routes, Unread) else _sorted(zones[name] for name in routes.private),
            borrowed_egress=routes if isinstance(routes, Unread) else routes.borrowed(zones, nats),
            default=bool(row.get("IsDefault")),
            zone_names={
                subnet["AvailabilityZone"]: subnet["AvailabilityZoneId"]
                for subnet in own_subnets
                if subnet.get("AvailabilityZone") and subnet.get("AvailabilityZoneId")
            },
        )


@dataclass(frozen=True, slots=True)
class _DefaultRoutes:
    """The gateway id of the default route of each subnet, empty if it has none."""

    gateways: Mapping[str, str]

    @classmethod
    def of(cls, tables: Sequence[Mapping[str, Any]], vpc: str, zones: Mapping[str, str]) -> "_DefaultRoutes":
        main, own = "", {}
        for table in tables:
            if table["VpcId"] != vpc:
                continue
            gateway = _default_route(table)
            for link in table.get("Associations", ()):
                if link.get("Main"):
                    main = gateway
                elif link.get("SubnetId"):
                    own[link["SubnetId"]] = gateway
        return cls({subnet: own.get(subnet, main) for subnet in zones})

    @property
    def private(self) -> list[str]:
        """Subnets without an internet gateway as default route."""
        return [subnet for subnet, gateway in self.gateways.items() if not gateway.startswith("igw-")]

    def borrowed(self, zones: Mapping[str, str], nats: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
        """Subnets that use a NAT gateway in another zone: (subnet, its zone, the gateway's zone)."""
        uses = ((subnet, zones[subnet], nats[gateway]) for subnet, gateway in self.gateways.items() if gateway in nats)
        return tuple(sorted(use for use in uses if use[1] != use[2]))


def _default_route(table: Mapping[str, Any]) -> str:
    for route in table.get("Routes", ()):
        if route.get("DestinationCidrBlock") == "0.0.0.0/0" and route.get("State", "active") == "active":
            return str(route.get("NatGatewayId") or route.get("GatewayId") or route.get("TransitGatewayId") or "")
    return ""


def _is_available_in(gateway: Mapping[str, Any], vpc: str) -> bool:
    return gateway.get("VpcId") == vpc and gateway.get("State") in ("available", "pending")


def _sorted(zones: Any) -> tuple[str, ...]:
    return tuple(sorted({zone for zone in zones if zone}))


SOURCE = Source(
    name="aws_networks",
    facts=(Network,),
    actions=("ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeNatGateways", "ec2:DescribeRouteTables"),
    read=read,
)
