"""Scopes in trouble -> incidents: what breaks in one place, or with the cloud that it stands on, is one incident."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.incidents.engine.quorum import Level, ScopeHealth
from bot.model.estate import RunsOn
from bot.model.incidents import Incident, Phase, TimelineEntry
from bot.model.thresholds import Thresholds
from checks import Scope

IncidentMap = dict[str, Incident]


def assign(
    incidents: IncidentMap, troubled: Mapping[Scope, ScopeHealth], runs_on: RunsOn, now: datetime, policy: Thresholds
) -> None:
    """Give every scope in trouble its incident, in place: the one it is in, one it belongs to, else one of its own."""
    held = {scope for one in incidents.values() if one.open for scope in one.scopes}
    # The widest first: what is within it then joins it.
    for scope in sorted(troubled, key=lambda one: (len(one.steps), str(one))):
        if scope in held:
            continue
        verdict = troubled[scope]
        home = _home(scope, incidents, runs_on, now, policy)
        if home is not None and not home.open and verdict.level is not Level.SURE:
            continue  # what is over is not touched for a mere suspicion, which would be a new wave of it
        if home is None:
            made = opened(scope, verdict.since or now, now, taken=incidents)
            incidents[made.id] = made
        elif scope not in home.scopes:
            incidents[home.id] = joined(home, scope, now)


def opened(scope: Scope, onset: datetime, now: datetime, *, taken: Iterable[str]) -> Incident:
    """A suspected incident of this scope. Its id tells place and time, `aws-us-east-1-1020-0648`."""
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
        timeline = (*timeline, TimelineEntry(now, "joined", f"{scope} joins"))
    return replace(incident, scopes=in_order((*incident.scopes, scope)), timeline=timeline)


def in_order(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """Each once, the widest first."""
    return tuple(sorted(set(scopes), key=lambda one: (len(one.steps), str(one))))


def _home(scope: Scope, incidents: IncidentMap, runs_on: RunsOn, now: datetime, policy: Thresholds) -> Incident | None:
    every = incidents.values()
    running = sorted((one for one in every if one.open and not one.ours), key=lambda one: (one.onset_at, one.id))
    near = [one for one in running if any(same_place(scope, other) for other in one.scopes)]
    if near:
        return near[0]
    over = [one for one in every if _may_reopen(one, scope, now, policy)]
    if over:
        return max(over, key=lambda one: (one.updated_at, one.id))
    hosts = [Scope.parse(place) for place in runs_on.get(scope.provider, ())]
    sure = [one for one in running if one.phase is not Phase.SUSPECTED]
    hosting = [one for one in sure if any(_stands_on(host, other) for host in hosts for other in one.scopes)]
    return hosting[0] if hosting else None


def same_place(one: Scope, other: Scope) -> bool:
    """Whether two scopes are of one provider and of one region, or of all of it."""
    if one.provider != other.provider:
        return False
    return one.region == other.region or not one.region or not other.region


def _may_reopen(one: Incident, scope: Scope, now: datetime, policy: Thresholds) -> bool:
    if one.open or one.ours or one.resolved_at is None or now - one.resolved_at > policy.reopen:
        return False
    return any(same_place(scope, other) for other in one.scopes)


def _stands_on(host: Scope, broken: Scope) -> bool:
    """Whether what stands on `host` may well go with `broken`: a product of a region is not the whole of it, but near enough."""
    return host.provider == broken.provider and (not host.region or not broken.region or host.region == broken.region)


def merge(base: Incident, others: Sequence[Incident]) -> Incident:
    """One incident of several. `base` gives its name and what people have done about it."""
    every = (base, *others)
    confirmed = [one.confirmed_at for one in every if one.confirmed_at]
    sure = any(one.phase in (Phase.CONFIRMED, Phase.MONITORING) for one in every)
    phase = base.phase if base.phase is not Phase.SUSPECTED else Phase.CONFIRMED if sure else Phase.SUSPECTED
    return replace(
        base,
        phase=phase,
        scopes=in_order(scope for one in every for scope in one.scopes),
        onset_at=min(one.onset_at for one in every),
        confirmed_at=min(confirmed, default=None),
        words=tuple({word.provider: word for one in reversed(every) for word in one.words}.values()),
        timeline=tuple(sorted({at for one in every for at in one.timeline}, key=lambda at: (at.at, at.kind, at.text))),
    )
