"""Many providers in trouble at once -> one incident that names what is behind them all."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.incidents.engine.correlation import IncidentMap, merge
from bot.model.estate import RunsOn
from bot.model.incidents import Incident, Phase, TimelineEntry
from bot.model.thresholds import Thresholds
from checks import Scope

_NAMED = 5


def merge_common_cause(incidents: IncidentMap, runs_on: RunsOn, now: datetime, policy: Thresholds) -> dict[str, str]:
    """Merge a storm in place, where there is one. Which incident went into which, by id."""
    recent = [one for one in incidents.values() if _recent(one, now, policy)]
    providers = {scope.provider for one in recent for scope in one.scopes}
    if len(recent) < 2 or len(providers) < policy.storm:
        return {}
    cause, why = common_cause([scope for one in recent for scope in one.scopes], runs_on)
    members = [one for one in recent if cause is None or not _stands_elsewhere(one, cause, runs_on)]
    if len({scope.provider for one in members for scope in one.scopes}) < policy.storm:
        return {}
    base = min(members, key=lambda one: _seniority(one, cause))
    others = [one for one in members if one.id != base.id]
    merged = merge(base, others)
    if base.phase is not Phase.SUSPECTED:
        joining = sorted({scope.provider for scope in merged.scopes} - {scope.provider for scope in base.scopes})
        moments = (TimelineEntry(now, "joined", _joined(joining)),) if joining else ()
        merged = replace(merged, timeline=(*merged.timeline, *moments))
    incidents[base.id] = replace(merged, cause=cause or base.cause, cause_why=why)
    for one in others:
        del incidents[one.id]
    return {one.id: base.id for one in others}


def common_cause(scopes: Sequence[Scope], runs_on: RunsOn) -> tuple[Scope | None, str]:
    """The cloud behind these troubles and why it is taken to be: it fails itself, or most of whom it is known stand on it."""
    providers = sorted({scope.provider for scope in scopes})
    hosts = {name: {place.partition("/")[0] for place in runs_on.get(name, ())} for name in providers}
    known = [name for name in providers if hosts[name]]
    counts = Counter(cloud for name in known for cloud in hosts[name])
    total = f"{len(providers)} providers are in trouble at once"
    failing = [name for name in providers if counts[name]]
    if failing:
        cloud = max(failing, key=lambda name: (counts[name], name))
        where = _where([scope for scope in scopes if scope.provider == cloud])
        return where, f"{total}; {counts[cloud]} of them are known to run on {cloud}, which fails itself"
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if ranked and ranked[0][1] >= max(2, (len(known) + 1) // 2):
        cloud, number = ranked[0]
        on = {place for name in known for place in runs_on[name] if place.partition("/")[0] == cloud}
        where = _where([Scope.parse(place) for place in sorted(on)])
        return where, f"{total}; of {len(known)} it is known what they run on, {number} of these on {where}"
    return None, f"{total}; what they have in common is not known"


def _joined(providers: Sequence[str]) -> str:
    shown, left = ", ".join(providers[:_NAMED]), len(providers) - _NAMED
    return f"{shown} and {left} more join" if left > 0 else f"{shown} {'join' if len(providers) > 1 else 'joins'}"


def _where(scopes: Iterable[Scope]) -> Scope:
    """The region that all of them are in, else the provider as a whole."""
    found = list(scopes)
    regions = {scope.region for scope in found}
    return Scope(found[0].provider, regions.pop() if len(regions) == 1 else "")


def _recent(one: Incident, now: datetime, policy: Thresholds) -> bool:
    begun = now - one.onset_at <= policy.storm_window
    return one.open and not one.ours and (begun or one.phase is Phase.SUSPECTED)


def _stands_elsewhere(one: Incident, cause: Scope, runs_on: RunsOn) -> bool:
    """Whether all that is in trouble here is known to stand on other clouds than the cause."""
    for scope in one.scopes:
        places = runs_on.get(scope.provider, ())
        if (
            scope.provider == cause.provider
            or not places
            or any(Scope.parse(p).provider == cause.provider for p in places)
        ):
            return False
    return True


def _seniority(one: Incident, cause: Scope | None) -> tuple[bool, datetime, bool, str]:
    """Whom people were told of first keeps its name; else the cause's own incident."""
    about_cause = cause is not None and any(scope.provider == cause.provider for scope in one.scopes)
    return (
        one.phase is Phase.SUSPECTED,
        one.confirmed_at or datetime.max.replace(tzinfo=one.onset_at.tzinfo),
        not about_cause,
        one.id,
    )
