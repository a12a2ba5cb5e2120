"""How a service's score came about, so that every point can be added up by hand."""

from dataclasses import dataclass

from checks._ceilings import Cap
from checks._points import FamilyShare, Points, families
from checks._scorecard import ServiceScore


@dataclass(frozen=True, slots=True)
class CheckPart:
    """What one check brings: `points` of the `possible` ones (0 to 100 over the whole service). `why` says how they were counted."""

    points: float
    possible: float
    counted: Points
    why: str


@dataclass(frozen=True, slots=True)
class FamilyPart:
    """What one family brings: the sum of its checks. `weight` of its heaviest check, of `of_weight` over all families."""

    family: str
    weight: int
    of_weight: int
    points: float
    possible: float
    checks: tuple[CheckPart, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole sum: `families` add up to `before_caps`; the lowest of the caps, or none, makes it the `score`."""

    families: tuple[FamilyPart, ...]
    before_caps: float
    caps: tuple[Cap, ...]
    score: float
    left_out: tuple[Points, ...]
    sentences: tuple[str, ...]


def explain_service(scored: ServiceScore) -> Explanation:
    """Take a score apart: possible points by family weight, within it by check weight, of those what is proven; then caps.

    `left_out` are the checks that do not apply, or whose every failure is waived.
    """
    shares = families(scored.points)
    total = sum(share.weight for share in shares.values())
    parts = tuple(_family(name, share, total, scored.points) for name, share in shares.items())
    before = sum(part.points for part in parts)
    return Explanation(
        families=parts,
        before_caps=before,
        caps=scored.caps,
        score=scored.score,
        left_out=tuple(points for points in scored.points if not points.applies),
        sentences=_sentences(scored, parts, before),
    )


def _family(name: str, share: FamilyShare, total: int, points: tuple[Points, ...]) -> FamilyPart:
    possible = share.weight / total * 100
    counted = [one for one in points if one.check.family == name and one.applies]
    checks = tuple(_check(one, possible * one.weight / share.checks_weight) for one in counted)
    return FamilyPart(name, share.weight, total, sum(one.points for one in checks), possible, checks)


def _check(one: Points, possible: float) -> CheckPart:
    return CheckPart(one.low * possible, possible, one, _why(one))


def _why(one: Points) -> str:
    judged = one.passed + one.failed + one.unknown
    waived = f"; {one.waived} waived, left out" if one.waived else ""
    if one.hidden:
        return f"a listing could not be read, so nothing is proven ({one.passed} seen to pass, {one.failed} to fail){waived}"
    unknown = f", {one.unknown} unknown and counted as failed" if one.unknown else ""
    return f"{one.passed} of {judged} pass{unknown}{waived}"


def _sentences(scored: ServiceScore, parts: tuple[FamilyPart, ...], before: float) -> tuple[str, ...]:
    if not parts:
        return (f"Nothing that applies to {scored.service.name} was seen: no grade, and no point is proven.",)
    told = [
        f"{part.family} weighs {part.weight} of {part.of_weight}: {part.points:.1f} of {part.possible:.1f} points"
        for part in parts
    ]
    told.append(f"Together {before:.1f} points")
    told.extend(f"At most {cap.at_most}: {cap.because} ({', '.join(cap.checks)})" for cap in scored.caps)
    told.append(f"Score {scored.score:.1f}; every unknown taken for passed it would be {scored.high:.1f}")
    told.append(_graded(scored))
    return tuple(told)


def _graded(scored: ServiceScore) -> str:
    seen = f"{scored.coverage:.0%} of what counts could be read"
    if not scored.grade:
        return f"No grade: only {seen}, and a grade needs half"
    return f"Grade {scored.grade}: {seen}"
