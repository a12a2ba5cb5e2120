"""Assigns failing scopes to incidents: failures in one place, or of a cloud and of what runs on it, are one incident."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.incidents.engine.quorum import ScopeHealth
from bot.incidents.engine.statement import SCALE
from bot.incidents.engine.target_health import Level
from bot.model.estate import RunsOn
from bot.model.incidents import Incident, OutageState, Phase, TimelineEntry
from bot.model.thresholds import Thresholds
from checks import Scope

IncidentMap = dict[str, Incident]


def assign(
    incidents: IncidentMap, failing: Mapping[Scope, ScopeHealth], runs_on: RunsOn, now: datetime, policy: Thresholds
) -> None:
    """Give every failing scope its incident, in place: the one that has it, one it belongs to, else a new one."""
    assigned = {scope for incident in incidents.values() if incident.open for scope in incident.scopes}
    # The widest first: what is within it then joins it.
    for scope in sorted(failing, key=lambda scope: (len(scope.steps), str(scope))):
        if scope in assigned:
            continue
        health = failing[scope]
        home = _home(scope, health.since or now, incidents, runs_on, now, policy)
        if home is not None and home.phase is not Phase.SUSPECTED and health.level is not Level.CONFIRMED:
            continue  # a mere suspicion must neither join what people know of, nor reopen it as a new wave
        if home is None:
            incident = opened(scope, health.since or now, now, taken=incidents)
            incidents[incident.id] = incident
        elif scope not in home.scopes:
            incidents[home.id] = joined(home, scope, now)


def opened(scope: Scope, onset: datetime, now: datetime, *, taken: Iterable[str]) -> Incident:
    """A suspected incident of this scope. Its id names place and time: `aws-us-east-1-1020-0648`."""
    place = "-".join(part.replace(" ", "-") for part in (scope.provider, scope.region) if part)
    name = f"{place}-{onset:%m%d-%H%M}"
    others, number, free = set(taken), 1, name
    while free in others:
        number += 1
        free = f"{name}-{number}"
    return Incident(free, Phase.SUSPECTED, "", (scope,), onset, now)


def joined(incident: Incident, scope: Scope, now: datetime) -> Incident:
    """The incident with one more scope."""
    timeline = incident.timeline
    if incident.phase is not Phase.SUSPECTED:
        timeline = (*timeline, TimelineEntry(now, "joined", f"{scope} is failing too"))
    return replace(incident, scopes=in_order((*incident.scopes, scope)), timeline=timeline)


def in_order(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """Each scope once, the widest first."""
    return tuple(sorted(set(scopes), key=lambda scope: (len(scope.steps), str(scope))))


def _home(  # noqa: PLR0913, PLR0917 - what a scope is assigned by
    scope: Scope, since: datetime, incidents: IncidentMap, runs_on: RunsOn, now: datetime, policy: Thresholds
) -> Incident | None:
    known = incidents.values()
    running = sorted(
        (incident for incident in known if incident.open and not incident.ours),
        key=lambda incident: (incident.onset_at, incident.id),
    )
    near = [
        incident
        for incident in running
        if any(
            same_place(scope, other) or _together(scope, since, other, incident, policy) for other in incident.scopes
        )
    ]
    if near:
        return near[0]
    resolved = [incident for incident in known if _may_reopen(incident, scope, now, policy)]
    if resolved:
        return max(resolved, key=lambda incident: (incident.updated_at, incident.id))
    hosts = [Scope.parse(place) for place in runs_on.get(scope.provider, ())]
    confirmed = [incident for incident in running if _may_spread(incident, now, policy)]
    hosting = [
        incident
        for incident in confirmed
        if any(_may_take_down(broken, host) for host in hosts for broken in incident.scopes)
    ]
    return hosting[0] if hosting else None


def _may_spread(incident: Incident, now: datetime, policy: Thresholds) -> bool:
    """Whether what runs on it may fail because of it: it is confirmed, severe, and not something that began long before."""
    if incident.phase is Phase.SUSPECTED or incident.old or incident.slight:
        return False
    if incident.outage is not OutageState.REPORTED:
        return True
    return incident.said.is_severe and now - incident.started_at <= policy.reopen


def _together(scope: Scope, since: datetime, other: Scope, incident: Incident, policy: Thresholds) -> bool:
    """Whether the same part of a provider began to fail in several regions at the same time, so that it has one cause."""
    near = abs(since - incident.onset_at) <= policy.together
    same = (scope.provider, scope.part) == (other.provider, other.part)
    return same and near and not incident.old


def same_place(scope: Scope, other: Scope) -> bool:
    """Whether two scopes share the provider and the region, or one of them is the whole provider."""
    if scope.provider != other.provider:
        return False
    return scope.region == other.region or not scope.region or not other.region


def _may_reopen(incident: Incident, scope: Scope, now: datetime, policy: Thresholds) -> bool:
    ended = incident.ended_at
    if incident.open or incident.ours or ended is None or now - ended > policy.reopen:
        return False
    return any(same_place(scope, other) for other in incident.scopes)


def _may_take_down(broken: Scope, host: Scope) -> bool:
    """Whether a failure of `broken` may take down what runs on `host`: one failing product of its region is enough."""
    return host.provider == broken.provider and (not host.region or not broken.region or host.region == broken.region)


def take_in(incidents: IncidentMap, base: Incident, others: Sequence[Incident]) -> dict[str, str]:
    """Merge the others into `base`, in place. The id of each of them -> the id of `base`."""
    incidents[base.id] = merge(base, others)
    for other in others:
        del incidents[other.id]
    return {other.id: base.id for other in others}


def merge(base: Incident, others: Sequence[Incident]) -> Incident:
    """One incident of several. `base` keeps its id and what people have done about it."""
    merged = (base, *others)
    confirmed_at = [incident.confirmed_at for incident in merged if incident.confirmed_at]
    confirmed = any(incident.phase in (Phase.CONFIRMED, Phase.MONITORING) for incident in merged)
    phase = base.phase if base.phase is not Phase.SUSPECTED else Phase.CONFIRMED if confirmed else Phase.SUSPECTED
    statements = {word.provider: word for incident in reversed(merged) for word in incident.words}
    entries = {entry for incident in merged for entry in incident.timeline}
    down = [incident.down_since for incident in merged if incident.down_since]
    return replace(
        base,
        outage=min((incident.outage for incident in merged), key=tuple(OutageState).index),
        failing=in_order(scope for incident in merged for scope in incident.failing),
        observed=in_order(scope for incident in merged for scope in incident.observed),
        said=max((incident.said for incident in merged), key=SCALE.index),
        parts=() if any(not incident.parts for incident in merged) else base.parts,
        symptoms=tuple(dict.fromkeys(text for incident in merged for text in incident.symptoms)),
        down_since=min(down, default=None),
        down_before=max(incident.down_before for incident in merged),
        phase=phase,
        scopes=in_order(scope for incident in merged for scope in incident.scopes),
        onset_at=min(incident.onset_at for incident in merged),
        confirmed_at=min(confirmed_at, default=None),
        words=tuple(statements.values()),
        timeline=tuple(sorted(entries, key=lambda entry: (entry.at, entry.kind, entry.text))),
    )


def merge_one_provider(incidents: IncidentMap, policy: Thresholds, own: Collection[str] = ()) -> dict[str, str]:
    """Merge, in place, what we see failing of one provider in several places since the same moment: that has one cause.

    What pages only report is left apart, for a page may list much at once. `own`: our services, in lower case; what fails of
    them has causes of its own. The id of each merged incident -> the id of the one that took it in.
    """
    gone: dict[str, str] = {}
    seen = [incident for incident in incidents.values() if _is_seen_failing(incident)]
    for incident in sorted(seen, key=lambda incident: (incident.confirmed_at or incident.onset_at, incident.id)):
        if incident.id in gone:
            continue
        providers = {scope.provider for scope in incident.scopes} - set(own)
        others = [
            other
            for other in seen
            if other.id not in gone
            and other.id != incident.id
            and abs(other.onset_at - incident.onset_at) <= policy.together
            and {scope.provider for scope in other.scopes} - set(own) <= providers
            and any(scope.provider not in own for scope in other.scopes)
        ]
        if others:
            gone |= take_in(incidents, incident, others)
    return gone


def _is_seen_failing(incident: Incident) -> bool:
    confirmed = incident.phase in (Phase.CONFIRMED, Phase.MONITORING)
    return (
        confirmed
        and incident.outage is not OutageState.REPORTED
        and not (incident.ours or incident.old or incident.slight)
    )
