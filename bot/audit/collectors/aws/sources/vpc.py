"""VPC -> Network: the zones of its subnets, and by whose NAT gateway each of them reaches the world."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Network, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """One Network each, from four listings of the region."""
    networks = aws.list("ec2", "DescribeVpcs", "Vpcs")
    if not networks:
        return
    subnets = aws.list("ec2", "DescribeSubnets", "Subnets")
    gateways = aws.list("ec2", "DescribeNatGateways", "NatGateways")
    tables = aws.maybe(lambda: aws.list("ec2", "DescribeRouteTables", "RouteTables"))
    for row in networks:
        vpc, tags = row["VpcId"], tag_map(row.get("Tags"))
        mine = [subnet for subnet in subnets if subnet["VpcId"] == vpc]
        zones = {subnet["SubnetId"]: subnet.get("AvailabilityZoneId", "") for subnet in mine}
        nats = {
            gateway["NatGatewayId"]: zones.get(gateway.get("SubnetId", ""), "")
            for gateway in gateways
            if _serves(gateway, vpc)
        }
        ways: Maybe[_Ways] = tables if isinstance(tables, Unread) else _Ways.of(tables, vpc, zones)
        yield aws.fact(
            Network,
            resource=aws.arn("ec2", f"vpc/{vpc}"),
            name=tags.get("Name") or vpc,
            product="vpc",
            tags=tags,
            zones=_sorted(zones.values()),
            nat_zones=_sorted(nats.values()),
            private_subnet_zones=() if isinstance(ways, Unread) else _sorted(zones[name] for name in ways.private),
            borrowed_egress=ways if isinstance(ways, Unread) else ways.borrowed(zones, nats),
            default=bool(row.get("IsDefault")),
            zone_names={
                subnet["AvailabilityZone"]: subnet["AvailabilityZoneId"]
                for subnet in mine
                if subnet.get("AvailabilityZone") and subnet.get("AvailabilityZoneId")
            },
        )


@dataclass(frozen=True, slots=True)
class _Ways:
    """Where each subnet's default route leads: the id of a gateway, empty for nowhere."""

    out: Mapping[str, str]

    @classmethod
    def of(cls, tables: Sequence[Mapping[str, Any]], vpc: str, zones: Mapping[str, str]) -> "_Ways":
        main, own = "", {}
        for table in tables:
            if table["VpcId"] != vpc:
                continue
            way = _default_route(table)
            for link in table.get("Associations", ()):
                if link.get("Main"):
                    main = way
                elif link.get("SubnetId"):
                    own[link["SubnetId"]] = way
        return cls({subnet: own.get(subnet, main) for subnet in zones})

    @property
    def private(self) -> list[str]:
        """Subnets whose default route is no internet gateway."""
        return [subnet for subnet, way in self.out.items() if not way.startswith("igw-")]

    def borrowed(self, zones: Mapping[str, str], nats: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
        """Subnets that leave by a NAT gateway of another zone."""
        steps = ((subnet, zones[subnet], nats[way]) for subnet, way in self.out.items() if way in nats)
        return tuple(sorted(step for step in steps if step[1] != step[2]))


def _default_route(table: Mapping[str, Any]) -> str:
    for route in table.get("Routes", ()):
        if route.get("DestinationCidrBlock") == "0.0.0.0/0" and route.get("State", "active") == "active":
            return str(route.get("NatGatewayId") or route.get("GatewayId") or route.get("TransitGatewayId") or "")
    return ""


def _serves(gateway: Mapping[str, Any], vpc: str) -> bool:
    return gateway.get("VpcId") == vpc and gateway.get("State") in ("available", "pending")


def _sorted(zones: Any) -> tuple[str, ...]:
    return tuple(sorted({zone for zone in zones if zone}))


SOURCE = Source(
    name="aws_networks",
    facts=(Network,),
    actions=("ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeNatGateways", "ec2:DescribeRouteTables"),
    read=read,
)
