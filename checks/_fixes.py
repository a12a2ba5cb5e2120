"""The next fixes: the steps that gain the most points, each with its gain."""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks._cap_rules import ActiveCap
from checks._check import Check
from checks._model import Service
from checks._points import FamilyShare, Points


@dataclass(frozen=True, slots=True)
class Fix:
    """Fixing `check` on all its failing `resources` gains `gain` points on the service (`estate_gain` on the estate).

    Fixes are in the order to make them; each gain is what the fix adds to those before it on the same service, so the
    gains add up, also under caps. Where a cap ends only once several checks are fixed, `together` names them all (this one
    included), and their gain is divided evenly.
    """

    service: str
    check: Check
    gain: float
    estate_gain: float
    resources: int
    summary: str
    together: tuple[str, ...] = ()


@dataclass(slots=True)
class _PlannedCap:
    """A cap while fixes are planned: it ends when `failing` is empty, and never while one of its checks is unknown (`stuck`)."""

    at_most: int
    failing: set[str]
    stuck: bool


class _FixPlan:
    """The plan of one service: its score without caps, its caps, and the gains of the checks that still fail."""

    def __init__(self, raw: float, gains: Mapping[str, float], caps: Iterable[ActiveCap]) -> None:
        self.raw, self.gains = raw, dict(gains)
        self.caps = [_PlannedCap(cap.rule.at_most, set(cap.failing), bool(cap.unread)) for cap in caps]

    @property
    def score(self) -> float:
        return min((self.raw, *(cap.at_most for cap in self.caps)))

    def steps(self) -> Iterator[tuple[tuple[str, ...], float]]:
        """Which checks to fix together, and the points that this gains."""
        while self.gains:
            before = self.score
            best = next(iter(self.gains))
            group = self._under_lowest_cap() or (best,)
            if len(group) > 1 or group[0] != best:
                alone = self._after((best,)) - before
                group = (best,) if alone > (self._after(group) - before) / len(group) else group
            self._fix(group)
            yield group, max(0.0, self.score - before)

    def _under_lowest_cap(self) -> tuple[str, ...]:
        lowest = min(self.caps, key=lambda cap: cap.at_most, default=None)
        return () if lowest is None or lowest.stuck else tuple(check for check in self.gains if check in lowest.failing)

    def _after(self, group: tuple[str, ...]) -> float:
        raw = self.raw + sum(self.gains[check] for check in group)
        return min((raw, *(cap.at_most for cap in self.caps if cap.stuck or not cap.failing.issubset(group))))

    def _fix(self, group: tuple[str, ...]) -> None:
        for check in group:
            self.raw += self.gains.pop(check)
        for cap in self.caps:
            cap.failing.difference_update(group)
        self.caps = [cap for cap in self.caps if cap.stuck or cap.failing]


def fixes(
    service: Service,
    points: Sequence[Points],
    shares: Mapping[str, FamilyShare],
    caps: Sequence[ActiveCap],
    *,
    share_of_estate: float,
) -> tuple[Fix, ...]:
    """Every failing check of a service, in the order to fix them. `share_of_estate`: its part of the estate's weight, 0 to 1."""
    total = sum(share.weight for share in shares.values())
    failing = {counted.check.id: counted for counted in points if counted.failed}
    raw = _raw(shares, total)
    gains = {check: _gain(counted, shares[counted.check.family], total) for check, counted in failing.items()}
    gains = dict(sorted(gains.items(), key=lambda item: (-item[1], -failing[item[0]].weight, item[0])))
    found = []
    for group, gain in _FixPlan(raw, gains, caps).steps():
        each, together = gain / len(group), group if len(group) > 1 else ()
        for check in group:
            counted = failing[check]
            estate_gain = each * share_of_estate
            found.append(Fix(service.name, counted.check, each, estate_gain, counted.failed, counted.fault, together))
    return tuple(found)


def _raw(shares: Mapping[str, FamilyShare], total: float) -> float:
    return sum(share.weight * share.low for share in shares.values()) / total * 100 if total else 0.0


def _gain(counted: Points, share: FamilyShare, total: float) -> float:
    return (counted.low_if_fixed - counted.low) * counted.weight / share.checks_weight * share.weight / total * 100


def merge(plans: Iterable[Sequence[Fix]]) -> tuple[Fix, ...]:
    """One list out of the services' lists: the fix with the highest gain for the estate first, each service's own order kept."""
    queue = [(-plan[0].estate_gain, plan[0].service, 0, plan) for plan in plans if plan]
    heapq.heapify(queue)
    merged = []
    while queue:
        _, name, place, plan = queue[0]
        merged.append(plan[place])
        if place + 1 < len(plan):
            heapq.heapreplace(queue, (-plan[place + 1].estate_gain, name, place + 1, plan))
        else:
            heapq.heappop(queue)
    return tuple(merged)
