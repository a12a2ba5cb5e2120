"""What providers say -> what of it touches us: by what services depend on and where they stand. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.ports import FeedReading, IncidentSeverity, ProviderIncident
from checks import Service

LONG_OPEN = timedelta(days=7)
"""An incident that is open and has not been spoken of for so long (AWS keeps some for months) is no news."""
SILENT = timedelta(days=1)
"""The same for one of which its feed says neither state nor severity: it may long be over."""
_SCALE = tuple(IncidentSeverity)


@dataclass(frozen=True, slots=True)
class Footing:
    """What we stand on: provider -> names of our services that need it, and the regions of it that they are in.

    A provider without regions is needed as a whole.
    """

    needed_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    regions: Mapping[str, frozenset[str]] = field(default_factory=dict)


def footing(services: Sequence[Service], places: Iterable[tuple[str, str, str]] = ()) -> Footing:
    """Where services stand, by what they depend on, through each other, and by places that are known otherwise.

    Args:
        services: the catalogue.
        places: (service, provider, region) of deployments, declared or read; the region may be empty.
    """
    direct: dict[str, set[tuple[str, str]]] = {one.name: set(_scopes(one)) for one in services}
    for name, provider, region in places:
        direct.setdefault(name, set()).add((provider, region))
    needs = {one.name: [d.target for d in one.depends_on if d.kind == "service"] for one in services}
    named: dict[str, list[str]] = {}
    where: dict[str, set[str]] = {}
    for name in direct:
        for provider, region in sorted(_all(name, direct, needs)):
            if name not in named.setdefault(provider, []):
                named[provider].append(name)
            where.setdefault(provider, set()).add(region)
    # One service that needs the whole of a provider makes every region of it ours.
    regions = {provider: frozenset(found) for provider, found in where.items() if "" not in found}
    return Footing({provider: tuple(names) for provider, names in named.items()}, regions)


def _scopes(service: Service) -> Iterator[tuple[str, str]]:
    for one in service.depends_on:
        if one.kind != "service":
            steps = one.target.split("/")
            yield steps[0], steps[1] if len(steps) > 1 else ""


def _all(
    name: str, direct: Mapping[str, set[tuple[str, str]]], needs: Mapping[str, Sequence[str]]
) -> set[tuple[str, str]]:
    """Its own places and those of every service that it needs, however far."""
    found: set[tuple[str, str]] = set()
    seen, left = {name}, [name]
    while left:
        one = left.pop()
        found |= direct.get(one, set())
        left += [other for other in needs.get(one, ()) if other not in seen]
        seen.update(needs.get(one, ()))
    return found


def narrowed(reading: FeedReading, regions: frozenset[str] | None, now: datetime) -> list[FeedReading]:
    """A reading as far as it is about these regions and news, and what is left of it under a name of its own.

    Args:
        reading: of one provider.
        regions: ours; None: all of it is.
        now: the present moment (UTC).
    """
    if reading.severity is None and not reading.incidents:
        return [reading]
    near = tuple(one for one in reading.incidents if _near(one, regions) and not _old(one, now))
    far = tuple(one for one in reading.incidents if one not in near and one.open and not one.maintenance)
    if not far:
        return [replace(reading, incidents=near)]
    places = list(dict.fromkeys(place for one in far for place in one.regions))[:3]
    rest = replace(
        reading, provider=f"{reading.provider} ({', '.join(places) or 'long open'})", incidents=far, components=()
    )
    return [replace(reading, incidents=near, severity=_worst(near)), replace(rest, severity=_worst(far))]


def _near(one: ProviderIncident, regions: frozenset[str] | None) -> bool:
    """Whether it names one of these regions, or none at all, or the whole world."""
    # Azure writes `West US` for people and `westus` everywhere else.
    places = {place.lower().replace(" ", "") for place in one.regions}
    ours = {place.lower().replace(" ", "") for place in regions or ()}
    return regions is None or not places or "global" in places or bool(places & ours)


def _old(one: ProviderIncident, now: datetime) -> bool:
    at = one.updated_at or one.started_at
    limit = SILENT if one.state is None and one.severity is None else LONG_OPEN
    return at is not None and one.open and not one.maintenance and now - at > limit


def _worst(incidents: Sequence[ProviderIncident]) -> IncidentSeverity:
    """Of what is open; one without a severity counts as minor: something is on, and nobody says how bad."""
    grades = [one.severity or IncidentSeverity.MINOR for one in incidents if one.open]
    return max(grades, key=_SCALE.index, default=IncidentSeverity.NONE)
