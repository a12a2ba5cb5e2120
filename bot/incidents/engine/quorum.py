"""Judges the health of each scope by a quorum of its observers over all paths, leaving blind paths out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from bot.incidents.engine.observers import ObserverKey, Observers, ObserverState
from bot.model import IncidentSeverity
from bot.model.incidents import ProviderStatement
from bot.model.signals import Health
from bot.model.thresholds import Thresholds
from checks import Scope

SCALE = tuple(IncidentSeverity)
"""A provider's severities, the mildest first."""

Path = tuple[str, str]
"""A vantage point, and what an observation went through beside it (a resolver; empty for none)."""

View = Mapping[str, Sequence[ObserverState]]
"""The observers of one source: vantage point -> one state for each path from there."""

KeyedStates = Sequence[tuple[ObserverKey, ObserverState]]


class Level(IntEnum):
    """How certain it is that a scope is failing."""

    NONE = 0
    SUSPECTED = 1
    CONFIRMED = 2


@dataclass(frozen=True, slots=True)
class ScopeHealth:
    """The health of one scope at one moment.

    `observed`: the level by our own observations, webhooks of our monitoring included; `stated`: by the provider's
    statement. `well`: every view of ours is fresh and good; False where there is none. `watched`: something of ours keeps
    observing it. `reported`: a webhook's last report still counts, and silence after it means nothing. `since`: the first
    bad signal (UTC).
    """

    observed: Level = Level.NONE
    stated: Level = Level.NONE
    well: bool = False
    watched: bool = False
    reported: bool = False
    since: datetime | None = None
    evidence: tuple[str, ...] = ()
    statement: ProviderStatement | None = None

    @property
    def level(self) -> Level:
        """The more certain of the two levels."""
        return max(self.observed, self.stated)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The health of every scope at one moment. `blind`: paths over which even the control group fails. `ours`: all are."""

    health: Mapping[Scope, ScopeHealth]
    blind: frozenset[Path]
    ours: bool


def evaluate(observers: Observers, now: datetime, policy: Thresholds) -> Evaluation:
    """Judge every scope that has an observer. `now`: UTC."""
    fresh = {key: observer for key, observer in observers.items() if observer.fresh(now, policy)}
    blind, paths = _blind_paths(fresh)
    by_scope: dict[Scope, list[tuple[ObserverKey, ObserverState]]] = defaultdict(list)
    for key, observer in observers.items():
        if not observer.control:
            by_scope[key.scope].append((key, observer))
    health = {scope: _health(states, fresh, blind, now, policy) for scope, states in by_scope.items()}
    ours = bool(paths) and blind >= paths and _control_group_stays_bad(fresh.values(), policy)
    return Evaluation(health, blind, ours=ours)


def _control_group_stays_bad(fresh: Iterable[ObserverState], policy: Thresholds) -> bool:
    """Whether the control group has failed for more than a moment: until then other vantage points may still report."""
    return all(
        observer.streak >= policy.own_rise for observer in fresh if observer.control and observer.state is Health.BAD
    )


def _blind_paths(fresh: Observers) -> tuple[frozenset[Path], frozenset[Path]]:
    """Paths over which every provider of the control group fails, at least two; and all paths that the group uses."""
    states: dict[Path, dict[str, set[Health]]] = defaultdict(lambda: defaultdict(set))
    for key, observer in fresh.items():
        if observer.control and observer.state is not Health.UNKNOWN:
            states[key.vantage, key.via][key.scope.provider].add(observer.state)
    enough = {path: by_provider for path, by_provider in states.items() if len(by_provider) > 1}
    blind = {
        path for path, by_provider in enough.items() if all(found == {Health.BAD} for found in by_provider.values())
    }
    return frozenset(blind), frozenset(enough)


def _health(
    states: KeyedStates, fresh: Observers, blind: frozenset[Path], now: datetime, policy: Thresholds
) -> ScopeHealth:
    own = [(key, observer) for key, observer in states if observer.kind != "feed"]
    counted = [
        (key, observer)
        for key, observer in own
        if key in fresh and observer.state is not Health.UNKNOWN and (key.vantage, key.via) not in blind
    ]
    views = {source: _without_silent(view, policy) for source, view in _views(counted).items()}
    levels = {source: _level(view, now, policy) for source, view in views.items()}
    complete = {key.source for key, _ in own} - _silent_sources(own, now, policy) == set(views)
    feeds = [(key, observer) for key, observer in states if observer.kind == "feed"]
    statement, stated = _statement(feeds, fresh, now, policy)
    suspicious = [
        observer for source, view in views.items() if levels[source] for paths in view.values() for observer in paths
    ]
    bad = [observer for observer in suspicious if observer.state is Health.BAD]
    since = [observer.since for observer in bad] + ([statement.since] if statement and stated else [])
    return ScopeHealth(
        observed=_combined(levels, views),
        stated=stated,
        well=bool(views) and complete and not any(_in_doubt(view) for view in views.values()),
        watched=any(observer.kind != "hook" for _, observer in own),
        reported=any(_report_counts(observer, now, policy) for _, observer in counted),
        since=min(since, default=None),
        evidence=_evidence(bad),
        statement=statement,
    )


def _silent_sources(own: KeyedStates, now: datetime, policy: Thresholds) -> set[str]:
    """Sources that have known nothing for long: one that may not observe must not keep an incident open forever."""
    unknown = defaultdict(list)
    for key, observer in own:
        unknown[key.source].append(observer.state is Health.UNKNOWN and now - observer.since >= policy.settle)
    return {source for source, silent in unknown.items() if all(silent)}


def _views(counted: KeyedStates) -> dict[str, dict[str, list[ObserverState]]]:
    views: dict[str, dict[str, list[ObserverState]]] = defaultdict(lambda: defaultdict(list))
    for key, observer in counted:
        views[key.source][key.vantage].append(observer)
    return views


def _without_silent(view: View, policy: Thresholds) -> View:
    """The view without vantage points that fell silent while others still report: a dead replica outvotes nobody."""
    newest = {vantage: max(observer.at for observer in paths) for vantage, paths in view.items()}
    last = max(newest.values())
    return {
        vantage: paths
        for vantage, paths in view.items()
        if last - newest[vantage] <= policy.lively or paths[0].kind == "hook"
    }


def _combined(levels: Mapping[str, Level], views: Mapping[str, View]) -> Level:
    """The most certain of all views. A firing webhook confirms at once where another view of the same scope is bad too."""
    bad = [source for source, level in levels.items() if level is not Level.NONE]
    by_hook = any(observer.kind == "hook" for source in bad for paths in views[source].values() for observer in paths)
    return Level.CONFIRMED if by_hook and len(bad) > 1 else max(levels.values(), default=Level.NONE)


def _level(view: View, now: datetime, policy: Thresholds) -> Level:
    """The level that most vantage points agree on, each by most of its paths: one of one, two of two, two of three.

    So one vantage point with three resolvers does not outvote another that has one.
    """
    levels = [_level_from(paths, now, policy) for paths in view.values()]
    if _most(level is Level.CONFIRMED for level in levels):
        return Level.CONFIRMED
    return Level.SUSPECTED if _most(level is not Level.NONE for level in levels) else Level.NONE


def _level_from(paths: Sequence[ObserverState], now: datetime, policy: Thresholds) -> Level:
    if _most(observer.state is Health.BAD and _lasts_long_enough(observer, now, policy) for observer in paths):
        return Level.CONFIRMED
    return Level.SUSPECTED if _most(observer.state is Health.BAD for observer in paths) else Level.NONE


def _most(agree: Iterable[bool]) -> bool:
    votes = list(agree)
    return sum(votes) * 2 > len(votes)


def _in_doubt(view: View) -> bool:
    """Whether half of the vantage points, each by half of its paths, see it bad: then it is not called well."""
    doubts = [sum(observer.state is Health.BAD for observer in paths) * 2 >= len(paths) for paths in view.values()]
    return sum(doubts) * 2 >= len(doubts)


def _report_counts(observer: ObserverState, now: datetime, policy: Thresholds) -> bool:
    """Whether a webhook's last report still counts: hours later "resolved" no longer describes the scope."""
    return observer.kind == "hook" and (observer.state is Health.BAD or now - observer.at <= policy.longest_settle)


def _lasts_long_enough(observer: ObserverState, now: datetime, policy: Thresholds) -> bool:
    """Whether a bad state confirms: of a probe by rounds in a row; of a webhook, which reports once, by its age."""
    if observer.kind != "hook":
        return observer.streak >= policy.rise
    severe = observer.severity in (IncidentSeverity.MAJOR, IncidentSeverity.CRITICAL)
    return now - observer.since >= (policy.gather if severe else policy.hook_minor)


def _statement(
    feeds: KeyedStates, fresh: Observers, now: datetime, policy: Thresholds
) -> tuple[ProviderStatement | None, Level]:
    """The provider's statement, the worst of what its page lists, and how certain it makes a failure."""
    known = [(key, observer) for key, observer in feeds if observer.state is not Health.UNKNOWN]
    if not known:
        return None, Level.NONE
    key, worst = max(known, key=lambda pair: (pair[1].state is Health.BAD, SCALE.index(pair[1].severity), str(pair[0])))
    is_open = worst.state is Health.BAD
    statement = ProviderStatement(key.scope.provider, is_open, worst.since, worst.detail, worst.severity, worst.url)
    still = [observer for other, observer in known if observer.state is Health.BAD and other in fresh]
    if not still:
        return statement, Level.NONE
    confirmed = any(_is_repeated(observer, now, policy) for observer in still)
    return statement, Level.CONFIRMED if confirmed else Level.SUSPECTED


def _is_repeated(listed: ObserverState, now: datetime, policy: Thresholds) -> bool:
    age = now - listed.since
    return age >= policy.gather and (listed.streak > 1 or age >= policy.word_alone)


def _evidence(bad: Iterable[ObserverState]) -> tuple[str, ...]:
    return tuple(sorted({observer.detail for observer in bad if observer.detail}))
