"""Findings -> score, grade, coverage, caps, what to fix first; history -> trend."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from checks._check import Check
from checks._finding import Finding
from checks._model import Service


@dataclass(frozen=True, slots=True)
class Cap:
    """A hard ceiling on a score, named in the output. `because` is one sentence, `checks` the ids that caused it."""

    at_most: int
    because: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """How one check counts in a service's score: shares from 0 to 1 of the check's `weight`.

    `low`: every unknown failed; `high`: every unknown passed; `coverage`: the share that could be read.
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


@dataclass(frozen=True, slots=True)
class Fix:
    """A step worth taking: mending `check` wins `gain` points on the service (`estate_gain` on the estate)."""

    service: str
    check: Check
    gain: float
    estate_gain: float
    resources: int
    summary: str


@dataclass(frozen=True, slots=True)
class ServiceScore:
    """A service's scorecard. `score` is what could be proven: equal to `low`. Shares and scores run 0 to 100, coverage 0 to 1.

    `grade` is A to F, or empty where under half could be read ("not enough seen"). `families` maps family to (low, high).
    """

    service: Service
    score: float
    low: float
    high: float
    grade: str
    coverage: float
    caps: tuple[Cap, ...]
    families: Mapping[str, tuple[float, float]]
    points: tuple[Points, ...]
    fixes: tuple[Fix, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The estate's scorecard: mean of its services weighted by tier."""

    generated_at: datetime
    ruleset: str
    score: float
    low: float
    high: float
    grade: str
    coverage: float
    caps: tuple[Cap, ...]
    services: tuple[ServiceScore, ...]
    fixes: tuple[Fix, ...]


@dataclass(frozen=True, slots=True)
class PastScore:
    """One remembered score of a service (`service` empty: of the estate)."""

    service: str
    at: datetime
    score: float
    grade: str
    coverage: float
    ruleset: str
    failing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trend:
    """Change since an earlier score. `rules_changed`: the set of checks differs, so part of the change is not the estate's.

    `fixed` and `broken` are check ids that left and joined the failing ones.
    """

    since: PastScore
    change: float
    rules_changed: bool
    fixed: tuple[str, ...]
    broken: tuple[str, ...]


def score(findings: Iterable[Finding], *, services: Sequence[Service], now: datetime) -> Scorecard:
    """Weigh the findings. Each service gets a score, also one without any finding (nothing seen: no grade)."""
    raise NotImplementedError


def trend(current: ServiceScore | Scorecard, history: Sequence[PastScore], *, now: datetime) -> Trend | None:
    """Compare with the score nearest to a week ago (at least a day old), None where there is none."""
    raise NotImplementedError
