"""Looks up the zones and free addresses of subnets, for resources that are placed in subnets."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from checks import Maybe, Unread


def _zone_of(row: dict[str, Any]) -> str:
    """The zone of a subnet: its id, else its name."""
    return str(row.get("AvailabilityZoneId") or row.get("AvailabilityZone") or "")


@dataclass(frozen=True, slots=True)
class Subnets:
    """The subnets of a region by id, or why they could not be read."""

    rows: "Maybe[dict[str, dict[str, Any]]]"

    @classmethod
    def read(cls, aws: Reader) -> "Subnets":
        """Read the subnets of the region: one listing, shared by all sources."""
        rows = aws.maybe(lambda: aws.list("ec2", "DescribeSubnets", "Subnets"))
        return cls(rows if isinstance(rows, Unread) else {row["SubnetId"]: row for row in rows if row.get("SubnetId")})

    def zones(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The zone ids of these subnets, as far as known."""
        if isinstance(self.rows, Unread):
            return ()
        return tuple(sorted({zone for name in ids if (zone := _zone_of(self.rows.get(name, {})))}))

    def in_several_zones(self, ids: Iterable[str]) -> "Maybe[bool]":
        """Whether these subnets span more than one zone."""
        names = list(ids)
        if isinstance(self.rows, Unread) or len(self.zones(names)) > 1:
            return self.rows if isinstance(self.rows, Unread) else True
        if any(name in self.rows and not _zone_of(self.rows[name]) for name in names):
            return Unread("DescribeSubnets returned no zone of a subnet")
        return False

    def free_addresses(self, ids: Iterable[str]) -> "Maybe[int | None]":
        """The number of free addresses in these subnets together; None if none of them is known."""
        if isinstance(self.rows, Unread):
            return self.rows
        counts = [self.rows[name].get("AvailableIpAddressCount") for name in ids if name in self.rows]
        if None in counts:
            return Unread("DescribeSubnets returned no AvailableIpAddressCount field")
        return sum(count for count in counts if count is not None) if counts else None
