"""Scores over time: what is kept of a scorecard, and how it compares with an earlier one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks._run import ruleset
from checks._scorecard import Scorecard, ServiceScore

AGO = timedelta(days=7)
AT_LEAST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PastScore:
    """One past score of a service (`service` empty: of the estate). `failing`: ids of the checks that failed."""

    service: str
    at: datetime
    score: float
    grade: str
    coverage: float
    ruleset: str
    failing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trend:
    """Change since an earlier score. `rules_changed`: the set of checks differs, so part of the change is not due to the estate.

    `fixed` and `broken` are ids of checks that stopped and started failing. A check that became unknown is not fixed.
    """

    since: PastScore
    change: float
    rules_changed: bool
    fixed: tuple[str, ...]
    broken: tuple[str, ...]


def remember(scorecard: Scorecard) -> tuple[PastScore, ...]:
    """The scores to keep of a scorecard: the estate first, then each service."""
    past = [_past("", scorecard, scorecard)]
    past.extend(_past(card.service.name, card, scorecard) for card in scorecard.services)
    return tuple(past)


def _past(name: str, card: ServiceScore | Scorecard, of: Scorecard) -> PastScore:
    failing, _ = _failing_and_certain(card)
    return PastScore(name, of.generated_at, card.score, card.grade, card.coverage, of.ruleset, frozenset(failing))


def trend(current: ServiceScore | Scorecard, history: Sequence[PastScore], *, now: datetime) -> Trend | None:
    """Compare with the score nearest to a week ago (at least a day old), None where there is none."""
    name = current.service.name if isinstance(current, ServiceScore) else ""
    past = [score for score in history if score.service == name and now - score.at >= AT_LEAST]
    if not past:
        return None
    since = min(past, key=lambda score: abs(now - AGO - score.at))
    failing, certain = _failing_and_certain(current)
    rules = ruleset() if isinstance(current, ServiceScore) else current.ruleset
    return Trend(
        since=since,
        change=current.score - since.score,
        rules_changed=since.ruleset != rules,
        fixed=tuple(sorted((since.failing - failing) & certain)),
        broken=tuple(sorted(failing - since.failing)),
    )


def _failing_and_certain(current: ServiceScore | Scorecard) -> tuple[set[str], set[str]]:
    """Ids of the checks that fail anywhere, and of those that are nowhere unknown."""
    scores = current.services if isinstance(current, Scorecard) else (current,)
    failing, judged, unknown = set(), set(), set()
    for scored in scores:
        for points in scored.points:
            judged.add(points.check.id)
            if points.failed:
                failing.add(points.check.id)
            if points.unknown:
                unknown.add(points.check.id)
    return failing, judged - unknown
