"""Findings -> score, grade, coverage, caps, what to fix first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from checks._ceilings import Cap, capped, held
from checks._finding import Finding
from checks._fixes import Fix, fixes, merge
from checks._model import Service
from checks._points import Points, coverage, families, tally
from checks._run import ruleset

_GRADES = (("A", 90), ("B", 75), ("C", 60), ("D", 40), ("F", 0))
COVERAGE_FOR_A = 0.9
COVERAGE_FOR_GRADE = 0.5


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
    """The estate's scorecard: mean of its services weighted by tier. Caps are the services' own and stand with them."""

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


def grade(score: float, coverage: float) -> str:
    """A to F; no A where less than 90 % could be read, none at all (empty) where less than half could."""
    # A mean of 90 may come out as 89.99999999999999, and which way depends on the order of summing.
    reached, read = round(score, 6), round(coverage, 9)
    if read < COVERAGE_FOR_GRADE:
        return ""
    letter = next(letter for letter, least in _GRADES if reached >= least)
    return "B" if letter == "A" and read < COVERAGE_FOR_A else letter


def score(findings: Iterable[Finding], *, services: Sequence[Service], now: datetime) -> Scorecard:
    """Weigh the findings. Each service gets a score, also one of which nothing was seen: low 0, high 100, no grade.

    `low` takes every unknown for failed, `high` for passed; the published score is `low`, so that what can no longer be
    read never raises it. Linear in findings.
    """
    by_service: dict[str, list[Finding]] = {service.name: [] for service in services}
    for finding in findings:
        of_service = by_service.get(finding.service.name)
        if of_service is not None:
            of_service.append(finding)
    total = sum(service.tier.weight for service in services)
    scored = tuple(
        _score_one(service, by_service[service.name], service.tier.weight / total if total else 0.0)
        for service in services
    )
    low, high = (_mean([(one.service.tier.weight, value) for one, value in side]) for side in _sides(scored))
    read = _mean([(one.service.tier.weight, one.coverage) for one in scored])
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
        fixes=merge(one.fixes for one in scored),
    )


def _sides(scored: Sequence[ServiceScore]) -> tuple[list[tuple[ServiceScore, float]], list[tuple[ServiceScore, float]]]:
    return [(one, one.low) for one in scored], [(one, one.high) for one in scored]


def _mean(weighed: Sequence[tuple[float, float]]) -> float:
    total = sum(weight for weight, _ in weighed)
    return sum(weight * value for weight, value in weighed) / total if total else 0.0


def _score_one(service: Service, findings: Sequence[Finding], share_of_estate: float) -> ServiceScore:
    points = tally(findings)
    shares = families(points)
    ceilings = held(service, points)
    caps = tuple(one.cap() for one in ceilings)
    low = _mean([(share.weight, share.low * 100) for share in shares.values()])
    high = _mean([(share.weight, share.high * 100) for share in shares.values()]) if shares else 100.0
    low, high = capped(low, caps), capped(high, caps, proven_only=True)
    read = coverage(points, shares)
    return ServiceScore(
        service=service,
        score=low,
        low=low,
        high=high,
        grade=grade(low, read),
        coverage=read,
        caps=caps,
        families={family: (share.low * 100, share.high * 100) for family, share in shares.items()},
        points=points,
        fixes=fixes(service, points, shares, ceilings, share_of_estate=share_of_estate),
        findings=tuple(findings),
    )
