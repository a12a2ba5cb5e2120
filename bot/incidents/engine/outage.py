"""Whether what an incident is about is down, degraded, or only reported; and what of it we observe."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.incidents.engine.quorum import ScopeHealth
from bot.incidents.engine.statement import SCALE
from bot.incidents.engine.target_health import Level
from bot.model.incidents import Incident, OutageState, Phase, TimelineEntry
from bot.model.thresholds import Thresholds
from checks import Scope

_SYMPTOMS_SHOWN, _LINKS = 6, 3
_STATES = tuple(OutageState)
_WORDS = {OutageState.DOWN: "down", OutageState.DEGRADED: "degraded"}


def with_outage(incident: Incident, known: Mapping[Scope, ScopeHealth], now: datetime, policy: Thresholds) -> Incident:
    """The incident with its outage state, its symptoms, the parts that fail, and from where that is seen.

    What was observed once is never "reported only" again; while nothing fails, the last state stays as it was.
    `known`: the health of its scopes.
    """
    incident = replace(incident, alarms=tuple(alarm for health in known.values() for alarm in health.alarms))
    failing = [health for health in known.values() if health.level is not Level.NONE]
    if incident.ours or not failing:
        return _counted_down(incident, known.values(), now)
    observed = [health for health in failing if health.observed is Level.CONFIRMED]
    if incident.phase is Phase.SUSPECTED and not observed:
        observed = [health for health in failing if health.observed is not Level.NONE and health.stated is Level.NONE]
    current = min((health.outage for health in observed), key=_STATES.index, default=OutageState.REPORTED)
    only_reported = incident.outage is OutageState.REPORTED or incident.phase is Phase.SUSPECTED
    outage = current if observed or only_reported else incident.outage
    symptoms = tuple(dict.fromkeys(text for health in observed or failing for text in health.symptoms))
    if not observed and not only_reported:
        symptoms = incident.symptoms  # what we saw of it, and not that our probes succeed by now
    named = [health.parts for health in observed or failing]
    changed = replace(
        incident,
        outage=outage,
        symptoms=symptoms[:_SYMPTOMS_SHOWN],
        links=_united(health.links for health in observed or failing)[:_LINKS] or incident.links,
        parts=() if any(not parts for parts in named) else tuple(sorted({part for parts in named for part in parts})),
        seen_from=_united(health.seen_from for health in observed),
        not_seen_from=_not_seen(observed),
        observed=_observed(incident, known),
        failing=_failing(incident, known),
        said=max((health.said for health in failing), key=SCALE.index),
        slight=bool(observed) and all(health.slight for health in observed),
        old=(incident.old or incident.phase is Phase.SUSPECTED) and not observed and _are_old(failing, policy),
    )
    if incident.phase is Phase.CONFIRMED and observed and outage is not incident.outage:
        changed = replace(changed, timeline=(*changed.timeline, TimelineEntry(now, "seen", f"now {_WORDS[outage]}")))
    return _counted_down(changed, known.values(), now)


def _observed(incident: Incident, known: Mapping[Scope, ScopeHealth]) -> tuple[Scope, ...]:
    """The scopes that we have seen failing ourselves."""
    return tuple(
        scope
        for scope in incident.scopes
        if scope in incident.observed or (scope in known and known[scope].observed is Level.CONFIRMED)
    )


def _failing(incident: Incident, known: Mapping[Scope, ScopeHealth]) -> tuple[Scope, ...]:
    certain = tuple(scope for scope in incident.scopes if scope in known and known[scope].level is Level.CONFIRMED)
    return certain or incident.failing


def recovered_at(healths: Iterable[ScopeHealth]) -> datetime | None:
    """The first good round of ours after all that were not; None where none was bad."""
    return max((health.recovered_at for health in healths if health.recovered_at), default=None)


def _counted_down(incident: Incident, healths: Collection[ScopeHealth], now: datetime) -> Incident:
    """The incident with the time for which we have seen it down."""
    recovered = recovered_at(healths)
    down = [
        health.fails_since or now
        for health in healths
        if health.observed is Level.CONFIRMED and health.outage is OutageState.DOWN
    ]
    if down and incident.down_since is None:
        return replace(incident, down_since=min(down))
    if not down and incident.down_since is not None:
        ended = max(min(recovered or now, now), incident.down_since)
        return replace(incident, down_since=None, down_before=incident.down_before + (ended - incident.down_since))
    return incident


def _are_old(failing: Iterable[ScopeHealth], policy: Thresholds) -> bool:
    """Whether all of it was listed when its page was first read, and had begun long before."""
    statements = [health.statement if health.first_reading else None for health in failing]
    return all(
        statement is not None
        and statement.began is not None
        and statement.since - statement.began > policy.listed_before
        for statement in statements
    )


def _united(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({name for group in names for name in group}))


def _not_seen(observed: Sequence[ScopeHealth]) -> tuple[str, ...]:
    """The vantage points that see nothing of it; none where something of it is seen from everywhere."""
    if any(not health.seen_from for health in observed):
        return ()
    seen = set(_united(health.seen_from for health in observed))
    return tuple(name for name in _united(health.not_seen_from for health in observed) if name not in seen)
