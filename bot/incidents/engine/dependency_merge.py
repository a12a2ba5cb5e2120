"""Trouble of our own services, as our monitoring tells it, and of what they stand on -> one incident, whichever was told first."""

from collections.abc import Iterable, Mapping

from bot.incidents.engine.correlation import IncidentMap, merge, same_place
from bot.incidents.engine.places import scope_of
from bot.model.estate import RunsOn
from bot.model.incidents import Incident, Phase
from checks import Scope, Seen

_STILL = (Phase.CONFIRMED, Phase.MONITORING)


def dependencies_of(seen: Iterable[Seen]) -> dict[str, tuple[str, ...]]:
    """Each service of ours, in small letters -> the scopes that it stands in or needs, through other services too."""
    places: dict[str, set[str]] = {}
    needs: dict[str, list[str]] = {}
    for one in seen:
        name = one.service.name
        mine = places.setdefault(name, set())
        mine |= {f"{fact.provider}/{fact.region}".lower() for fact in one.facts if fact.provider and fact.region}
        for need in one.service.depends_on:
            if need.kind == "service":
                needs.setdefault(name, []).append(need.target)
            elif need.hard:
                mine.add(str(scope_of(need.target)))
    return {name.lower(): tuple(sorted(_all(name, places, needs))) for name in places}


def _all(name: str, places: Mapping[str, set[str]], needs: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    seen, left = {name}, [name]
    while left:
        one = left.pop()
        found |= places.get(one, set())
        fresh = [other for other in needs.get(one, ()) if other not in seen]
        seen.update(fresh)
        left += fresh
    return found


def merge_by_dependency(incidents: IncidentMap, own: RunsOn) -> dict[str, str]:
    """Merge, in place, what is about services of ours alone into a sure incident of what they stand on. Which went into which."""
    gone: dict[str, str] = {}
    for one in sorted(incidents.values(), key=lambda one: one.id):
        if not one.open or one.ours or not all(scope.provider in own for scope in one.scopes):
            continue
        under = [other for other in incidents.values() if _carries(other, one, own)]
        if not under:
            continue
        base, other = sorted((min(under, key=_seniority), one), key=_seniority)
        incidents[base.id] = merge(base, [other])
        del incidents[other.id]
        gone[other.id] = base.id
    return gone


def _carries(under: Incident, one: Incident, own: RunsOn) -> bool:
    """Whether all that is in trouble in `one` stands on what is surely broken in `under`."""
    if under.id == one.id or under.ours or under.phase not in _STILL:
        return False
    broken = [scope for scope in under.scopes if scope.provider not in own]
    return all(any(_stands(scope, place, own) for place in broken) for scope in one.scopes)


def _stands(scope: Scope, broken: Scope, own: RunsOn) -> bool:
    return any(same_place(scope_of(host), broken) for host in own.get(scope.provider, ()))


def _seniority(one: Incident) -> tuple[bool, object, str]:
    """Whom people were told of first keeps its name."""
    return one.confirmed_at is None, one.confirmed_at or one.onset_at, one.id
