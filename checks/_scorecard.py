"""Findings -> score, grade, coverage, caps and next fixes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from checks._cap_rules import ON_WORD_AT_MOST, Cap, active_caps, capped, lowest_on_evidence, word_cap
from checks._finding import Finding
from checks._fixes import Fix, fixes, merge
from checks._grants import Grant, grants, joined
from checks._model import Service
from checks._points import FamilyShare, Points, coverage, families, tally
from checks._run import ruleset

_GRADES = (("A", 90), ("B", 75), ("C", 60), ("D", 40), ("F", 0))
COVERAGE_FOR_A = 0.9
COVERAGE_FOR_GRADE = 0.5


@dataclass(frozen=True, slots=True)
class ServiceScore:
    """A service's scorecard. `score` is what is proven: equal to `low`. Scores run from 0 to 100, coverage from 0 to 1.

    `grade` is A to F, or empty where coverage is below 50 %. `families` maps family to (low, high). `on_word`: the points of
    the score that rest on attestations alone; `grants`: missing permissions.
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
    on_word: float = 0.0
    grants: tuple[Grant, ...] = ()

    @property
    def held_by(self) -> Cap | None:
        """The lowest cap, where it holds down what is proven or what is possible; None where the score is below it by itself."""
        lowest = min(self.caps, key=lambda cap: cap.at_most, default=None)
        if lowest is None:
            return None
        reached = self.high if lowest.proven else self.score
        return lowest if reached >= lowest.at_most - 1e-9 else None

    @property
    def read_first(self) -> tuple[Grant, ...]:
        """What to let backstay read before anything is fixed; empty where enough was read for every grade."""
        return self.grants if self.coverage < COVERAGE_FOR_A else ()


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The estate's scorecard: mean of its services weighted by tier. `caps` is empty: caps belong to services."""

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
    on_word: float = 0.0

    @property
    def read_first(self) -> tuple[Grant, ...]:
        """What to let backstay read before anything is fixed; empty where enough was read for every grade."""
        return joined(card.grants for card in self.services) if self.coverage < COVERAGE_FOR_A else ()


def grade(score: float, coverage: float) -> str:
    """A to F; no A where coverage is below 90 %, empty where it is below 50 %."""
    # A mean of 90 may come out as 89.99999999999999, and which way depends on the order of summing.
    reached, read = round(score, 6), round(coverage, 9)
    if read < COVERAGE_FOR_GRADE:
        return ""
    letter = next(letter for letter, least in _GRADES if reached >= least)
    return "B" if letter == "A" and read < COVERAGE_FOR_A else letter


def score(findings: Iterable[Finding], *, services: Sequence[Service], now: datetime) -> Scorecard:
    """Score the findings. Every service gets a score, also one without findings: low 0, high 100, no grade.

    `low` counts every unknown as failed, `high` as passed; the published score is `low`, so that a lost permission never
    raises it. Linear in findings.
    """
    by_service: dict[str, list[Finding]] = {service.name: [] for service in services}
    for finding in findings:
        of_service = by_service.get(finding.service.name)
        if of_service is not None:
            of_service.append(finding)
    total = sum(service.tier.weight for service in services)
    scored = tuple(
        _service_score(service, by_service[service.name], service.tier.weight / total if total else 0.0)
        for service in services
    )
    low = _mean([(card.service.tier.weight, card.low) for card in scored])
    high = _mean([(card.service.tier.weight, card.high) for card in scored])
    read = _mean([(card.service.tier.weight, card.coverage) for card in scored])
    return Scorecard(
        generated_at=now,
        ruleset=ruleset(),
        score=low,
        low=low,
        high=high if scored else 100.0,
        grade=grade(low, read),
        coverage=read,
        caps=(),
        services=scored,
        fixes=merge(card.fixes for card in scored),
        on_word=_mean([(card.service.tier.weight, card.on_word) for card in scored]),
    )


def _mean(weighed: Sequence[tuple[float, float]]) -> float:
    total = sum(weight for weight, _ in weighed)
    return sum(weight * value for weight, value in weighed) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class _Interval:
    """A service's score with its caps: what is proven, what is possible, and the points on somebody's word."""

    low: float
    high: float
    on_word: float
    caps: tuple[Cap, ...]


def _interval(
    service: Service, points: Sequence[Points], shares: Mapping[str, FamilyShare], caps: tuple[Cap, ...]
) -> _Interval:
    low = capped(_mean([(share.weight, share.low * 100) for share in shares.values()]), caps)
    high = _mean([(share.weight, share.high * 100) for share in shares.values()]) if shares else 100.0
    high = capped(high, caps, proven_only=True)
    if not any(counted.on_word for counted in points):
        return _Interval(low, high, 0.0, caps)
    ceiling = lowest_on_evidence(service, points)
    evidence = min(
        capped(_mean([(share.weight, share.on_evidence[0] * 100) for share in shares.values()]), caps), ceiling
    )
    possible = _mean([(share.weight, share.on_evidence[1] * 100) for share in shares.values()])
    possible = min(capped(possible, caps, proven_only=True), ceiling)
    caps = tuple(sorted((*caps, *word_cap(low, evidence, points)), key=lambda cap: cap.at_most))
    low = capped(low, caps)
    return _Interval(low, max(low, min(high, max(ON_WORD_AT_MOST, possible))), low - evidence, caps)


def _service_score(service: Service, findings: Sequence[Finding], share_of_estate: float) -> ServiceScore:
    points = tally(findings)
    shares = families(points)
    active = active_caps(service, points)
    interval = _interval(service, points, shares, tuple(cap.cap() for cap in active))
    read = coverage(points, shares)
    missing = grants(findings)
    nothing_found = any(grant.nothing_found for grant in missing)
    return ServiceScore(
        service=service,
        score=interval.low,
        low=interval.low,
        high=interval.high,
        grade=grade(interval.low, read),
        coverage=read,
        caps=interval.caps,
        families={family: (share.low * 100, share.high * 100) for family, share in shares.items()},
        points=points,
        # Until its resources are found, what is known of a service is what its catalogue says: no fix of that comes first.
        fixes=() if nothing_found else fixes(service, points, shares, active, share_of_estate=share_of_estate),
        findings=tuple(findings),
        on_word=interval.on_word,
        grants=missing,
    )
