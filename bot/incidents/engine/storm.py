"""Merges failures of many providers at once into one incident that names their probable common cause."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.catalogue.product_names import provider_name
from bot.incidents.engine.correlation import IncidentMap, take_in
from bot.model.estate import RunsOn
from bot.model.incidents import Incident, OutageState, Phase, TimelineEntry
from bot.model.thresholds import Thresholds
from checks import Scope

_NAMED, _LATEST = 5, 3


def merge_common_cause(
    incidents: IncidentMap, runs_on: RunsOn, now: datetime, policy: Thresholds, own: Collection[str] = ()
) -> dict[str, str]:
    """Merge a storm in place, where there is one. The id of each merged incident -> the id of the one that took it in.

    Only what began close together, by the providers' own times, has a common cause, and not what was old when a page was first
    read. A suspicion of our own proves nothing; what a page calls major counts before it is confirmed by a second reading.
    Without a known cause only providers that fail alike and began within `Thresholds.together` are one. Where a cloud fails itself,
    two are enough: the cloud, and what is documented to run where it fails. `own`: our services, in lower case; what fails of
    them has causes of its own.
    """
    counted = [
        incident for incident in incidents.values() if _counts(incident, now, policy) and not _is_own(incident, own)
    ]
    recent = _close_together(counted, policy.storm_window)
    if len(recent) < 2:
        return {}
    cause, why = common_cause([scope for incident in recent for scope in incident.scopes], runs_on)
    members = _members(recent, cause, runs_on, policy)
    if len(_providers(members)) < policy.storm:
        members = [incident for incident in recent if _stands_on(incident, cause, runs_on)]
        if len(_providers(members)) < 2 or cause is None or cause.provider not in _providers(members):
            return {}
        cause, why = common_cause([scope for incident in members for scope in incident.scopes], runs_on)
    base = min(members, key=lambda incident: _seniority(incident, cause))
    gone = take_in(incidents, base, [incident for incident in members if incident.id != base.id])
    merged = incidents[base.id]
    if base.phase is not Phase.SUSPECTED:
        joining = sorted({scope.provider for scope in merged.scopes} - {scope.provider for scope in base.scopes})
        entries = (TimelineEntry(now, "joined", _joined(joining)),) if joining else ()
        merged = replace(merged, timeline=(*merged.timeline, *entries))
    incidents[base.id] = replace(merged, cause=cause or base.cause, cause_why=why)
    return gone


def common_cause(scopes: Sequence[Scope], runs_on: RunsOn) -> tuple[Scope | None, str]:
    """The cloud behind these failures and the reason: it is failing too, or most providers whose host is known run on it."""
    providers = sorted({scope.provider for scope in scopes})
    hosts = {name: {place.partition("/")[0] for place in runs_on.get(name, ())} for name in providers}
    known = [name for name in providers if hosts[name]]
    counts = Counter(cloud for name in known for cloud in hosts[name])
    total = f"{len(providers)} providers are failing at once"
    failing = [name for name in providers if counts[name]]
    if failing:
        cloud = max(failing, key=lambda name: (counts[name], name))
        where = _where([scope for scope in scopes if scope.provider == cloud])
        title = provider_name(cloud)
        return where, f"{total}; {counts[cloud]} of them are known to run on {title}, and {title} itself is failing"
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if ranked and ranked[0][1] >= max(2, (len(known) + 1) // 2):
        cloud, number = ranked[0]
        on = {place for name in known for place in runs_on[name] if place.partition("/")[0] == cloud}
        where = _where([Scope.parse(place) for place in sorted(on)])
        return where, f"{total}; {number} of the {len(known)} whose hosting is known run on {where}"
    return None, f"{total}; their common cause is unknown"


def _joined(providers: Sequence[str]) -> str:
    shown, left = ", ".join(providers[:_NAMED]), len(providers) - _NAMED
    names = f"{shown} and {left} more" if left > 0 else shown
    return f"{names} {'are' if len(providers) > 1 else 'is'} failing too"


def _where(scopes: Iterable[Scope]) -> Scope:
    """The region that all of them are in, else the provider as a whole."""
    found = list(scopes)
    regions = {scope.region for scope in found}
    return Scope(found[0].provider, regions.pop() if len(regions) == 1 else "")


def _counts(incident: Incident, now: datetime, policy: Thresholds) -> bool:
    if not incident.open or incident.ours or incident.old:
        return False
    seen = incident.outage is not OutageState.REPORTED and incident.phase is not Phase.SUSPECTED
    severe = seen or incident.said.is_severe
    return severe and not incident.slight and now - incident.onset_at <= _LATEST * policy.storm_window


def _is_own(incident: Incident, own: Collection[str]) -> bool:
    return any(scope.provider in own for scope in incident.scopes)


def _members(recent: Sequence[Incident], cause: Scope | None, runs_on: RunsOn, policy: Thresholds) -> list[Incident]:
    """Those with the common cause: what runs on it, and of what nobody knows where it runs, what began at the same moment."""
    if cause is None:
        alike = [[incident for incident in recent if incident.outage is state] for state in OutageState]
        return max((_close_together(group, policy.together) for group in alike), key=len)
    on_it = [incident for incident in recent if _runs_on(incident, cause, runs_on)]
    others = [
        incident for incident in recent if incident not in on_it and not _runs_elsewhere(incident, cause, runs_on)
    ]
    near = [
        incident
        for incident in others
        if any(abs(incident.started_at - other.started_at) <= policy.together for other in on_it)
    ]
    return [*on_it, *near]


def _runs_on(incident: Incident, cause: Scope, runs_on: RunsOn) -> bool:
    """Whether anything of it is the cause, or documented to run on it."""
    return any(
        scope.provider == cause.provider
        or any(Scope.parse(place).provider == cause.provider for place in runs_on.get(scope.provider, ()))
        for scope in incident.scopes
    )


def _stands_on(incident: Incident, cause: Scope | None, runs_on: RunsOn) -> bool:
    """Whether it is the cause, or documented to run in the very place that fails."""
    if cause is None:
        return False
    places = [Scope.parse(place) for scope in incident.scopes for place in runs_on.get(scope.provider, ())]
    return any(place.covers(cause) or cause.covers(place) for place in (*incident.scopes, *places))


def _providers(incidents: Iterable[Incident]) -> set[str]:
    return {scope.provider for incident in incidents for scope in incident.scopes}


def _close_together(incidents: Sequence[Incident], within: timedelta) -> list[Incident]:
    """The largest group of incidents that began within one window."""
    ordered = sorted(incidents, key=lambda incident: (incident.started_at, incident.id))
    groups = (
        [other for other in ordered[at:] if other.started_at - first.started_at <= within]
        for at, first in enumerate(ordered)
    )
    return max(groups, key=len, default=[])


def _runs_elsewhere(incident: Incident, cause: Scope, runs_on: RunsOn) -> bool:
    """Whether everything that fails in this incident is known to run on other clouds than the cause."""
    for scope in incident.scopes:
        places = runs_on.get(scope.provider, ())
        on_cause = any(Scope.parse(place).provider == cause.provider for place in places)
        if scope.provider == cause.provider or not places or on_cause:
            return False
    return True


def _seniority(incident: Incident, cause: Scope | None) -> tuple[bool, datetime, bool, str]:
    """The incident that people were notified of first keeps its id; else the cause's own one."""
    about_cause = cause is not None and any(scope.provider == cause.provider for scope in incident.scopes)
    return (
        incident.phase is Phase.SUSPECTED,
        incident.confirmed_at or datetime.max.replace(tzinfo=incident.onset_at.tzinfo),
        not about_cause,
        incident.id,
    )
