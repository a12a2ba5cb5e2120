"""Zones and room of subnets, for everything that is placed by naming subnets."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from checks import Maybe, Unread


@dataclass(frozen=True, slots=True)
class Subnets:
    """A region's subnets by id, or why they could not be read."""

    rows: "Maybe[dict[str, dict[str, Any]]]"

    @classmethod
    def read(cls, aws: Reader) -> "Subnets":
        """One listing of the region, shared by all sources."""
        rows = aws.maybe(lambda: aws.list("ec2", "DescribeSubnets", "Subnets"))
        return cls(rows if isinstance(rows, Unread) else {row["SubnetId"]: row for row in rows})

    def zones(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Zone ids of these subnets, as far as they are told."""
        if isinstance(self.rows, Unread):
            return ()
        found = (self.rows.get(name, {}).get("AvailabilityZoneId") for name in ids)
        return tuple(sorted({zone for zone in found if zone}))

    def spread(self, ids: Iterable[str]) -> "Maybe[bool]":
        """Whether these subnets stand in more than one zone."""
        return self.rows if isinstance(self.rows, Unread) else len(self.zones(ids)) > 1

    def free(self, ids: Iterable[str]) -> "Maybe[int | None]":
        """Free addresses in these subnets together; None where none of them is known."""
        if isinstance(self.rows, Unread):
            return self.rows
        counts = [self.rows[name]["AvailableIpAddressCount"] for name in ids if name in self.rows]
        return sum(counts) if counts else None
