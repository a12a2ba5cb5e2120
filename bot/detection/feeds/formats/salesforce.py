"""Salesforce Trust: the status of one instance or all (more than 1,500), or lists of incidents or maintenance.

The instances of an incident, or under which it is listed, count as its regions, so that a team can pick out its own. An
incident is resolved when each of its impacts has an end. It has no title: the kind of its impact is used instead.
"""

import re
from collections.abc import Sequence

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    open_severity,
    severity_of,
    state_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

URL = "https://status.salesforce.com"
# https://api.status.salesforce.com/v1/docs: OK, and kinds of incident with or without _CORE.
_STATUS = {
    "OK": IncidentSeverity.NONE,
    "INFORMATIONAL": IncidentSeverity.NONE,
    "MAINTENANCE": IncidentSeverity.MAINTENANCE,
    "MINOR_INCIDENT": IncidentSeverity.MINOR,
    "MAJOR_INCIDENT": IncidentSeverity.MAJOR,
}


_MARKS = (
    {"key", "Incidents", "Maintenances"},
    {"IncidentImpacts", "instanceKeys"},
    {"plannedStartTime", "instanceKeys"},
)


def recognise(payload: Payload) -> bool:
    """Accept instances with incidents and maintenance, incidents with impacts, or maintenance of instances."""
    head = payload.root.data or payload.head.data
    return any(marks <= head.keys() for marks in _MARKS)


def parse(payload: Payload) -> Page:
    """Return incidents and maintenance of all instances, each once.

    Raises:
        FeedError: the payload lists neither instances nor incidents.
    """
    rows = payload.objects()
    places = [row for row in rows if "Incidents" in row]
    incidents = [row for row in rows if "IncidentImpacts" in row] + _of_instances(places, "Incidents")
    planned = [row for row in rows if "plannedStartTime" in row] + _of_instances(places, "Maintenances")
    found = [*map(_incident, incidents), *map(_maintenance, planned)]
    if rows and not places and not found:
        raise FeedError("lists neither instances nor incidents")
    parts = tuple(
        FeedComponent(place.string("key"), _status(place.string("status")), place.string("location") or None)
        for place in places
    )
    # An unknown status of one instance in a thousand does not make the whole page unknown.
    known = [part.severity for part in parts if part.severity]
    seen: list[IncidentSeverity | None] = [*known] if known or not parts else [None]
    return Page(
        incidents=unique_open_first(found),
        components=parts,
        severity=worst_severity([*seen, open_severity(found)]),
        name="Salesforce",
        url=URL,
    )


def _of_instances(places: Sequence[Item], key: str) -> list[Item]:
    """The incidents or maintenance under each instance, with every instance that lists them, where they name none."""
    listed: dict[str, list[str]] = {}
    for place in places:
        for row in place.items(key):
            listed.setdefault(row.string("id"), []).append(place.string("key"))
    return [
        Item({**row.data, "instanceKeys": list(row.strings("instanceKeys")) or listed[row.string("id")]})
        for place in places
        for row in place.items(key)
    ]


def _status(word: str) -> IncidentSeverity | None:
    return _STATUS.get(re.sub(r"_(NON)?CORE$", "", word.upper()))


def _incident(incident: Item) -> ProviderIncident:
    if not incident.string("id"):
        raise FeedError("lists an incident without an id")
    impacts, events = incident.items("IncidentImpacts"), incident.items("IncidentEvents")
    updates = newest_first(
        IncidentUpdate(event.time("createdAt"), _event_state(event), event.text("message", "type")) for event in events
    )
    ends = [impact.time("endTime") for impact in impacts]
    over = bool(ends) and None not in ends
    grades = [severity_of(impact.string("severity")) for impact in impacts if impact.string("severity")]
    return ProviderIncident(
        provider="",
        id=incident.string("id"),
        title=_title(incident, impacts),
        state=IncidentState.RESOLVED if over else next((u.state for u in updates if u.state), None),
        severity=worst_severity(grades) if grades else None,
        services=incident.strings("serviceKeys"),
        regions=incident.strings("instanceKeys"),
        started_at=min(
            filter(None, (impact.time("startTime") for impact in impacts)), default=incident.time("createdAt")
        ),
        updated_at=max(filter(None, (incident.time("updatedAt"), last_change(updates))), default=None),
        resolved_at=max((end for end in ends if end), default=None) if over else None,
        updates=updates,
        url=f"{URL}/incidents/{incident.string('id')}",
    )


def _title(incident: Item, impacts: tuple[Item, ...]) -> str:
    """The kind of impact in words, else the root cause, else the incident's id."""
    kind = next((impact.string("type") for impact in impacts if impact.string("type")), "")
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
    return (
        spaced[:1].upper() + spaced[1:]
        or incident.item("message").string("rootCause")
        or f"Incident {incident.string('id')}"
    )


def _event_state(event: Item) -> IncidentState | None:
    return IncidentState.RESOLVED if event.string("type").lower() == "close" else state_of(event.string("type"))


def _maintenance(maintenance: Item) -> ProviderIncident:
    if not maintenance.string("id"):
        raise FeedError("lists a maintenance without an id")
    events = newest_first(
        IncidentUpdate(event.time("createdAt"), state_of(event.string("type")), event.text("message"))
        for event in maintenance.items("MaintenanceEvents")
    )
    impacts = maintenance.items("MaintenanceImpacts")
    stated = state_of(maintenance.item("message").string("eventStatus")) or next(
        (event.state for event in events if event.state), None
    )
    begun = any(impact.time("startTime") and not impact.time("endTime") for impact in impacts)
    return ProviderIncident(
        provider="",
        id=f"maintenance-{maintenance.string('id')}",
        title=maintenance.string("name") or "Maintenance",
        state=stated or (IncidentState.IN_PROGRESS if begun else IncidentState.SCHEDULED),
        severity=IncidentSeverity.MAINTENANCE,
        services=maintenance.strings("serviceKeys"),
        regions=maintenance.strings("instanceKeys"),
        started_at=maintenance.time("plannedStartTime"),
        updated_at=maintenance.time("updatedAt"),
        updates=events,
        url=f"{URL}/maintenances/{maintenance.string('id')}",
        ends_at=maintenance.time("plannedEndTime"),
    )
