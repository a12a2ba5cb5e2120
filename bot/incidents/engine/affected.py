"""Finds the services that an incident affects, by the dependency graph of what-if, and grades the incident by them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.incidents.engine.places import scope_of
from bot.incidents.engine.statement import SCALE
from bot.model import IncidentSeverity
from bot.model.estate import Estate
from bot.model.incidents import Affected, Incident, OutageState
from bot.model.observed import StatedItem
from bot.model.parts import needs_part
from checks import Dependency, Deployment, Fate, Runbook, Scope, Seen, Service, ServiceImpact, Severity, impact

EXPECTED = timedelta(hours=4)
"""The assumed duration of an outage: between the median of recorded outages and the longest one."""


def with_affected_services(incident: Incident, estate: Estate, now: datetime) -> Incident:
    """The incident with its affected services, worst first, and its severity. Our own network affects none by itself."""
    if incident.ours or not incident.scopes:
        return replace(incident, affected=(), severity=Severity.LOW)
    worst: dict[str, ServiceImpact] = {}
    for scope in _widest(incident.scopes):
        for lost in _impacts(scope, estate, now, incident):
            known = worst.get(lost.service.name)
            if known is None or lost.fate.rank < known.fate.rank:
                worst[lost.service.name] = lost
    runbooks = {seen.service.name: book for seen in estate.seen for book in seen.facts if isinstance(book, Runbook)}
    before = {service.service: service for service in incident.affected}
    fresh = now if before else incident.onset_at  # affected from the start, or since later
    affected = [
        replace(
            _affected(lost, runbooks.get(name), (estate.first_steps or {}).get(name, ())),
            since=(before[name].since if name in before else None) or fresh,
            stated=_stated(lost.service, incident),
            worst=min([lost.fate, *_fates(before.get(name))], key=lambda fate: fate.rank),
        )
        for name, lost in worst.items()
    ]
    affected.sort(key=lambda service: (service.fate.rank, service.tier, service.service))
    graded = replace(incident, affected=tuple(affected))
    if before and incident.outage is OutageState.REPORTED and not any(word.open for word in incident.words):
        return graded  # as severe as it was reported: its end does not make it milder
    return replace(graded, severity=_severity_of(graded), worth_alert=_is_worth_alert(graded))


def _fates(service: Affected | None) -> list[Fate]:
    """The fates that a service had in this incident before."""
    return [service.worst or service.fate] if service is not None else []


def _severity_of(incident: Incident) -> Severity:
    """Our own severity: by the tiers of the affected services, what is expected of them, and whether we observe it."""
    found = (_severity(service, incident) for service in incident.affected)
    return min(found, key=list(Severity).index, default=Severity.LOW)


def _is_worth_alert(incident: Incident) -> bool:
    """Whether people are interrupted: by what we observe, but for a mere warning, and by what a provider calls major or worse."""
    if incident.outage is OutageState.REPORTED:
        return any(service.stated.is_severe for service in incident.affected)
    return not incident.slight


def _severity(service: Affected, incident: Incident) -> Severity:
    if incident.slight:
        return Severity.LOW
    if incident.outage is OutageState.REPORTED:
        return _of_reported(service, incident)
    if incident.outage is OutageState.DEGRADED:
        return {1: Severity.HIGH, 2: Severity.MEDIUM}.get(service.tier, Severity.LOW)
    if service.fate is Fate.DOWN:
        return {1: Severity.CRITICAL, 2: Severity.HIGH, 3: Severity.MEDIUM}.get(service.tier, Severity.LOW)
    if service.fate is Fate.FAILS_OVER:
        return {1: Severity.HIGH, 2: Severity.MEDIUM}.get(service.tier, Severity.LOW)
    return {1: Severity.MEDIUM}.get(service.tier, Severity.LOW)


def _of_reported(service: Affected, incident: Incident) -> Severity:
    stated = service.stated
    reported = [word.severity for word in incident.words if word.open]
    if reported and SCALE.index(incident.said) < max(map(SCALE.index, reported)):
        stated = SCALE[max(0, SCALE.index(stated) - 1)]  # our own probes of it succeed
    if stated is IncidentSeverity.CRITICAL:
        return {1: Severity.HIGH, 2: Severity.MEDIUM}.get(service.tier, Severity.LOW)
    return Severity.MEDIUM if stated is IncidentSeverity.MAJOR and service.tier == 1 else Severity.LOW


def _stated(service: Service, incident: Incident) -> IncidentSeverity:
    """The worst that open statements say about the parts that a service needs; about all, where it needs them through others."""
    found = [IncidentSeverity.NONE]
    for word in incident.words:
        needs = [need.parts for need in service.depends_on if scope_of(need.target).provider == word.provider] or [()]
        items = word.items or (StatedItem(word.severity, word.parts),)
        found += [
            item.severity for item in items if word.open and any(needs_part(parts, item.parts) for parts in needs)
        ]
    return max(found, key=SCALE.index)


def _impacts(scope: Scope, estate: Estate, now: datetime, incident: Incident) -> Iterator[ServiceImpact]:
    own = {seen.service.name.lower(): seen.service.name for seen in estate.seen}.get(scope.provider)
    outage = incident.outage if scope in incident.observed or not incident.observed else OutageState.REPORTED
    seen_all = estate.seen if own is None else _with_own_endpoint(estate.seen, own, scope.provider)
    if incident.parts:
        seen_all = [_without_unneeded(seen, scope.provider, incident.parts) for seen in seen_all]
    found = impact(scope, seen_all, lasts=EXPECTED, now=now, runs_on=estate.runs_on)
    in_doubt = own is None and found.known_scope and _may_run_in(scope, estate.seen)
    wide = {seen.service.name for seen in seen_all if _needs_more_than(scope, seen)}
    declared = {seen.service.name for seen in estate.seen if _only_declared_in(scope, seen)}
    for lost in found.services:
        name, fate = lost.service.name, _at_most(lost.fate, outage)
        if lost.fate is Fate.UNAFFECTED and name in declared:
            why = f"{name} is declared to run in {scope.provider}/{scope.region}; its resources there were not read"
            yield replace(lost, fate=Fate.UNKNOWN, because=(why,))
        elif lost.fate is not Fate.UNAFFECTED and (in_doubt or lost.fate is not Fate.UNKNOWN or name in wide):
            because = (f"the endpoint of {name} itself fails",) if name == own else lost.because
            yield replace(lost, fate=fate, because=because)


def _at_most(fate: Fate, outage: OutageState) -> Fate:
    """The fate of a service by what is known: nobody loses a service for sure to what is degraded, or only reported."""
    if fate is Fate.UNAFFECTED or outage is OutageState.DOWN:
        return fate
    if outage is OutageState.REPORTED:
        return Fate.UNKNOWN
    return fate if fate is Fate.UNKNOWN else Fate.DEGRADED


def _needs_more_than(scope: Scope, seen: Seen) -> bool:
    """Whether a service needs the provider as a whole, so that the loss of one of its regions may affect it."""
    needed = [scope_of(need.target) for need in seen.service.depends_on if need.kind != "service"]
    return any(place != scope and place.covers(scope) for place in needed)


def _without_unneeded(seen: Seen, provider: str, parts: Sequence[str]) -> Seen:
    """The service without what it needs of a provider, where none of that is among the failing parts."""
    kept = tuple(
        need
        for need in seen.service.depends_on
        if scope_of(need.target).provider != provider or needs_part(need.parts, parts)
    )
    if len(kept) == len(seen.service.depends_on):
        return seen
    return replace(seen, service=replace(seen.service, depends_on=kept))


def _may_run_in(scope: Scope, seen_all: Sequence[Seen]) -> bool:
    """Whether a service of which nothing was read may run in the scope: in a cloud it may; a SaaS it would declare."""
    return bool(scope.region) or any(fact.located_in[0] == scope.provider for seen in seen_all for fact in seen.facts)


def _only_declared_in(scope: Scope, seen: Seen) -> bool:
    """Whether a service is declared to run in this product's region while none of its resources there is known."""
    there = [fact for fact in seen.facts if fact.located_in == (scope.provider, scope.region)]
    # The zones of a declared deployment are declared too.
    return (
        bool(scope.part and there)
        and not scope.named_like_a_zone
        and all(isinstance(fact, Deployment) for fact in there)
    )


def _with_own_endpoint(seen_all: Sequence[Seen], name: str, endpoint: str) -> list[Seen]:
    """The services, with this one depending on its own endpoint: a service whose endpoint fails is down."""
    need = Dependency(endpoint, "saas")
    return [
        replace(seen, service=replace(seen.service, depends_on=(*seen.service.depends_on, need)))
        if seen.service.name == name
        else seen
        for seen in seen_all
    ]


def _widest(scopes: Sequence[Scope]) -> list[Scope]:
    """Only the scopes that no other one covers."""
    return [scope for scope in scopes if not any(other != scope and other.covers(scope) for other in scopes)]


def _affected(lost: ServiceImpact, runbook: Runbook | None, steps: tuple[str, ...]) -> Affected:
    service = lost.service
    return Affected(
        service=service.name,
        tier=service.tier.number,
        fate=lost.fate,
        because=lost.because,
        audience=service.audience,
        owner=service.owner,
        users=service.users,
        cost_per_hour=service.revenue_per_hour,
        rto=lost.rto,
        proved_at=lost.proved_at,
        runbook=runbook.url if runbook and not runbook.missing else "",
        first_steps=steps,
    )
