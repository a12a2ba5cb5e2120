"""Looks up the zones and free addresses of subnets, for resources that are placed in subnets."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from checks import Maybe, Unread


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
        found = (self.rows.get(name, {}).get("AvailabilityZoneId") for name in ids)
        return tuple(sorted({zone for zone in found if zone}))

    def in_several_zones(self, ids: Iterable[str]) -> "Maybe[bool]":
        """Whether these subnets span more than one zone."""
        return self.rows if isinstance(self.rows, Unread) else len(self.zones(ids)) > 1

    def free_addresses(self, ids: Iterable[str]) -> "Maybe[int | None]":
        """The number of free addresses in these subnets together; None if none of them is known."""
        if isinstance(self.rows, Unread):
            return self.rows
        counts = [self.rows[name].get("AvailableIpAddressCount") for name in ids if name in self.rows]
        if None in counts:
            return Unread("DescribeSubnets returned no AvailableIpAddressCount field")
        return sum(count for count in counts if count is not None) if counts else None
