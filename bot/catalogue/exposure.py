"""Provider readings -> those that affect our services, by dependency and region. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.catalogue import Catalogue
from bot.model import FeedComponent, FeedReading, IncidentSeverity, ProviderIncident
from bot.model.parts import needs_part, parts_needed
from bot.model.providers import Exposure, KnownProvider
from checks import GLOBAL, Seen, Service

LONG_OPEN = timedelta(days=7)
"""An open incident without an update for this long is old (AWS keeps some for months)."""
SILENT = timedelta(days=1)
"""The same where the feed gives neither state nor severity: the incident may be over."""
_SCALE = tuple(IncidentSeverity)
_Need = tuple[str, str, tuple[str, ...]]
"""A provider, a region of it (empty: all), and its parts (none: all)."""


def known_exposure(catalogue: Catalogue, seen: Sequence[Seen] = ()) -> Exposure:
    """Return the exposure of the catalogue: dependencies, declared deployments, and places that an audit found.

    Args:
        catalogue: as it was read.
        seen: the last audit, empty where there was none. Without a catalogue its services are ours.
    """
    places = [
        (entry.service.name, deployment.where.provider, deployment.where.region)
        for entry in catalogue.entries
        for deployment in entry.declared.deployments
    ]
    # A global resource has no region, so it adds no region to the exposure.
    found = {(seen_service.service.name, *fact.located_in) for seen_service in seen for fact in seen_service.facts}
    places += sorted((name, provider, region or GLOBAL) for name, provider, region in found if provider)
    return exposure_of(catalogue.services or [seen_service.service for seen_service in seen], places)


def provider_called(word: str, providers: Mapping[str, KnownProvider]) -> KnownProvider | None:
    """The provider of this name or alias, in any case; None where there is none."""
    wanted = " ".join(word.lower().split())
    names = {other.lower(): provider for provider in providers.values() for other in provider.aliases}
    names |= {provider.name.lower(): provider for provider in providers.values()}
    return names.get(wanted)


def relevant_readings(
    readings: Iterable[FeedReading], stand: Exposure, now: datetime, region: str = ""
) -> list[FeedReading]:
    """Return the readings that concern our regions and the parts that we need, and the rest of each under a name of its own.

    Args:
        readings: of any providers.
        stand: the exposure of our services.
        now: the present moment (UTC).
        region: only this one is meant; else those of ours.
    """
    asked = frozenset({region.lower()}) if region else None
    return [
        part
        for reading in readings
        for part in split_by_need(
            reading, asked or stand.regions.get(reading.provider), now, stand.parts.get(reading.provider, ())
        )
    ]


def exposure_of(services: Sequence[Service], places: Iterable[tuple[str, str, str]] = ()) -> Exposure:
    """Return where services run, through their dependencies and known deployments.

    Args:
        services: the catalogue.
        places: (service, provider, region) of deployments, declared or read; the region may be empty.
    """
    direct: dict[str, set[_Need]] = {service.name: set(_needs(service)) for service in services}
    for name, provider, region in places:
        direct.setdefault(name, set()).add((provider, region, ()))
    others = {service.name: [d.target for d in service.depends_on if d.kind == "service"] for service in services}
    named: dict[str, list[str]] = {}
    where: dict[str, set[str]] = {}
    parts: dict[str, set[tuple[str, ...]]] = {}
    for name in direct:
        for provider, region, needed in sorted(_all(name, direct, others)):
            if name not in named.setdefault(provider, []):
                named[provider].append(name)
            where.setdefault(provider, set()).add(region)
            parts.setdefault(provider, set()).add(needed)
    # One service that needs the whole of a provider makes every region of it ours.
    regions = {provider: frozenset(found) for provider, found in where.items() if "" not in found}
    of_parts = {provider: together for provider, found in parts.items() if (together := parts_needed(found))}
    return Exposure({provider: tuple(names) for provider, names in named.items()}, regions, of_parts)


def _needs(service: Service) -> Iterator[_Need]:
    for item in service.depends_on:
        if item.kind != "service":
            steps = item.target.split("/")
            yield steps[0], steps[1] if len(steps) > 1 else "", item.parts


def _all(name: str, direct: Mapping[str, set[_Need]], others: Mapping[str, Sequence[str]]) -> set[_Need]:
    """Its own needs and those of every service that it needs, however far."""
    found: set[_Need] = set()
    seen, left = {name}, [name]
    while left:
        service = left.pop()
        found |= direct.get(service, set())
        left += [other for other in others.get(service, ()) if other not in seen]
        seen.update(others.get(service, ()))
    return found


def split_by_need(
    reading: FeedReading, regions: frozenset[str] | None, now: datetime, parts: Sequence[str] = ()
) -> list[FeedReading]:
    """A reading as far as it is about what we need and news, and what is left of it under a name of its own.

    Args:
        reading: of one provider.
        regions: ours; None: all of them.
        now: the present moment (UTC).
        parts: of the provider that we need; none: all of it.
    """
    if reading.severity is None and not reading.incidents:
        return [reading]
    near = tuple(
        incident
        for incident in reading.incidents
        if _near(incident, regions) and needs_part(parts, incident.services) and not _old(incident, now)
    )
    far = tuple(
        incident
        for incident in reading.incidents
        if incident not in near and incident.open and not incident.maintenance
    )
    unneeded = tuple(part for part in reading.components if _fails(part) and not needs_part(parts, (part.name,)))
    if not far and not unneeded:
        # Some feeds say no severity, or a green one: that something is on is known all the same.
        on = reading.severity in (None, IncidentSeverity.NONE) and any(_is_on(incident) for incident in near)
        return [replace(reading, incidents=near, severity=_worst(near) if on else reading.severity)]
    needed = tuple(part for part in reading.components if part not in unneeded)
    others = [place for item in far for place in item.regions] or [name for item in far for name in item.services]
    names = list(dict.fromkeys(others or [part.name for part in unneeded]))[:3]
    rest = replace(
        reading,
        provider=f"{reading.provider} ({', '.join(names) or 'long open'})",
        incidents=far,
        components=unneeded,
        severity=_worst(far, unneeded),
    )
    return [replace(reading, incidents=near, components=needed, severity=_worst(near, needed)), rest]


def _is_on(incident: ProviderIncident) -> bool:
    return incident.open and not incident.maintenance and not incident.test


def _fails(component: FeedComponent) -> bool:
    return component.severity not in (None, IncidentSeverity.NONE, IncidentSeverity.MAINTENANCE)


def _near(incident: ProviderIncident, regions: frozenset[str] | None) -> bool:
    """Whether it names one of these regions, or none at all, or the whole world."""
    # Azure writes `West US` for people and `westus` everywhere else.
    places = {place.lower().replace(" ", "") for place in incident.regions}
    ours = {place.lower().replace(" ", "") for place in regions or ()}
    return regions is None or not places or "global" in places or bool(places & ours)


def _old(incident: ProviderIncident, now: datetime) -> bool:
    at = incident.updated_at or incident.started_at
    limit = SILENT if incident.state is None and incident.severity is None else LONG_OPEN
    return at is not None and incident.open and not incident.maintenance and now - at > limit


def _worst(incidents: Sequence[ProviderIncident], components: Sequence[FeedComponent] = ()) -> IncidentSeverity:
    """Of what is open and fails; an incident without a severity counts as minor: something is on, and nobody says how bad."""
    grades = [_severity(incident) for incident in incidents if incident.open]
    grades += [component.severity for component in components if component.severity is not None]
    return max(grades, key=_SCALE.index, default=IncidentSeverity.NONE)


def _severity(incident: ProviderIncident) -> IncidentSeverity:
    unsaid = incident.severity in (None, IncidentSeverity.NONE) and not incident.maintenance and not incident.test
    return IncidentSeverity.MINOR if unsaid or incident.severity is None else incident.severity
