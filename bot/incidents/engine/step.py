"""One step of the incident engine: signals in, incidents and their changes out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.incidents.engine.correlation import IncidentMap, assign, opened
from bot.incidents.engine.dependency_merge import merge_by_dependency
from bot.incidents.engine.lifecycle import advance
from bot.incidents.engine.observers import Observers, apply_signals, reset_blind_streaks
from bot.incidents.engine.quorum import Level, Path, ScopeHealth, evaluate
from bot.incidents.engine.storm import merge_common_cause
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
    `merged`: incidents that the last step merged, id -> id of the incident that took it in.
    """

    observers: Observers = field(default_factory=dict)
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    health: Mapping[Scope, ScopeHealth] = field(default_factory=dict)
    blind: frozenset[Path] = frozenset()
    merged: Mapping[str, str] = field(default_factory=dict)


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
    observers = apply_signals(state.observers, signals, now, policy)
    evaluation = evaluate(observers, now, policy)
    incidents: IncidentMap = {
        name: incident for name, incident in state.incidents.items() if _may_still_change(incident, now, policy)
    }
    failing = {
        scope: health
        for scope, health in evaluation.health.items()
        if health.level is not Level.NONE and not any(window.excuses(scope, now, policy) for window in windows)
    }
    health = {**evaluation.health, OWN_NETWORK: _own_network(ours=evaluation.ours, now=now)}
    assign(incidents, failing, runs_on or {}, now, policy)
    _open_own_network(incidents, now, ours=evaluation.ours)
    merged = merge_common_cause(incidents, runs_on or {}, now, policy)
    moved = {name: advance(incident, health, now, policy) for name, incident in incidents.items()}
    kept: IncidentMap = {name: incident for name, incident in moved.items() if incident is not None}
    # An incident that this step confirms takes in what depends on it before anybody is notified.
    merged |= merge_by_dependency(kept, own or {})
    titled = {name: replace(incident, title=title_of(incident, own or ())) for name, incident in kept.items()}
    observers_now = reset_blind_streaks(observers, evaluation.blind)
    return EngineState(observers_now, titled, evaluation.health, evaluation.blind, merged)


def _may_still_change(incident: Incident, now: datetime, policy: Thresholds) -> bool:
    return incident.resolved_at is None or now - incident.resolved_at <= policy.reopen


def _own_network(*, ours: bool, now: datetime) -> ScopeHealth:
    """The control group as the health of a scope."""
    evidence = ("every provider of the control group fails from here",) if ours else ()
    level = Level.CONFIRMED if ours else Level.NONE
    return ScopeHealth(observed=level, well=not ours, watched=True, since=now if ours else None, evidence=evidence)


def _open_own_network(incidents: IncidentMap, now: datetime, *, ours: bool) -> None:
    running = any(incident.ours and incident.phase is not Phase.RESOLVED for incident in incidents.values())
    if ours and not running:
        incident = replace(opened(OWN_NETWORK, now, now, taken=incidents), ours=True)
        incidents[incident.id] = incident
