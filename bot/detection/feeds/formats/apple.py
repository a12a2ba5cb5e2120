"""Apple's system status: services with their events, as JSON (everybody's) or as a call with JSON in it (developers').

https://www.apple.com/support/systemstatus/data/system_status_en_US.js and .../data/developer/system_status_en_US.js. An event
is listed under each service that it affects. Its status is upcoming, ongoing, resolved or completed, its kind Outage, Issue,
Performance or Maintenance. `epochStartDate` is in milliseconds; written times differ with the language of the page.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from bot.detection.feeds.parsing.dates import parse_time
from bot.detection.feeds.parsing.page import (
    Page,
    normalised,
    open_severity,
    state_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

URL = "https://www.apple.com/support/systemstatus/"
_SEVERITY = {
    "maintenance": IncidentSeverity.MAINTENANCE,
    "performance": IncidentSeverity.MINOR,
    "issue": IncidentSeverity.MINOR,
    "outage": IncidentSeverity.MAJOR,
}
_AMERICAN = re.compile(r"(\d{2})/(\d{2})/(\d{4}) (\d{2}:\d{2} [A-Z]{2,5})")


def recognise(payload: Payload) -> bool:
    """Accept services with a name and a list of events."""
    head = next(iter(payload.root.items("services")), Item({}))
    return "serviceName" in head and isinstance(head.raw("events"), list)


def parse(payload: Payload) -> Page:
    """Return every event once, with the services that list it, and every service as a component.

    Raises:
        FeedError: there is no list of services.
    """
    services = payload.root.items("services")
    if not services:
        raise FeedError("lists no services")
    listed: dict[str, tuple[Item, list[str]]] = {}
    for service in services:
        for event in service.items("events"):
            _, names = listed.setdefault(_id(event, service), (event, []))
            names.append(service.string("serviceName"))
    found = {key: _incident(key, event, names) for key, (event, names) in listed.items()}
    parts = tuple(_component(service, found) for service in services if service.string("serviceName"))
    return Page(
        incidents=unique_open_first(found.values()),
        components=parts,
        severity=open_severity(found.values()),
        name="Apple",
        url=URL,
    )


def _id(event: Item, service: Item) -> str:
    """The message's id, else the service and the start."""
    return event.string("messageId") or f"{service.string('serviceName') or 'service'}@{event.string('epochStartDate')}"


def _component(service: Item, found: Mapping[str, ProviderIncident]) -> FeedComponent:
    running = (found[_id(event, service)] for event in service.items("events"))
    grades = [incident.severity for incident in running if incident.open]
    return FeedComponent(service.string("serviceName"), worst_severity(grades))


def _incident(key: str, event: Item, names: list[str]) -> ProviderIncident:
    kind, severity = event.string("statusType"), _severity(event)
    planned = severity is IncidentSeverity.MAINTENANCE
    services = tuple(dict.fromkeys(filter(None, (*names, *event.strings("affectedServices")))))
    ended = _time(event, "epochEndDate", "endDate")
    state = _state(event, planned=planned, ended=ended)
    started, posted = _time(event, "epochStartDate", "startDate"), _time(event, "", "datePosted")
    return ProviderIncident(
        provider="",
        id=key,
        title=": ".join(filter(None, (", ".join(services[:3]), kind.lower()))) or key,
        state=state,
        severity=severity,
        services=services,
        started_at=started,
        updated_at=posted or ended or started,
        resolved_at=ended if state is IncidentState.RESOLVED else None,
        updates=_updates(event, posted or started, state),
        url=URL,
        ends_at=ended if planned else None,
    )


def _updates(event: Item, at: datetime | None, state: IncidentState | None) -> tuple[IncidentUpdate, ...]:
    said = " ".join(filter(None, (event.text("message"), event.text("usersAffected"))))
    return (IncidentUpdate(at, state, said),) if said else ()


def _severity(event: Item) -> IncidentSeverity | None:
    """That of the kind of event; an outage of all users is critical."""
    found = _SEVERITY.get(normalised(event.string("statusType")))
    everybody = event.string("usersAffected").lower().startswith("all ")
    return IncidentSeverity.CRITICAL if found is IncidentSeverity.MAJOR and everybody else found


def _state(event: Item, *, planned: bool, ended: datetime | None) -> IncidentState | None:
    found = state_of(event.string("eventStatus"))
    if found is IncidentState.INVESTIGATING and planned:
        return IncidentState.IN_PROGRESS
    return found or (IncidentState.RESOLVED if ended and not planned else None)


def _time(event: Item, number: str, written: str) -> datetime | None:
    """The time in milliseconds, else as written: American pages put the month first."""
    found = event.time(number)
    match = _AMERICAN.fullmatch(event.string(written))
    if found or not match:
        return found or event.time(written)
    return parse_time(f"{match[3]}-{match[1]}-{match[2]} {match[4]}")
