"""Explains a service's score, so that every point can be added up by hand."""

from dataclasses import dataclass

from checks._cap_rules import Cap
from checks._points import FamilyShare, Points, families
from checks._scorecard import COVERAGE_FOR_GRADE, ServiceScore
from checks._words import percent, rounded_down


@dataclass(frozen=True, slots=True)
class CheckPart:
    """What one check contributes: `points` of the `possible` ones (0 to 100 over the whole service). `why` says how they were counted."""

    points: float
    possible: float
    counted: Points
    why: str


@dataclass(frozen=True, slots=True)
class FamilyPart:
    """What one family contributes: the sum of its checks. `weight` of its heaviest check, of `of_weight` over all families."""

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
    """Split a score into possible and proven points, by family weight and then by check weight, and list its caps.

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
    members = [member for member in points if member.check.family == name and member.applies]
    checks = tuple(_check(member, possible * member.weight / share.checks_weight) for member in members)
    return FamilyPart(name, share.weight, total, sum(part.points for part in checks), possible, checks)


def _check(counted: Points, possible: float) -> CheckPart:
    return CheckPart(counted.low * possible, possible, counted, _why(counted))


def _why(counted: Points) -> str:
    judged = counted.passed + counted.failed + counted.unknown
    waived = f"; {counted.waived} waived, not counted" if counted.waived else ""
    if counted.hidden:
        return (
            f"unknown: resource list incomplete ({counted.passed} read resources pass, {counted.failed} fail){waived}"
        )
    unknown = f", {counted.unknown} unknown (counted as failed)" if counted.unknown else ""
    word = f", {counted.on_word} on an attestation alone" if counted.on_word else ""
    return f"{counted.passed} of {judged} pass{word}{unknown}{waived}"


def _sentences(scored: ServiceScore, parts: tuple[FamilyPart, ...], before: float) -> tuple[str, ...]:
    if not parts:
        return (f"No check applies to {scored.service.name}: no grade and no points.",)
    sentences = [
        f"{part.family}: {part.points:.1f} of {part.possible:.1f} points (weight {part.weight} of {part.of_weight})"
        for part in parts
    ]
    sentences.append(f"Total before caps: {before:.1f} points")
    sentences.extend(f"Score {cap} ({', '.join(cap.checks)})" for cap in scored.caps)
    if scored.on_word > 0:
        sentences.append(on_word_sentence(scored.score, scored.on_word))
    sentences.append(
        f"Score {rounded_down(scored.score)}, rounded down; {rounded_down(scored.high)} if every unknown check passed"
    )
    sentences.append(_grade_sentence(scored))
    return tuple(sentences)


def on_word_sentence(score: float, on_word: float) -> str:
    """How many points of a score rest on somebody's word, shown apart from what was read: `Score 52 without attestations`."""
    return f"Without attestations the score is {rounded_down(score - on_word)}; the rest is on somebody's word alone"


def _grade_sentence(scored: ServiceScore) -> str:
    coverage = f"coverage {percent(scored.coverage)}"
    if not scored.grade:
        return f"No grade: {coverage}, at least {percent(COVERAGE_FOR_GRADE)} needed"
    return f"Grade {scored.grade}: {coverage}"
