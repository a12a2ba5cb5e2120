"""What to mend first: the steps which win the most score, each with what it wins."""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks._ceilings import Held
from checks._check import Check
from checks._model import Service
from checks._points import FamilyShare, Points


@dataclass(frozen=True, slots=True)
class Fix:
    """A step worth taking: mending `check` on all its failing `resources` wins `gain` points on the service (`estate_gain` on the estate).

    Steps are in the order to take them and each gain is what the step adds to those before it on the same service, so the
    gains add up, also under caps. Where a cap lifts only once several checks are mended, `together` names them all
    (this one among them), and what they win together is shared out evenly.
    """

    service: str
    check: Check
    gain: float
    estate_gain: float
    resources: int
    summary: str
    together: tuple[str, ...] = ()


@dataclass(slots=True)
class _Lid:
    """A cap while steps are planned: it lifts when `failing` is empty, never where something under it is unread."""

    at_most: int
    failing: set[str]
    stuck: bool


class _Plan:
    """One service's way up: its score without caps, its caps, and what is still to be mended."""

    def __init__(self, raw: float, wins: Mapping[str, float], ceilings: Iterable[Held]) -> None:
        self.raw, self.wins = raw, dict(wins)
        self.lids = [_Lid(one.ceiling.at_most, set(one.failing), bool(one.unread)) for one in ceilings]

    @property
    def score(self) -> float:
        return min((self.raw, *(lid.at_most for lid in self.lids)))

    def steps(self) -> Iterator[tuple[tuple[str, ...], float]]:
        """Which checks to mend together, and what that wins."""
        while self.wins:
            before = self.score
            best = next(iter(self.wins))
            group = self._under_lowest_lid() or (best,)
            if len(group) > 1 or group[0] != best:
                alone = self._after((best,)) - before
                group = (best,) if alone > (self._after(group) - before) / len(group) else group
            self._mend(group)
            yield group, max(0.0, self.score - before)

    def _under_lowest_lid(self) -> tuple[str, ...]:
        lid = min(self.lids, key=lambda one: one.at_most, default=None)
        return () if lid is None or lid.stuck else tuple(one for one in self.wins if one in lid.failing)

    def _after(self, group: tuple[str, ...]) -> float:
        raw = self.raw + sum(self.wins[one] for one in group)
        return min((raw, *(lid.at_most for lid in self.lids if lid.stuck or not lid.failing.issubset(group))))

    def _mend(self, group: tuple[str, ...]) -> None:
        for one in group:
            self.raw += self.wins.pop(one)
        for lid in self.lids:
            lid.failing.difference_update(group)
        self.lids = [lid for lid in self.lids if lid.stuck or lid.failing]


def fixes(
    service: Service,
    points: Sequence[Points],
    shares: Mapping[str, FamilyShare],
    ceilings: Sequence[Held],
    *,
    share_of_estate: float,
) -> tuple[Fix, ...]:
    """Every failing check of a service, in the order to mend them. `share_of_estate`: its part of the estate's weight, 0 to 1."""
    total = sum(share.weight for share in shares.values())
    failing = {one.check.id: one for one in points if one.failed}
    raw = _raw(shares, total)
    wins = {key: _win(one, shares[one.check.family], total) for key, one in failing.items()}
    wins = dict(sorted(wins.items(), key=lambda item: (-item[1], -failing[item[0]].weight, item[0])))
    found = []
    for group, gain in _Plan(raw, wins, ceilings).steps():
        each, together = gain / len(group), group if len(group) > 1 else ()
        for key in group:
            one = failing[key]
            found.append(Fix(service.name, one.check, each, each * share_of_estate, one.failed, one.fault, together))
    return tuple(found)


def _raw(shares: Mapping[str, FamilyShare], total: float) -> float:
    return sum(share.weight * share.low for share in shares.values()) / total * 100 if total else 0.0


def _win(one: Points, share: FamilyShare, total: float) -> float:
    return (one.low_if_mended - one.low) * one.weight / share.checks_weight * share.weight / total * 100


def merge(plans: Iterable[Sequence[Fix]]) -> tuple[Fix, ...]:
    """One list out of the services' lists: always the step which wins the most for the estate, each service's own order kept."""
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
