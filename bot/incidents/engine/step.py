"""One step of the incident engine: signals in, incidents and their changes out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.incidents.engine.announced import beside, is_explained
from bot.incidents.engine.correlation import IncidentMap, assign, merge_one_provider, opened
from bot.incidents.engine.dependency_merge import merge_by_dependency
from bot.incidents.engine.known_records import Baselines, KnownRecords
from bot.incidents.engine.lifecycle import advance
from bot.incidents.engine.observers import Observers, apply_signals, forgive_own_trouble
from bot.incidents.engine.own_network import OwnNetwork, Path
from bot.incidents.engine.quorum import ScopeHealth, evaluate
from bot.incidents.engine.storm import merge_common_cause
from bot.incidents.engine.target_health import Level
from bot.incidents.engine.title import title_of
from bot.model.estate import RunsOn
from bot.model.incidents import Incident, Phase
from bot.model.maintenance import MaintenanceWindow
from bot.model.signals import Signal
from bot.model.thresholds import Thresholds
from checks import Scope

OWN_NETWORK = Scope("our-own-network")
"""The scope that fails when every path out of this installation does."""


@dataclass(frozen=True, slots=True)
class EngineState:
    """Everything that the engine remembers from step to step.

    `health`: of every scope that somebody observes. `blind`: paths over which even the control group fails.
    `merged`: incidents that the last step merged, id -> id of the incident that took it in. `stepped_at`: when that step was; None
    after a restart. `baselines`: what was usual for targets before it.
    """

    observers: Observers = field(default_factory=dict)
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    health: Mapping[Scope, ScopeHealth] = field(default_factory=dict)
    blind: frozenset[Path] = frozenset()
    merged: Mapping[str, str] = field(default_factory=dict)
    stepped_at: datetime | None = None
    baselines: Baselines = field(default_factory=dict)


def step(  # noqa: PLR0913 - what a step depends on, by keyword
    state: EngineState,
    signals: Iterable[Signal],
    now: datetime,
    *,
    runs_on: RunsOn | None = None,
    own: RunsOn | None = None,
    windows: Iterable[MaintenanceWindow] = (),
    policy: Thresholds | None = None,
) -> EngineState:
    """Apply signals; `now` (UTC) is the only clock. The order of the signals makes no difference.

    Args:
        state: as the last step left it.
        signals: what was observed since.
        now: the moment of this step, never before that of the last.
        runs_on: provider -> clouds or scopes that it is documented to run on.
        own: our service, in lower case -> the scopes that it depends on, as `dependencies_of` finds them.
        windows: maintenance that opens no incident.
        policy: the thresholds, else the usual ones.
    """
    policy = policy or Thresholds()
    alarms = (alarm for incident in state.incidents.values() for alarm in incident.alarms if incident.open)
    records = KnownRecords.of(alarms, state.baselines)
    observers = apply_signals(state.observers, signals, now, policy, records)
    incidents: IncidentMap = {
        name: incident for name, incident in state.incidents.items() if may_still_change(incident, now, policy)
    }
    evaluation = evaluate(observers, now, policy, _overruled(incidents.values()))
    on = [window for window in windows if window.on(now, policy)]
    failing = {
        scope: health
        for scope, health in evaluation.health.items()
        if health.level is not Level.NONE and not is_explained(scope, health, on)
    }
    health = {**evaluation.health, OWN_NETWORK: _own_network(evaluation.own)}
    assign(incidents, failing, runs_on or {}, now, policy)
    _open_own_network(incidents, evaluation.own, now, policy)
    moved = {
        name: advance(incident, health, now, policy, pause=_pause(state, incident, now, policy))
        for name, incident in incidents.items()
    }
    kept: IncidentMap = {name: incident for name, incident in moved.items() if incident is not None}
    # What this step confirms is merged before anybody is notified.
    merged = merge_common_cause(kept, runs_on or {}, now, policy, own or ())
    merged |= merge_one_provider(kept, policy, own or ())
    merged |= merge_by_dependency(kept, own or {})
    merged = {name: _last(base, merged) for name, base in merged.items()}
    titled = {
        name: replace(incident, title=title_of(incident, own or ()), announced=_announced(incident, on))
        for name, incident in kept.items()
    }
    blind = evaluation.own.blind
    seen = forgive_own_trouble(observers, blind, evaluation.own.slow)
    return EngineState(seen, titled, evaluation.health, blind, merged, now, state.baselines)


def _last(base: str, merged: Mapping[str, str]) -> str:
    """The incident that is left where the one that took another in was merged itself."""
    while base in merged:
        base = merged[base]
    return base


def may_still_change(incident: Incident, now: datetime, policy: Thresholds) -> bool:
    """Whether it is open or may come back, or a statement in spite of which it was resolved may still be listed."""
    ended = incident.resolved_at
    return ended is None or now - ended <= (policy.word_lasts if incident.overruled else policy.reopen)


def _pause(state: EngineState, incident: Incident, now: datetime, policy: Thresholds) -> timedelta:
    """How long nobody watched before this step: the machine slept, or no replica ran. Short gaps are usual."""
    last = state.stepped_at or max(incident.updated_at, incident.quiet_since or incident.updated_at)
    gap = now - last
    return gap if gap > policy.fresh and incident.quiet_since is not None else timedelta(0)


def _overruled(incidents: Iterable[Incident]) -> dict[Scope, set[str]]:
    """By scope, the items of pages in spite of which an incident was resolved: only what we observe brings it back."""
    keys: dict[Scope, set[str]] = {}
    for incident in incidents:
        for scope in incident.scopes if not incident.open else ():
            keys.setdefault(scope, set()).update(incident.overruled)
    return keys


def _announced(incident: Incident, on: Iterable[MaintenanceWindow]) -> tuple[str, ...]:
    return beside(incident.scopes, on) if incident.open and not incident.ours else incident.announced


def _own_network(own: OwnNetwork) -> ScopeHealth:
    """The control group as the health of a scope."""
    where = f" from {', '.join(own.vantages)}" if own.vantages else ""
    evidence = (f"the control group fails{where}: {own.part}",) if own.part else ()
    level = Level.CONFIRMED if own.part else Level.NONE
    return ScopeHealth(observed=level, well=not own.part, watched=True, bad_since=own.since, evidence=evidence)


def _open_own_network(incidents: IncidentMap, own: OwnNetwork, now: datetime, policy: Thresholds) -> None:
    known = [incident for incident in incidents.values() if incident.ours]
    running = [incident for incident in known if incident.phase is not Phase.RESOLVED]
    # One that ended lately comes back by itself, as a new wave.
    if own.part and not running and not any(now - (incident.ended_at or now) <= policy.reopen for incident in known):
        incident = replace(opened(OWN_NETWORK, own.since or now, now, taken=incidents), ours=True, own_part=own.part)
        incidents[incident.id] = incident
    for incident in running:
        # While the way out or the resolver comes back, the rounds before that look as if packets were lost.
        ends = incident.own_part and own.part == "packet loss" and incident.phase is Phase.CONFIRMED
        if own.part and incident.own_part != own.part and not ends:
            incidents[incident.id] = replace(incident, own_part=own.part, symptoms=())
