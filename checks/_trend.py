"""Scores over time: what is remembered of a scorecard, and how it compares with an earlier one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks._run import ruleset
from checks._scorecard import Scorecard, ServiceScore

AGO = timedelta(days=7)
AT_LEAST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PastScore:
    """One remembered score of a service (`service` empty: of the estate). `failing`: ids of the checks that failed."""

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

    `fixed` and `broken` are check ids that left and joined the failing ones. What can no longer be read is not fixed.
    """

    since: PastScore
    change: float
    rules_changed: bool
    fixed: tuple[str, ...]
    broken: tuple[str, ...]


def remember(scorecard: Scorecard) -> tuple[PastScore, ...]:
    """What to keep of a scorecard: the estate first, then each service."""
    kept = [_past("", scorecard, scorecard)]
    kept.extend(_past(one.service.name, one, scorecard) for one in scorecard.services)
    return tuple(kept)


def _past(name: str, one: ServiceScore | Scorecard, of: Scorecard) -> PastScore:
    failing, _ = _standing(one)
    return PastScore(name, of.generated_at, one.score, one.grade, one.coverage, of.ruleset, frozenset(failing))


def trend(current: ServiceScore | Scorecard, history: Sequence[PastScore], *, now: datetime) -> Trend | None:
    """Compare with the score nearest to a week ago (at least a day old), None where there is none."""
    name = current.service.name if isinstance(current, ServiceScore) else ""
    past = [one for one in history if one.service == name and now - one.at >= AT_LEAST]
    if not past:
        return None
    since = min(past, key=lambda one: abs(now - AGO - one.at))
    failing, settled = _standing(current)
    rules = ruleset() if isinstance(current, ServiceScore) else current.ruleset
    return Trend(
        since=since,
        change=current.score - since.score,
        rules_changed=since.ruleset != rules,
        fixed=tuple(sorted((since.failing - failing) & settled)),
        broken=tuple(sorted(failing - since.failing)),
    )


def _standing(current: ServiceScore | Scorecard) -> tuple[set[str], set[str]]:
    """Ids of the checks that fail anywhere, and of those that were judged without a doubt left."""
    scores = current.services if isinstance(current, Scorecard) else (current,)
    failing, judged, doubtful = set(), set(), set()
    for one in scores:
        for points in one.points:
            judged.add(points.check.id)
            if points.failed:
                failing.add(points.check.id)
            if points.unknown:
                doubtful.add(points.check.id)
    return failing, judged - doubtful
