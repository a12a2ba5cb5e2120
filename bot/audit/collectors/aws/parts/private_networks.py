"""The zones of endpoints in private networks, and of the addresses that something else uses there."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any, Final

from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader, Rows
from checks import Maybe, Unread

_RESERVED: Final = 5  # addresses that AWS keeps in each subnet (VPC user guide, "Subnet CIDR blocks")
_INSPECTING: Final = "gatewayloadbalancer"


def endpoints(aws: Reader) -> Rows:
    """The VPC endpoints of the region: one listing, shared by all sources.

    Raises:
        ReadError: they cannot be listed.
    """
    return aws.list("ec2", "DescribeVpcEndpoints", "VpcEndpoints")


def inspection_zones(rows: Iterable[Mapping[str, Any]], subnets: Mapping[str, str]) -> dict[str, str]:
    """The zone of each endpoint of a firewall or gateway load balancer, which is in a single subnet. `subnets`: their zones."""
    found: dict[str, str] = {}
    for row in rows:
        zone = next((subnets[name] for name in row.get("SubnetIds", ()) if subnets.get(name)), "")
        if row.get("VpcEndpointType", "").lower() == _INSPECTING and zone and row.get("VpcEndpointId"):
            found[row["VpcEndpointId"]] = zone
    return found


@dataclass(frozen=True, slots=True)
class PrivateNetworks:
    """The subnets of a region, and how many of the addresses of each are those of VPC endpoints."""

    subnets: Subnets
    endpoint_addresses: Counter[str]

    @classmethod
    def read(cls, aws: Reader) -> "PrivateNetworks":
        """Read subnets and endpoints: two listings, shared by all sources. Without endpoints all addresses count as workload's."""
        rows = aws.maybe(lambda: endpoints(aws))
        known = [] if isinstance(rows, Unread) else rows
        return cls(Subnets.read(aws), Counter(name for row in known for name in row.get("SubnetIds", ())))

    def zones(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The zone ids of these subnets, as far as known."""
        return self.subnets.zones(ids)

    def workload_zones(self, network: str) -> "Maybe[tuple[str, ...]]":
        """The zones of a network in which it has addresses in use, apart from those of its endpoints."""
        rows = self.subnets.rows
        if isinstance(rows, Unread):
            return rows
        own = {name: row for name, row in rows.items() if row.get("VpcId") == network}
        used = {name: self._used(name, row) for name, row in own.items() if not row.get("Ipv6Native")}
        if None in used.values():
            return Unread("DescribeSubnets returned no CidrBlock or AvailableIpAddressCount field")
        return self.zones(name for name, count in used.items() if count)

    def _used(self, name: str, row: Mapping[str, Any]) -> int | None:
        """The number of addresses of a subnet that are in use by something else than endpoints; None if not known."""
        free, block = row.get("AvailableIpAddressCount"), row.get("CidrBlock")
        if free is None or not block:
            return None
        taken: int = IPv4Network(block).num_addresses - _RESERVED - free
        return max(0, taken - self.endpoint_addresses[name])
