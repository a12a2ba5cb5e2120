"""Hard caps on a service's score: faults that no number of passing checks elsewhere makes up for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from checks._caps import NEVER_REHEARSED, NO_BACKUP, SINGLE_REGION
from checks._model import Service, Severity
from checks._points import Points
from checks._words import rounded_down


@dataclass(frozen=True, slots=True)
class Cap:
    """A hard cap on a score, named in the output. `because` is one sentence, `checks` the ids that caused it.

    `proven` False: it applies because the checks are unknown, and ends as soon as they are read and pass; it limits what is
    proven (`low`) and not what is possible (`high`).
    """

    at_most: float
    because: str
    checks: tuple[str, ...]
    proven: bool = True

    def __str__(self) -> str:
        """`capped at 59: tier-1 service runs in a single region`, the number rounded as every score is."""
        return f"capped at {rounded_down(self.at_most)}: {self.because}"


@dataclass(frozen=True, slots=True)
class CapRule:
    """The score is at most `at_most` while one of the checks that `names` selects does not pass."""

    at_most: int
    because: str
    unread: str
    names: Callable[[Points], bool]
    applies_to: Callable[[Service], bool] = lambda _: True


CAP_RULES: Sequence[CapRule] = (
    CapRule(
        39,
        "a primary datastore has no restorable backup",
        "unknown whether every primary datastore has a restorable backup",
        lambda points: points.check.id in NO_BACKUP,
    ),
    CapRule(
        59,
        "tier-1 service runs in a single region",
        "unknown whether this tier-1 service runs in more than one region",
        lambda points: points.check.id in SINGLE_REGION,
        lambda service: service.tier.number == 1,
    ),
    CapRule(
        69,
        "no successful failover test within the required period",
        "unknown whether a failover test succeeded within the required period",
        lambda points: points.check.id in NEVER_REHEARSED,
    ),
    CapRule(
        74,
        "a critical check fails",
        "a critical check is unknown",
        lambda points: points.check.severity is Severity.CRITICAL,
    ),
)


ON_WORD_AT_MOST = 74
"""Attestations lift no service above this, the top of grade C; what is above it must rest on evidence."""

_ON_WORD = "points above grade C cannot rest on attestations"


@dataclass(frozen=True, slots=True)
class ActiveCap:
    """A cap on one service, and its cause: ids of checks that fail, and of those that are unknown."""

    rule: CapRule
    failing: tuple[str, ...]
    unread: tuple[str, ...]

    def cap(self) -> Cap:
        """The cap as it is shown."""
        if self.failing:
            return Cap(self.rule.at_most, self.rule.because, self.failing)
        return Cap(self.rule.at_most, self.rule.unread, self.unread, proven=False)


def active_caps(service: Service, points: Iterable[Points]) -> tuple[ActiveCap, ...]:
    """The caps on a service, lowest first."""
    unproven = [counted for counted in points if counted.failed or counted.unknown]
    found = []
    for rule in CAP_RULES:
        if not rule.applies_to(service):
            continue
        named = [counted for counted in unproven if rule.names(counted)]
        if named:
            failing = tuple(counted.check.id for counted in named if counted.failed)
            found.append(ActiveCap(rule, failing, tuple(counted.check.id for counted in named if counted.unknown)))
    return tuple(found)


def lowest_on_evidence(service: Service, points: Sequence[Points]) -> float:
    """The lowest cap that would hold if nobody's word counted, 100 where there is none: an attested test lifts no cap then."""
    vouched = [counted for counted in points if counted.on_word]
    return min(
        (rule.at_most for rule in CAP_RULES if rule.applies_to(service) and any(map(rule.names, vouched))), default=100
    )


def word_cap(score: float, on_evidence: float, points: Iterable[Points]) -> tuple[Cap, ...]:
    """The cap on a score that attestations lift too high, none where they do not. `on_evidence`: the score without them."""
    limit = max(float(ON_WORD_AT_MOST), on_evidence)
    if score <= limit + 1e-9:
        return ()
    return (Cap(limit, _ON_WORD, tuple(counted.check.id for counted in points if counted.on_word)),)


def capped(score: float, caps: Iterable[Cap], *, proven_only: bool = False) -> float:
    """The score after its caps; `proven_only` ignores caps from unknown checks."""
    return min((score, *(cap.at_most for cap in caps if cap.proven or not proven_only)))
