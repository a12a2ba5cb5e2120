"""One region of the example estate: takes resources one at a time and builds AWS's responses about all of them."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.app.demo.server import Reply

ACCOUNT = "111122223333"
_LETTERS = "abc"


@dataclass
class Region:
    """A region that resources are added to. `zones`: its zone ids, of which three are used. `now`: the time of the responses."""

    name: str
    zones: tuple[str, ...]
    now: datetime
    rows: dict[tuple[str, str, str], list[Any]] = field(default_factory=lambda: defaultdict(list))
    details: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(dict))

    def arn(self, service: str, rest: str) -> str:
        """An ARN in this region."""
        return f"arn:aws:{service}:{self.name}:{ACCOUNT}:{rest}"

    def zone(self, index: int) -> str:
        """The name of a zone in this account."""
        return f"{self.name}{_LETTERS[index]}"

    def tagged(self, arn: str, service: str, **more: str) -> list[dict[str, str]]:
        """Tag a resource with its service, and return the tags."""
        tags = [{"Key": key, "Value": value} for key, value in {"service": service, **more}.items()]
        self.rows["resourcegroupstaggingapi", "GetResources", "ResourceTagMappingList"].append(
            {"ResourceARN": arn, "Tags": tags}
        )
        return tags

    def listed(self, service: str, operation: str, key: str, row: Any) -> None:
        """Add a row to a listing; `key` as in `Reader.list`, where dots step inwards."""
        self.rows[service, operation, key].append(row)

    def detail(self, service: str, operation: str, of: str, reply: Mapping[str, Any]) -> None:
        """Set the response about one resource; `of` is the value of any parameter of the request."""
        self.details[service, operation][of] = reply

    def network(self, zones: int, *, gateways: int) -> None:
        """Add a VPC with a private and a public subnet per zone; `gateways`: number of zones with a NAT gateway."""
        for index in range(3):
            self.listed(
                "ec2",
                "DescribeAvailabilityZones",
                "AvailabilityZones",
                {"ZoneName": self.zone(index), "ZoneId": self.zones[index], "State": "available"},
            )
        vpc = f"vpc-{self.name}"
        self.listed("ec2", "DescribeVpcs", "Vpcs", {"VpcId": vpc, "IsDefault": False, "CidrBlock": "10.0.0.0/16"})
        for index in range(zones):
            home = min(index, gateways - 1)
            for kind in ("private", "public"):
                self._subnet(vpc, kind, index, f"nat-{self.name}-{home}" if kind == "private" else "")
        for index in range(gateways):
            gateway = {"NatGatewayId": f"nat-{self.name}-{index}", "State": "available", "VpcId": vpc}
            self.listed(
                "ec2", "DescribeNatGateways", "NatGateways", gateway | {"SubnetId": self.subnet("public", index)}
            )

    def _subnet(self, vpc: str, kind: str, index: int, gateway: str) -> None:
        subnet = self.subnet(kind, index)
        self.listed(
            "ec2",
            "DescribeSubnets",
            "Subnets",
            {
                "SubnetId": subnet,
                "VpcId": vpc,
                "AvailabilityZone": self.zone(index),
                "AvailabilityZoneId": self.zones[index],
                "AvailableIpAddressCount": 240,
                "MapPublicIpOnLaunch": kind == "public",
            },
        )
        target = {"NatGatewayId": gateway} if gateway else {"GatewayId": f"igw-{self.name}"}
        self.listed(
            "ec2",
            "DescribeRouteTables",
            "RouteTables",
            {
                "RouteTableId": f"rtb-{subnet}",
                "VpcId": vpc,
                "Associations": [{"SubnetId": subnet, "Main": False}],
                "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "State": "active", **target}],
            },
        )

    def subnet(self, kind: str, index: int) -> str:
        """The id of a subnet."""
        return f"subnet-{self.name}-{kind}-{index}"

    def subnets(self, zones: int) -> list[str]:
        """The ids of the private subnets in the first zones."""
        return [self.subnet("private", index) for index in range(zones)]

    def ago(self, **time: float) -> datetime:
        """A time before now."""
        return self.now - timedelta(**time)

    def script(self) -> dict[tuple[str, str, str], Reply]:
        """The responses of this region, by (region, service, operation)."""
        found: dict[tuple[str, str, str], Reply] = {}
        whole: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        for (service, operation, key), rows in self.rows.items():
            *outer, last = key.split(".")
            inner = whole[service, operation]
            for step in outer:
                inner = inner.setdefault(step, {})
            inner[last] = rows
        for (service, operation), reply in whole.items():
            found[self.name, service, operation] = reply
        for (service, operation), replies in self.details.items():
            found[self.name, service, operation] = _by_parameter(replies)
        return found


def _by_parameter(replies: Mapping[str, Mapping[str, Any]]) -> Reply:
    """The answer for the known name in the request."""

    def choose(params: Mapping[str, Any]) -> Mapping[str, Any]:
        request = json.dumps(params, default=str)
        values = {value for value in params.values() if isinstance(value, str)}
        exact = next((reply for name, reply in replies.items() if name in values), None)
        return exact if exact is not None else next((r for name, r in replies.items() if f'"{name}"' in request), {})

    return choose
