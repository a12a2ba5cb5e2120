"""Judges the health of each scope by a quorum of its observers over all paths, leaving blind paths out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from bot.incidents.engine.known_records import ObserverKey
from bot.incidents.engine.observers import Observers, ObserverState
from bot.incidents.engine.own_network import OwnNetwork, judge_own_network
from bot.incidents.engine.statement import SCALE, Stated, statement_of
from bot.incidents.engine.target_health import Level, TargetHealth, View, is_in_doubt, judge, symptom_of
from bot.incidents.engine.ways import (
    by_several_resolvers,
    is_one_path,
    said_once,
    target_of,
    view_of,
    without_early_ipv6,
)
from bot.model import IncidentSeverity
from bot.model.incidents import OutageState, ProviderStatement
from bot.model.observed import TargetAlarm
from bot.model.parts import needs_part
from bot.model.signals import Health
from bot.model.thresholds import Thresholds
from checks import Scope

KeyedStates = Sequence[tuple[ObserverKey, ObserverState]]

_HARMLESS = (IncidentSeverity.NONE, IncidentSeverity.MINOR)
_TARGETS_SHOWN = 2
_MOST_FAIL = 0.9


@dataclass(frozen=True, slots=True)
class ScopeHealth:
    """The health of one scope at one moment.

    `observed`: the level by our own observations, webhooks of our monitoring included; `stated`: by the provider's
    statement. `well`: every view of ours is fresh and good; False where there is none. `watched`: something of ours keeps
    observing it. `reported`: a webhook's last report still counts, and silence after it means nothing. `bad_since`: the
    first bad signal of ours (UTC); `fails_since`: the first of those in a row, so that what was good in between does not count.

    `outage` is what we observe, REPORTED where that is nothing. `symptoms`: it in words, or that our probes succeed; `links`:
    where the monitoring that reports it shows more. `parts`: the provider's parts that fail, none for all of it; `slight`: all
    that we observe is a warning, such as a certificate that ends soon. `first_reading`: it is only known from the first reading
    of a page. `said`: the severity of the statement, one step milder where probes of ours of the same part succeed.
    `recovered_at`: the first good round of ours after all that were not.
    """

    observed: Level = Level.NONE
    stated: Level = Level.NONE
    well: bool = False
    watched: bool = False
    reported: bool = False
    bad_since: datetime | None = None
    fails_since: datetime | None = None
    evidence: tuple[str, ...] = ()
    statement: ProviderStatement | None = None
    outage: OutageState = OutageState.REPORTED
    symptoms: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    slight: bool = False
    seen_from: tuple[str, ...] = ()
    not_seen_from: tuple[str, ...] = ()
    first_reading: bool = False
    said: IncidentSeverity = IncidentSeverity.NONE
    recovered_at: datetime | None = None
    alarms: tuple[TargetAlarm, ...] = ()

    @property
    def since(self) -> datetime | None:
        """The first bad signal, of ours or of the page as far as its statement counts."""
        stated = self.statement.since if self.statement and self.stated is not Level.NONE else None
        return min((at for at in (self.bad_since, stated) if at), default=None)

    @property
    def level(self) -> Level:
        """The more certain of the two levels."""
        return max(self.observed, self.stated)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The health of every scope at one moment, and of our own network."""

    health: Mapping[Scope, ScopeHealth]
    own: OwnNetwork


def evaluate(
    observers: Observers,
    now: datetime,
    policy: Thresholds,
    overruled: Mapping[Scope, Collection[str]] = MappingProxyType({}),
) -> Evaluation:
    """Judge every scope that has an observer. `now`: UTC. `overruled`: items of pages that count no more, by their keys."""
    fresh = {key: observer for key, observer in observers.items() if observer.fresh(now, policy)}
    own = judge_own_network(fresh, policy)
    by_scope: dict[Scope, list[tuple[ObserverKey, ObserverState]]] = defaultdict(list)
    for key, observer in observers.items():
        if not observer.control:
            by_scope[key.scope].append((key, observer))
    health = {
        scope: _health(states, fresh, own, now, policy, overruled.get(scope, ())) for scope, states in by_scope.items()
    }
    return Evaluation(health, own)


def _health(  # noqa: PLR0913, PLR0917 - all that the health of a scope depends on
    states: KeyedStates,
    fresh: Observers,
    own: OwnNetwork,
    now: datetime,
    policy: Thresholds,
    overruled: Collection[str],
) -> ScopeHealth:
    ours = [(key, observer) for key, observer in states if observer.kind != "feed"]
    counted = [
        (key, observer)
        for key, observer in ours
        if key in fresh and observer.state is not Health.UNKNOWN and (key.vantage, key.via) not in own.blind
    ]
    views = {source: _without_silent(view, policy) for source, view in _views(counted).items()}
    slow_lines = {view_of(key) for key, _ in counted if (key.vantage, key.via) in own.slow}
    doubtful = {source: view for source, view in views.items() if _has_doubt(view)}
    judged = without_early_ipv6(
        {source: judge(view, now, policy, slow_line=source in slow_lines) for source, view in doubtful.items()}, views
    )
    stated = statement_of(states, fresh, now, policy, overruled)
    if own.blind:  # then it may be us who cannot read the page
        stated = replace(stated, silent=False)
    complete = {view_of(key) for key, _ in ours} - _silent_sources(ours, now, policy) == set(views)
    failing = {source: target for source, target in judged.items() if target.level is not Level.NONE}
    bad = [
        observer for source in failing for paths in views[source].values() for observer in paths if observer.in_doubt
    ]
    observed = _combined(failing, views, page_silent=stated.silent)
    return ScopeHealth(
        observed=observed,
        stated=stated.level,
        well=bool(views) and complete and not any(_is_bad(doubtful[source], judged[source]) for source in doubtful),
        watched=any(observer.kind != "hook" for _, observer in ours),
        reported=any(_report_counts(observer, now, policy) for _, observer in counted),
        bad_since=min((observer.bad_since for observer in bad), default=None),
        fails_since=min((observer.since for observer in bad if observer.state is Health.BAD), default=None),
        links=tuple(sorted({observer.url for observer in bad if observer.kind == "hook"} - {""})),
        evidence=said_once(
            sorted({observer.symptom or observer.detail for observer in bad} - {""}, key=_with_resolver)
        ),
        statement=stated.statement,
        first_reading=stated.first_reading and observed is Level.NONE,
        said=_said(stated, views),
        recovered_at=max((observer.recovered_at for _, observer in counted if observer.recovered_at), default=None),
        outage=_outage(failing, views, observed),
        symptoms=_symptoms(failing, views, stated),
        parts=_parts(failing, views, stated),
        slight=bool(bad) and all(observer.own and observer.severity in _HARMLESS for observer in bad),
        alarms=tuple(_alarm(key, observer) for key, observer in counted if _is_partial(observer)),
        seen_from=tuple(sorted({name for target in failing.values() for name in target.seen_from})),
        not_seen_from=_not_seen(failing.values()),
    )


def _is_partial(observer: ObserverState) -> bool:
    """Whether a target is degraded by its record; of one that is down each round says so."""
    return observer.own and (observer.slow.raised or (observer.failing.raised and observer.failing.share < _MOST_FAIL))


def _alarm(key: ObserverKey, observer: ObserverState) -> TargetAlarm:
    usual = round(observer.latency.usual, 4) if observer.slow.raised else 0.0
    failing = max(round(observer.failing.share, 1), 0.1) if observer.failing.raised else 0.0
    return TargetAlarm(key.scope, key.source, key.via, key.vantage, failing, usual)


def _outage(failing: Mapping[str, TargetHealth], views: Mapping[str, View], observed: Level) -> OutageState:
    """The worst of what is observed as certainly as anything is."""
    if observed is Level.NONE:
        return OutageState.REPORTED
    certain = {source: target for source, target in failing.items() if target.level is observed} or failing
    down = [source for source, target in certain.items() if target.outage is OutageState.DOWN]
    alone = all(is_one_path(source, failing, views) for source in down)
    return OutageState.DOWN if down and not alone else OutageState.DEGRADED


def _said(stated: Stated, views: Mapping[str, View]) -> IncidentSeverity:
    if stated.statement is None or stated.level is Level.NONE:
        return IncidentSeverity.NONE
    named = stated.statement.parts
    about_it = [
        view
        for view in views.values()
        if _observes(view) and any(_is_about(state, named) for paths in view.values() for state in paths)
    ]
    good = bool(about_it) and not any(is_in_doubt(view) for view in about_it)
    return SCALE[max(0, SCALE.index(stated.statement.severity) - good)]


def _is_about(observer: ObserverState, named: tuple[str, ...]) -> bool:
    """Whether a probe shows the health of what a page names; one of no part in particular says nothing about a single one."""
    return not named or (bool(observer.parts) and needs_part(named, observer.parts))


def _not_seen(failing: Iterable[TargetHealth]) -> tuple[str, ...]:
    """Vantage points that see none of what fails; empty where one target fails from everywhere."""
    found = [target for target in failing if target.level is Level.CONFIRMED]
    if not found or any(not target.seen_from for target in found):
        return ()
    seen = {name for target in found for name in target.seen_from}
    return tuple(sorted({name for target in found for name in target.not_seen_from} - seen))


def _symptoms(failing: Mapping[str, TargetHealth], views: Mapping[str, View], stated: Stated) -> tuple[str, ...]:
    """What we observe, each target once and the most certain first; where nothing fails, which probes succeed."""
    said: list[str] = []
    for source in sorted(failing, key=lambda source: (-failing[source].level, source)):
        states = [observer for paths in views[source].values() for observer in paths if observer.in_doubt]
        worst = max(states, key=_telling, default=None)
        if worst is not None:
            said.append(by_several_resolvers(symptom_of(worst, target_of(source)), views[source]))
    if failing and stated.silent:
        said.append("its status page does not answer either")
    if not failing and stated.level:
        good = {target_of(source) for source, view in views.items() if _observes(view) and not is_in_doubt(view)}
        said += [f"our probes of {target} succeed" for target in sorted(good)[:_TARGETS_SHOWN]]
    return said_once(text for text in said if text)


def _with_resolver(line: str) -> tuple[bool, str]:
    """What a resolver answers comes first: the rest follows from it."""
    return "(resolver " not in line, line


def _telling(observer: ObserverState) -> tuple[bool, int, datetime, str]:
    """The worst and longest comes first; the rest only makes the order definite."""
    return (
        observer.state is Health.BAD,
        observer.streak,
        observer.at,
        f"{observer.symptom}{observer.detail}{observer.failing}{observer.slow}{observer.latency}",
    )


def _observes(view: View) -> bool:
    return any(observer.own for paths in view.values() for observer in paths)


def _parts(failing: Mapping[str, TargetHealth], views: Mapping[str, View], stated: Stated) -> tuple[str, ...]:
    """The parts that fail by what we observe, else by the provider's statement; none where either concerns all of it."""
    named = [
        observer.parts
        for source in failing
        for paths in views[source].values()
        for observer in paths
        if observer.in_doubt
    ]
    if not named:
        return stated.statement.parts if stated.statement and stated.level else ()
    return () if any(not parts for parts in named) else tuple(sorted({part for parts in named for part in parts}))


def _silent_sources(own: KeyedStates, now: datetime, policy: Thresholds) -> set[str]:
    """Sources that have known nothing for long: one that may not observe must not keep an incident open forever."""
    unknown = defaultdict(list)
    for key, observer in own:
        unknown[view_of(key)].append(observer.state is Health.UNKNOWN and now - observer.since >= policy.settle)
    return {source for source, silent in unknown.items() if all(silent)}


def _is_bad(view: View, target: TargetHealth) -> bool:
    return target.level is Level.CONFIRMED or is_in_doubt(view)


def _has_doubt(view: View) -> bool:
    return any(observer.in_doubt for paths in view.values() for observer in paths)


def _views(counted: KeyedStates) -> dict[str, dict[str, list[ObserverState]]]:
    views: dict[str, dict[str, list[ObserverState]]] = defaultdict(lambda: defaultdict(list))
    for key, observer in counted:
        views[view_of(key)][key.vantage].append(observer)
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


def _combined(failing: Mapping[str, TargetHealth], views: Mapping[str, View], *, page_silent: bool) -> Level:
    """The most certain of all views.

    A firing webhook confirms at once where another view of the same scope is bad too; so does a provider's status page that stops
    answering at the moment at which its endpoints fail for the second time.
    """
    level = max((target.level for target in failing.values()), default=Level.NONE)
    by_hook = any(
        observer.kind == "hook" for source in failing for paths in views[source].values() for observer in paths
    )
    again = any(
        observer.own and observer.state is Health.BAD and observer.streak > 1
        for source in failing
        for paths in views[source].values()
        for observer in paths
    )
    return Level.CONFIRMED if (by_hook and len(failing) > 1) or (page_silent and again) else level


def _report_counts(observer: ObserverState, now: datetime, policy: Thresholds) -> bool:
    """Whether a webhook's last report still counts: hours later "resolved" no longer describes the scope."""
    return observer.kind == "hook" and (observer.state is Health.BAD or now - observer.at <= policy.longest_settle)
