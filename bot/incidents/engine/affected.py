"""An incident and what is known of our services -> whom it hits, by the graph of what-if, and how grave that makes it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.estate import Estate
from bot.model.incidents import Affected, Incident
from checks import Dependency, Deployment, Fate, Runbook, Scope, Seen, ServiceImpact, Severity, impact

EXPECTED = timedelta(hours=4)
"""How long an outage is taken to last where nobody knows: between the median of known ones and the longest."""


def with_affected_services(incident: Incident, estate: Estate, now: datetime) -> Incident:
    """The incident with the services it hits, the worst first, and its severity. Our own network hits nobody by itself."""
    if incident.ours or not incident.scopes:
        return replace(incident, affected=(), severity=Severity.HIGH if incident.ours else Severity.LOW)
    worst: dict[str, ServiceImpact] = {}
    for scope in _widest(incident.scopes):
        for one in _lost(scope, estate, now):
            known = worst.get(one.service.name)
            if known is None or one.fate.rank < known.fate.rank:
                worst[one.service.name] = one
    runbooks = {seen.service.name: book for seen in estate.seen for book in seen.facts if isinstance(book, Runbook)}
    before = {one.service: one.since for one in incident.affected}
    fresh = now if before else incident.onset_at  # who is hit from the start, and who joins later
    affected = [
        replace(
            _affected(one, runbooks.get(name), (estate.first_steps or {}).get(name, ())),
            since=before.get(name) or fresh,
        )
        for name, one in worst.items()
    ]
    affected.sort(key=lambda one: (one.fate.rank, one.tier, one.service))
    return replace(incident, affected=tuple(affected), severity=severity_of(affected))


def severity_of(affected: Iterable[Affected]) -> Severity:
    """Ours: how important the services are, and what becomes of them."""
    return min((_grave(one) for one in affected), key=list(Severity).index, default=Severity.LOW)


def _grave(one: Affected) -> Severity:
    if one.fate is Fate.DOWN:
        return {1: Severity.CRITICAL, 2: Severity.HIGH, 3: Severity.MEDIUM}.get(one.tier, Severity.LOW)
    if one.fate is Fate.FAILS_OVER:
        return {1: Severity.HIGH, 2: Severity.MEDIUM}.get(one.tier, Severity.LOW)
    return {1: Severity.MEDIUM}.get(one.tier, Severity.LOW)


def _lost(scope: Scope, estate: Estate, now: datetime) -> Iterator[ServiceImpact]:
    own = {one.service.name.lower(): one.service.name for one in estate.seen}.get(scope.provider)
    seen = estate.seen if own is None else _with_own_endpoint(estate.seen, own, scope.provider)
    found = impact(scope, seen, lasts=EXPECTED, now=now, runs_on=estate.runs_on)
    in_doubt = own is None and found.known_scope and _may_stand_there(scope, estate.seen)
    said = {each.service.name for each in estate.seen if _only_said_to_stand_in(scope, each)}
    for one in found.services:
        if one.fate is Fate.UNAFFECTED and one.service.name in said:
            why = (
                f"{one.service.name} is said to run in {scope.provider}/{scope.region}; what it uses there was not read"
            )
            yield replace(one, fate=Fate.UNKNOWN, because=(why,))
        elif one.fate is not Fate.UNAFFECTED and (in_doubt or one.fate is not Fate.UNKNOWN):
            yield one


def _may_stand_there(scope: Scope, seen: Sequence[Seen]) -> bool:
    """Whether a service of which nothing was read may stand in the scope: in a cloud it may, on a SaaS it says so itself."""
    return bool(scope.region) or any(fact.provider == scope.provider for one in seen for fact in one.facts)


def _only_said_to_stand_in(scope: Scope, seen: Seen) -> bool:
    """Whether a service is declared to run in the region of this part of it, and nothing that it uses there is known."""
    there = [one for one in seen.facts if (one.provider, one.region) == (scope.provider, scope.region)]
    zone = "-az" in scope.part or scope.part.startswith(scope.region)  # which zones it has is declared
    return bool(scope.part and there) and not zone and all(isinstance(one, Deployment) for one in there)


def _with_own_endpoint(seen: Sequence[Seen], name: str, endpoint: str) -> list[Seen]:
    """A service whose own endpoint fails is down: it needs that endpoint, and the graph does the rest."""
    need = Dependency(endpoint, "saas")
    return [
        replace(one, service=replace(one.service, depends_on=(*one.service.depends_on, need)))
        if one.service.name == name
        else one
        for one in seen
    ]


def _widest(scopes: Sequence[Scope]) -> list[Scope]:
    """Only those that no other covers."""
    return [one for one in scopes if not any(other != one and other.covers(one) for other in scopes)]


def _affected(one: ServiceImpact, runbook: Runbook | None, steps: tuple[str, ...]) -> Affected:
    service = one.service
    return Affected(
        service=service.name,
        tier=service.tier.number,
        fate=one.fate,
        because=one.because,
        audience=service.audience,
        owner=service.owner,
        users=service.users,
        cost_per_hour=service.revenue_per_hour,
        rto=one.rto,
        proved_at=one.proved_at,
        runbook=runbook.url if runbook and not runbook.missing else "",
        first_steps=steps,
    )
