"""The next fixes: the steps that gain the most points, each with its gain."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks._cap_rules import ON_WORD_AT_MOST, ActiveCap, lowest_on_evidence
from checks._caps import ON_WORD, PAPERWORK
from checks._check import Check
from checks._model import Service
from checks._points import FamilyShare, Points

FIX_ORDER = "Changes of the system first, then documents and attestations; within each, the largest gain first"
"""The one order of fixes, as outputs explain it. Where little was read, permissions come before all of them."""

_NO_GAIN = 1e-9


@dataclass(frozen=True, slots=True)
class Fix:
    """Fixing `check` on all its failing `resources` gains `gain` points on the service (`estate_gain` on the estate).

    A service's fixes are in the order to make them; each gain is what the fix adds to those before it, so the gains add up,
    also under caps. Where a cap ends only once several checks are fixed, `together` names them all (this one included), and
    their gain is divided evenly. A failing check whose fix gains nothing, because something unknown caps the score, is none.
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
    """The plan of one service: its score without caps, its caps, and the gains of the checks that still fail.

    `evidence`: the score without caps and without anybody's word; `ceiling`: the cap on it from tests that are only attested.
    """

    def __init__(
        self, raw: float, evidence: float, ceiling: float, gains: Mapping[str, float], caps: Iterable[ActiveCap]
    ) -> None:
        self.raw, self.evidence, self.ceiling, self.gains = raw, evidence, ceiling, dict(gains)
        self.caps = [_PlannedCap(cap.rule.at_most, set(cap.failing), bool(cap.unread)) for cap in caps]

    @property
    def score(self) -> float:
        return self._after(())

    def steps(self) -> Iterator[tuple[tuple[str, ...], float]]:
        """Which checks to fix together, and the points that this gains: steps that gain nothing alone join the next."""
        before = self.score
        waiting: tuple[str, ...] = ()
        while self.gains:
            level = self.score
            best = next(iter(self.gains))
            group = self._under_lowest_cap() or (best,)
            if len(group) > 1 or group[0] != best:
                alone = self._after((best,)) - level
                group = (best,) if alone > (self._after(group) - level) / len(group) else group
            self._fix(group)
            waiting += group
            if self.score - before > _NO_GAIN:
                yield waiting, self.score - before
                before, waiting = self.score, ()

    def _under_lowest_cap(self) -> tuple[str, ...]:
        lowest = min(self.caps, key=lambda cap: cap.at_most, default=None)
        return () if lowest is None or lowest.stuck else tuple(check for check in self.gains if check in lowest.failing)

    def _after(self, group: tuple[str, ...]) -> float:
        raw = self.raw + sum(self.gains[check] for check in group)
        evidence = self.evidence + sum(self.gains[check] for check in group if check not in ON_WORD)
        cap = min((cap.at_most for cap in self.caps if cap.stuck or not cap.failing.issubset(group)), default=100)
        return min(raw, cap, max(ON_WORD_AT_MOST, min(evidence, self.ceiling)))

    def _fix(self, group: tuple[str, ...]) -> None:
        for check in group:
            gain = self.gains.pop(check)
            self.raw += gain
            self.evidence += 0.0 if check in ON_WORD else gain
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
    """The failing checks of a service whose fixes gain points, in the order to fix them.

    `share_of_estate`: the service's part of the estate's weight, 0 to 1.
    """
    total = sum(share.weight for share in shares.values())
    failing = {counted.check.id: counted for counted in points if counted.failed}
    gains = {check: _gain(counted, shares[counted.check.family], total) for check, counted in failing.items()}
    ordered = sorted(gains, key=lambda check: (check in PAPERWORK, -gains[check], -failing[check].weight, check))
    gains = {check: gains[check] for check in ordered if gains[check] > _NO_GAIN}
    raw, evidence = (_raw(shares, total, by_word=by_word) for by_word in (True, False))
    found = []
    for group, gain in _FixPlan(raw, evidence, lowest_on_evidence(service, points), gains, caps).steps():
        each, together = gain / len(group), group if len(group) > 1 else ()
        for check in group:
            counted = failing[check]
            estate_gain = each * share_of_estate
            found.append(Fix(service.name, counted.check, each, estate_gain, counted.failed, counted.fault, together))
    return tuple(found)


def _raw(shares: Mapping[str, FamilyShare], total: float, *, by_word: bool) -> float:
    lows = ((share.weight, share.low if by_word else share.on_evidence[0]) for share in shares.values())
    return sum(weight * low for weight, low in lows) / total * 100 if total else 0.0


def _gain(counted: Points, share: FamilyShare, total: float) -> float:
    return (counted.low_if_fixed - counted.low) * counted.weight / share.checks_weight * share.weight / total * 100


@dataclass(frozen=True, slots=True)
class FixLine:
    """The same check on one or more services: one line of a list. `fixes`: the highest gain for the estate first."""

    fixes: tuple[Fix, ...]

    @property
    def check(self) -> Check:
        """What is to be fixed."""
        return self.fixes[0].check

    @property
    def estate_gain(self) -> float:
        """The points that fixing it on all of these services adds to the estate's score."""
        return sum(fix.estate_gain for fix in self.fixes)


def fix_lines(found: Iterable[Fix]) -> tuple[FixLine, ...]:
    """Fixes of several services by check, in the order of `FIX_ORDER`; the gain is the estate's."""
    by_check: dict[str, list[Fix]] = {}
    for fix in found:
        by_check.setdefault(fix.check.id, []).append(fix)
    lines = [
        FixLine(tuple(sorted(same, key=lambda fix: (-fix.estate_gain, fix.service)))) for same in by_check.values()
    ]
    return tuple(sorted(lines, key=lambda line: (line.check.id in PAPERWORK, -line.estate_gain, line.check.id)))


def merge(plans: Iterable[Sequence[Fix]]) -> tuple[Fix, ...]:
    """One list out of the services' lists, line by line as `fix_lines` orders them."""
    return tuple(fix for line in fix_lines(fix for plan in plans for fix in plan) for fix in line.fixes)
