"""Merges failures of our own services into the incident of what they depend on, whichever was reported first."""

from collections.abc import Iterable, Mapping

from bot.incidents.engine.correlation import IncidentMap, same_place, take_in
from bot.incidents.engine.places import scope_of
from bot.model.estate import RunsOn
from bot.model.incidents import Incident, Phase
from checks import Scope, Seen

_STILL = (Phase.CONFIRMED, Phase.MONITORING)


def dependencies_of(seen_all: Iterable[Seen]) -> dict[str, tuple[str, ...]]:
    """Each of our services, in lower case -> the scopes that it runs in or needs, through other services too."""
    places: dict[str, set[str]] = {}
    needs: dict[str, list[str]] = {}
    for seen in seen_all:
        name = seen.service.name
        own = places.setdefault(name, set())
        own |= {"/".join(fact.located_in) for fact in seen.facts if all(fact.located_in)}
        for need in seen.service.depends_on:
            if need.kind == "service":
                needs.setdefault(name, []).append(need.target)
            elif need.hard:
                own.add(str(scope_of(need.target)))
    return {name.lower(): tuple(sorted(_reachable_places(name, places, needs))) for name in places}


def _reachable_places(name: str, places: Mapping[str, set[str]], needs: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    visited, left = {name}, [name]
    while left:
        service = left.pop()
        found |= places.get(service, set())
        fresh = [other for other in needs.get(service, ()) if other not in visited]
        visited.update(fresh)
        left += fresh
    return found


def merge_by_dependency(incidents: IncidentMap, own: RunsOn) -> dict[str, str]:
    """Merge, in place, incidents of our services alone into a confirmed incident of what they depend on.

    Args:
        incidents: by id; changed in place.
        own: our service, in lower case -> the scopes that it depends on.

    Returns:
        The id of each incident that was merged -> the id of the one that took it in.
    """
    gone: dict[str, str] = {}
    for incident in sorted(incidents.values(), key=lambda incident: incident.id):
        if not incident.open or incident.ours or not all(scope.provider in own for scope in incident.scopes):
            continue
        under = [other for other in incidents.values() if _explains(other, incident, own)]
        if not under:
            continue
        base, other = sorted((min(under, key=_seniority), incident), key=_seniority)
        gone |= take_in(incidents, base, [other])
    return gone


def _explains(under: Incident, incident: Incident, own: RunsOn) -> bool:
    """Whether every failing service of `incident` depends on something that `under` has confirmed as failing."""
    if under.id == incident.id or under.ours or under.phase not in _STILL:
        return False
    broken = [scope for scope in under.scopes if scope.provider not in own]
    return all(any(_depends_on(scope, place, own) for place in broken) for scope in incident.scopes)


def _depends_on(scope: Scope, broken: Scope, own: RunsOn) -> bool:
    return any(same_place(scope_of(host), broken) for host in own.get(scope.provider, ()))


def _seniority(incident: Incident) -> tuple[bool, object, str]:
    """The incident that people were notified of first keeps its id."""
    return incident.confirmed_at is None, incident.confirmed_at or incident.onset_at, incident.id
