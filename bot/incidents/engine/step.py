"""One step of the watch flow without the world: signals in, incidents and what changed of them out."""

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
from bot.model.incidents import Incident, Phase, Signal
from bot.model.maintenance import MaintenanceWindow
from bot.model.thresholds import Thresholds
from checks import Scope

OWN_NETWORK = Scope("our-own-network")
"""What fails when every path out of here does."""


@dataclass(frozen=True, slots=True)
class EngineState:
    """Everything that is remembered from step to step. `merged`: incidents that the last step took into others."""

    witnesses: Observers = field(default_factory=dict)
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    verdicts: Mapping[Scope, ScopeHealth] = field(default_factory=dict)
    blind: frozenset[Path] = frozenset()
    merged: Mapping[str, str] = field(default_factory=dict)


def step(  # noqa: PLR0913 - what a step rests on, by keyword
    board: EngineState,
    signals: Iterable[Signal],
    now: datetime,
    *,
    runs_on: RunsOn | None = None,
    own: RunsOn | None = None,
    windows: Iterable[MaintenanceWindow] = (),
    policy: Thresholds | None = None,
) -> EngineState:
    """Take in signals; `now` (UTC) is the only clock. The order of the signals makes no difference.

    Args:
        board: as the last step left it.
        signals: what was observed since.
        now: the moment of this step, never before that of the last.
        runs_on: provider -> clouds or scopes that it is documented to run on.
        own: service of ours, in small letters -> the scopes that it stands on, as `stand_on` finds them.
        windows: announced maintenance.
        policy: the numbers, else the usual ones.
    """
    policy = policy or Thresholds()
    witnesses = apply_signals(board.witnesses, signals, now, policy)
    sight = evaluate(witnesses, now, policy)
    incidents: IncidentMap = {name: one for name, one in board.incidents.items() if _kept(one, now, policy)}
    troubled = {
        scope: verdict
        for scope, verdict in sight.verdicts.items()
        if verdict.level is not Level.NONE and not any(one.excuses(scope, now, policy) for one in windows)
    }
    verdicts = {**sight.verdicts, OWN_NETWORK: _own_network(ours=sight.ours, now=now)}
    assign(incidents, troubled, runs_on or {}, now, policy)
    _watch_own_network(incidents, now, ours=sight.ours)
    merged = merge_common_cause(incidents, runs_on or {}, now, policy)
    moved = {name: advance(one, verdicts, now, policy) for name, one in incidents.items()}
    kept: IncidentMap = {name: one for name, one in moved.items() if one is not None}
    # What has become sure in this very step takes in what stands on it before anybody is told of it.
    merged |= merge_by_dependency(kept, own or {})
    named = {name: replace(one, title=title_of(one, own or ())) for name, one in kept.items()}
    return EngineState(reset_blind_streaks(witnesses, sight.blind), named, sight.verdicts, sight.blind, merged)


def _kept(one: Incident, now: datetime, policy: Thresholds) -> bool:
    return one.resolved_at is None or now - one.resolved_at <= policy.reopen


def _own_network(*, ours: bool, now: datetime) -> ScopeHealth:
    """The control group as a verdict."""
    evidence = ("every provider of the control group fails from here",) if ours else ()
    level = Level.SURE if ours else Level.NONE
    return ScopeHealth(seen=level, well=not ours, watched=True, since=now if ours else None, evidence=evidence)


def _watch_own_network(incidents: IncidentMap, now: datetime, *, ours: bool) -> None:
    running = any(one.ours and one.phase is not Phase.RESOLVED for one in incidents.values())
    if ours and not running:
        made = replace(opened(OWN_NETWORK, now, now, taken=incidents), ours=True)
        incidents[made.id] = made
