"""What the observers say -> a verdict on each scope: a quorum over paths, after paths that are blind are left out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from bot.incidents.engine.observers import ObserverKey, Observers, ObserverState
from bot.model import IncidentSeverity
from bot.model.incidents import Health, ProviderStatement
from bot.model.thresholds import Thresholds
from checks import Scope

SCALE = tuple(IncidentSeverity)
"""How bad a provider says that it is, the mildest first."""

Path = tuple[str, str]
"""A vantage point and what an observation went through beside it."""

View = Mapping[str, Sequence[ObserverState]]
"""What one thing looks like: from each vantage point, over each path from there."""


class Level(IntEnum):
    """How sure a scope is in trouble."""

    NONE = 0
    SUSPECTED = 1
    SURE = 2


@dataclass(frozen=True, slots=True)
class ScopeHealth:
    """What is known of one scope at one moment.

    `seen` is the level by what we see ourselves, our monitoring's hooks included, `said` by what the provider says. `well`:
    every view of ours is fresh and good; False also where none is. `watched`: something of ours goes on looking at it.
    `told`: a hook's last word still stands, and silence after it means nothing. `since`: the first bad signal of what is bad.
    """

    seen: Level = Level.NONE
    said: Level = Level.NONE
    well: bool = False
    watched: bool = False
    told: bool = False
    since: datetime | None = None
    evidence: tuple[str, ...] = ()
    word: ProviderStatement | None = None

    @property
    def level(self) -> Level:
        """The surer of the two."""
        return max(self.seen, self.said)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything at one moment. `blind`: paths over which even the control group fails. `ours`: all paths are."""

    verdicts: Mapping[Scope, ScopeHealth]
    blind: frozenset[Path]
    ours: bool


def evaluate(witnesses: Observers, now: datetime, policy: Thresholds) -> Evaluation:
    """Judge every scope that somebody speaks of."""
    fresh = {key: one for key, one in witnesses.items() if one.fresh(now, policy)}
    blind, paths = _blind(fresh)
    by_scope: dict[Scope, list[tuple[ObserverKey, ObserverState]]] = defaultdict(list)
    for key, one in witnesses.items():
        if not one.control:
            by_scope[key.scope].append((key, one))
    verdicts = {scope: _verdict(of, fresh, blind, now, policy) for scope, of in by_scope.items()}
    return Evaluation(verdicts, blind, ours=bool(paths) and blind >= paths and _lasts(fresh.values(), policy))


def _lasts(fresh: Iterable[ObserverState], policy: Thresholds) -> bool:
    """Whether the control group has been bad for more than a moment: until then others may still report from elsewhere."""
    return all(one.streak >= policy.own_rise for one in fresh if one.control and one.state is Health.BAD)


def _blind(fresh: Observers) -> tuple[frozenset[Path], frozenset[Path]]:
    """Paths over which every provider of the control group fails, two at least; and all paths that the group watches."""
    seen: dict[Path, dict[str, set[Health]]] = defaultdict(lambda: defaultdict(set))
    for key, one in fresh.items():
        if one.control and one.state is not Health.UNKNOWN:
            seen[key.vantage, key.via][key.scope.provider].add(one.state)
    enough = {path: states for path, states in seen.items() if len(states) > 1}
    blind = {path for path, states in enough.items() if all(one == {Health.BAD} for one in states.values())}
    return frozenset(blind), frozenset(enough)


def _verdict(
    of: Sequence[tuple[ObserverKey, ObserverState]],
    fresh: Observers,
    blind: frozenset[Path],
    now: datetime,
    policy: Thresholds,
) -> ScopeHealth:
    own = [(key, one) for key, one in of if one.kind != "feed"]
    counted = [
        (key, one)
        for key, one in own
        if key in fresh and one.state is not Health.UNKNOWN and (key.vantage, key.via) not in blind
    ]
    views = {source: _lively(view, policy) for source, view in _views(counted).items()}
    levels = {source: _level(view, now, policy) for source, view in views.items()}
    seen = _together(levels, views)
    all_seen = {key.source for key, _ in own} - _mute(own, now, policy) == set(views)
    word, said = _said([(key, one) for key, one in of if one.kind == "feed"], fresh, now, policy)
    looks = [one for source, view in views.items() if levels[source] for paths in view.values() for one in paths]
    bad = [one for one in looks if one.state is Health.BAD]
    since = [one.since for one in bad] + ([word.since] if word and said else [])
    return ScopeHealth(
        seen=seen,
        said=said,
        well=bool(views) and all_seen and not any(_any_doubt(view) for view in views.values()),
        watched=any(one.kind != "hook" for _, one in own),
        told=any(_still_tells(one, now, policy) for _, one in counted),
        since=min(since, default=None),
        evidence=_evidence(bad),
        word=word,
    )


def _mute(own: Iterable[tuple[ObserverKey, ObserverState]], now: datetime, policy: Thresholds) -> set[str]:
    """Observers that have told nothing for long: who may not look must not keep an incident open for ever."""
    told = defaultdict(list)
    for key, one in own:
        told[key.source].append(one.state is Health.UNKNOWN and now - one.since >= policy.settle)
    return {source for source, silent in told.items() if all(silent)}


def _views(counted: Iterable[tuple[ObserverKey, ObserverState]]) -> dict[str, dict[str, list[ObserverState]]]:
    views: dict[str, dict[str, list[ObserverState]]] = defaultdict(lambda: defaultdict(list))
    for key, one in counted:
        views[key.source][key.vantage].append(one)
    return views


def _lively(view: View, policy: Thresholds) -> View:
    """Without vantage points that have fallen silent while others still see: a dead replica's last word outvotes nobody."""
    newest = {vantage: max(one.at for one in paths) for vantage, paths in view.items()}
    last = max(newest.values())
    return {
        vantage: paths
        for vantage, paths in view.items()
        if last - newest[vantage] <= policy.lively or paths[0].kind == "hook"
    }


def _together(levels: Mapping[str, Level], views: Mapping[str, View]) -> Level:
    """The surest of all views. A hook that fires is sure at once where another view of the same place is bad as well."""
    bad = [source for source, level in levels.items() if level is not Level.NONE]
    hooked = any(one.kind == "hook" for source in bad for paths in views[source].values() for one in paths)
    return Level.SURE if hooked and len(bad) > 1 else max(levels.values(), default=Level.NONE)


def _level(view: View, now: datetime, policy: Thresholds) -> Level:
    """Most vantage points must be sure, and each is by most of its paths: one of one, two of two, two of three.

    So one vantage point with three resolvers does not outvote another that has one.
    """
    levels = [_from_here(paths, now, policy) for paths in view.values()]
    if _most(level is Level.SURE for level in levels):
        return Level.SURE
    return Level.SUSPECTED if _most(level is not Level.NONE for level in levels) else Level.NONE


def _from_here(paths: Sequence[ObserverState], now: datetime, policy: Thresholds) -> Level:
    if _most(one.state is Health.BAD and _ripe(one, now, policy) for one in paths):
        return Level.SURE
    return Level.SUSPECTED if _most(one.state is Health.BAD for one in paths) else Level.NONE


def _most(agree: Iterable[bool]) -> bool:
    votes = list(agree)
    return sum(votes) * 2 > len(votes)


def _any_doubt(view: View) -> bool:
    """Whether half of the vantage points, or half of what most of them look through, see it bad: it is not called well."""
    doubts = [sum(one.state is Health.BAD for one in paths) * 2 >= len(paths) for paths in view.values()]
    return sum(doubts) * 2 >= len(doubts)


def _still_tells(one: ObserverState, now: datetime, policy: Thresholds) -> bool:
    """That all is well is a hook's last word: hours later it is no sight of the place any more."""
    return one.kind == "hook" and (one.state is Health.BAD or now - one.at <= policy.longest_settle)


def _ripe(one: ObserverState, now: datetime, policy: Thresholds) -> bool:
    """Whether its word is sure: a probe's by rounds in a row; a hook's, which is said once, by how long it has stood."""
    if one.kind != "hook":
        return one.streak >= policy.rise
    grave = one.severity in (IncidentSeverity.MAJOR, IncidentSeverity.CRITICAL)
    return now - one.since >= (policy.gather if grave else policy.hook_minor)


def _said(
    of: Sequence[tuple[ObserverKey, ObserverState]], fresh: Observers, now: datetime, policy: Thresholds
) -> tuple[ProviderStatement | None, Level]:
    """The provider's word, the worst of what its page says, and how much it counts."""
    told = [(key, one) for key, one in of if one.state is not Health.UNKNOWN]
    if not told:
        return None, Level.NONE
    key, worst = max(told, key=lambda pair: (pair[1].state is Health.BAD, SCALE.index(pair[1].severity), str(pair[0])))
    is_open = worst.state is Health.BAD
    word = ProviderStatement(key.scope.provider, is_open, worst.since, worst.detail, worst.severity, worst.url)
    still = [one for other, one in told if one.state is Health.BAD and other in fresh]
    if not still:
        return word, Level.NONE
    return word, Level.SURE if any(_repeated(one, now, policy) for one in still) else Level.SUSPECTED


def _repeated(said: ObserverState, now: datetime, policy: Thresholds) -> bool:
    stands = now - said.since
    return stands >= policy.gather and (said.streak > 1 or stands >= policy.word_alone)


def _evidence(bad: Iterable[ObserverState]) -> tuple[str, ...]:
    return tuple(sorted({one.detail for one in bad if one.detail}))
