"""Findings of one service -> how each check counts: the first step of the score.

A family weighs as much as its heaviest check, whether or not that check applies. If only applicable checks counted, a lost
permission could bring a heavy unknown check into a family of light checks that all pass, give that family more weight, and
so raise the score.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from checks._check import Check
from checks._finding import Finding
from checks._model import Outcome

_WITHOUT_SENTENCE = (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.WAIVED)


@dataclass(frozen=True, slots=True)
class Points:
    """How one check counts in a service's score: shares from 0 to 1 of the check's `weight`.

    `low`: every unknown failed; `high`: every unknown passed; `coverage`: the share that was read. `hidden`: a resource
    list is incomplete, so that any number of resources may be missing: nothing is proven (low 0) or excluded (high 1).
    `fault` is the sentence of the first failure, `doubt` of the first unknown, both empty where there is none.
    `on_word`: how many of those that passed do so on somebody's word alone.
    """

    check: Check
    weight: int
    low: float
    high: float
    coverage: float
    passed: int
    failed: int
    unknown: int
    waived: int
    hidden: bool = False
    fault: str = ""
    doubt: str = ""
    on_word: int = 0

    @property
    def low_on_evidence(self) -> float:
        """`low` if nobody's word counted."""
        return self.low - self._word_share

    @property
    def high_on_evidence(self) -> float:
        """`high` if nobody's word counted."""
        return self.high if self.hidden else self.high - self._word_share

    @property
    def _word_share(self) -> float:
        return 0.0 if self.hidden or not self.on_word else self.on_word / (self.passed + self.failed + self.unknown)

    @property
    def applies(self) -> bool:
        """Whether the check counts at all: something passed, failed or is unknown."""
        return bool(self.passed or self.failed or self.unknown)

    @property
    def low_if_fixed(self) -> float:
        """`low` once every failing resource passes. Unknown stays unproven."""
        return 0.0 if self.hidden else (self.passed + self.failed) / (self.passed + self.failed + self.unknown)


@dataclass(frozen=True, slots=True)
class FamilyShare:
    """How one family counts: `low` and `high` are shares from 0 to 1 of its `weight`; its checks share in it by `checks_weight`.

    `on_evidence`: low and high if nobody's word counted.
    """

    weight: int
    checks_weight: int
    low: float
    high: float
    on_evidence: tuple[float, float] = (0.0, 0.0)


def tally(findings: Iterable[Finding]) -> tuple[Points, ...]:
    """Count one service's findings by check, in the order they come."""
    by_check: dict[Check, list[Finding]] = {}
    for finding in findings:
        of_check = by_check.get(finding.check)
        if of_check is None:
            by_check[finding.check] = [finding]
        else:
            of_check.append(finding)
    return tuple(_count(check, found) for check, found in by_check.items())


@cache
def _shared_points(check: Check, outcome: Outcome) -> Points:
    """The points of a check with a single finding that needs no sentence: most have one, so they are cached."""
    passed, waived = int(outcome is Outcome.PASS), int(outcome is Outcome.WAIVED)
    return Points(check, check.severity.weight, passed, passed, passed, passed, 0, 0, waived)


def _count(check: Check, findings: Sequence[Finding]) -> Points:
    if len(findings) == 1 and findings[0].verdict.outcome in _WITHOUT_SENTENCE and not findings[0].verdict.on_word:
        return _shared_points(check, findings[0].verdict.outcome)
    passed = failed = unknown = waived = on_word = 0
    hidden, fault, doubt = False, "", ""
    for _, _, _, verdict, gap, _ in findings:
        outcome = verdict.outcome
        if outcome is Outcome.PASS:
            passed += 1
            on_word += verdict.on_word
        elif outcome is Outcome.FAIL:
            failed += 1
            fault = fault or verdict.summary
        elif outcome is Outcome.WAIVED:
            waived += 1
        elif outcome is not Outcome.NOT_APPLICABLE:
            unknown += 1
            doubt = doubt or verdict.summary
            hidden = hidden or (gap is not None and not gap.resource)
    judged = passed + failed + unknown
    low = 0.0 if hidden or not judged else passed / judged
    high = float(hidden) if hidden or not judged else (passed + unknown) / judged
    coverage = (passed + failed) / judged if judged else 0.0
    weight = check.severity.weight
    return Points(check, weight, low, high, coverage, passed, failed, unknown, waived, hidden, fault, doubt, on_word)


def families(points: Iterable[Points]) -> Mapping[str, FamilyShare]:
    """Mean of each family's checks by weight, of those families that apply."""
    heaviest: dict[str, int] = {}
    applying: dict[str, list[Points]] = {}
    for counted in points:
        family = counted.check.family
        heaviest[family] = max(heaviest.get(family, 0), counted.weight)
        if counted.applies:
            applying.setdefault(family, []).append(counted)
    shares = {}
    for family in sorted(applying):
        members = applying[family]
        total = sum(member.weight for member in members)
        low = sum(member.weight * member.low for member in members) / total
        high = sum(member.weight * member.high for member in members) / total
        on_evidence = low, high
        if any(member.on_word for member in members):
            on_evidence = (
                sum(member.weight * member.low_on_evidence for member in members) / total,
                sum(member.weight * member.high_on_evidence for member in members) / total,
            )
        shares[family] = FamilyShare(heaviest[family], total, low, high, on_evidence)
    return shares


def coverage(points: Iterable[Points], shares: Mapping[str, FamilyShare]) -> float:
    """The share of the score's weight that was read, 0 to 1; 0 where nothing applies."""
    total = sum(share.weight for share in shares.values())
    read = 0.0
    for counted in points:
        share = shares.get(counted.check.family)
        if share is not None and counted.applies:
            read += counted.coverage * counted.weight / share.checks_weight * share.weight
    return min(1.0, read / total) if total else 0.0
