"""Compares what each region of a service may use with what the other regions use now."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from checks._facts import ComputeGroup, ComputeKind, Quota, Unread
from checks._nouns import COMPUTE_NOUNS


@dataclass(frozen=True, slots=True)
class QuotaComparison:
    """Quotas of several regions. `short`: quotas too low for the usage of another region; `pairs`: how many were compared.

    `unread`: why the usage of one could not be read, None where all were read.
    """

    short: tuple[str, ...]
    pairs: int
    unread: Unread | None

    @classmethod
    def of(cls, quotas: Iterable[Quota], regions: Collection[str]) -> "QuotaComparison":
        """Compare each quota in each of these regions with what the others use of it."""
        measured: dict[tuple[str, str, str], dict[str, tuple[float, float]]] = defaultdict(dict)
        unread: Unread | None = None
        for quota in quotas:
            used = quota.used if quota.region in regions else None
            if isinstance(used, Unread):
                unread = unread or used
            elif used is not None and quota.limit > 0:
                measured[quota.account, quota.product, quota.name][quota.region] = (used, quota.limit)
        pairs = {key: by_region for key, by_region in measured.items() if len(by_region) >= 2}
        short = tuple(
            f"{name} in {region}"
            for (_, _, name), by_region in pairs.items()
            for region, (used, limit) in by_region.items()
            if used + max(other for place, (other, _) in by_region.items() if place != region) > limit
        )
        return cls(short, len(pairs), unread)


@dataclass(frozen=True, slots=True)
class MaximumComparison:
    """Maxima of several regions. `regions`: those with a group that has a maximum.

    `short`: kinds of compute, with the region, whose maximum there is lower than what runs in another region. `unread`: why
    the maximum of one group could not be read, None where all were read.
    """

    regions: frozenset[str]
    short: tuple[str, ...]
    unread: Unread | None

    @classmethod
    def of(cls, groups: Iterable[ComputeGroup]) -> "MaximumComparison":
        """Compare, per kind of compute, the sum of the maxima in a region with what runs in the busiest other region.

        Raises:
            NotKnownError: some groups are unread.
        """
        running: dict[tuple[ComputeKind, str], int] = defaultdict(int)
        maximum: dict[tuple[ComputeKind, str], int] = defaultdict(int)
        unread: dict[tuple[ComputeKind, str], Unread] = {}
        for group in groups:
            at, most = (group.kind, group.region), group.max_size
            if isinstance(most, Unread):
                unread[at] = most
            if most is not None:
                running[at] += group.desired or 0
                maximum[at] += 0 if isinstance(most, Unread) else most
        short = tuple(
            f"{COMPUTE_NOUNS[kind]} in {region}"
            for (kind, region), most in maximum.items()
            if (kind, region) not in unread
            and most
            < max((count for (other, place), count in running.items() if other is kind and place != region), default=0)
        )
        return cls(frozenset(region for _, region in maximum), short, next(iter(unread.values()), None))
