"""Salesforce Trust: the status of one instance or of all (more than 1,500), or lists of incidents or of maintenances.

An incident names instances; these stand where other providers have regions, so that one's own can be picked out. It is over
when every impact of it has an end, and has no title: the kind of its impact stands for one.
"""

import re

from bot.detection.feeds.parsing.page import Page, newest_first, open_severity, settled, severity, state, worst
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

URL = "https://status.salesforce.com"
# https://api.status.salesforce.com/v1/docs: OK, and kinds of trouble with or without _CORE.
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
    """Instances with incidents and maintenances, incidents with impacts on instances, or maintenances of instances."""
    head = payload.root.data or payload.head.data
    return any(marks <= head.keys() for marks in _MARKS)


def parse(payload: Payload) -> Page:
    """Incidents and maintenances of all instances, each once.

    Raises:
        FeedError: it is not such a list.
    """
    rows = payload.objects()
    places = [one for one in rows if "Incidents" in one]
    incidents = [one for one in rows if "IncidentImpacts" in one] + [
        i for one in places for i in one.items("Incidents")
    ]
    found = [_incident(one) for one in incidents]
    planned = [one for one in rows if "plannedStartTime" in one]
    planned += [one for place in places for one in place.items("Maintenances")]
    found += map(_maintenance, planned)
    if rows and not places and not found:
        raise FeedError("lists neither instances nor incidents")
    parts = tuple(
        FeedComponent(one.word("key"), _status(one.word("status")), one.word("location") or None) for one in places
    )
    # An unknown word for one instance in a thousand does not make the rest unknown.
    known = [part.severity for part in parts if part.severity]
    seen: list[IncidentSeverity | None] = [*known] if known or not parts else [None]
    return Page(
        incidents=settled(found),
        components=parts,
        severity=worst([*seen, open_severity(found)]),
        name="Salesforce",
        url=URL,
    )


def _status(word: str) -> IncidentSeverity | None:
    return _STATUS.get(re.sub(r"_(NON)?CORE$", "", word.upper()))


def _incident(one: Item) -> ProviderIncident:
    if not one.word("id"):
        raise FeedError("lists an incident without an id")
    impacts, events = one.items("IncidentImpacts"), one.items("IncidentEvents")
    updates = newest_first(IncidentUpdate(e.moment("createdAt"), _event(e), e.text("message", "type")) for e in events)
    ends = [impact.moment("endTime") for impact in impacts]
    over = bool(ends) and None not in ends
    grades = [severity(impact.word("severity")) for impact in impacts if impact.word("severity")]
    return ProviderIncident(
        provider="",
        id=one.word("id"),
        title=_title(one, impacts),
        state=IncidentState.RESOLVED if over else next((u.state for u in updates if u.state), None),
        severity=worst(grades) if grades else None,
        services=one.words("serviceKeys"),
        regions=one.words("instanceKeys"),
        started_at=min(
            filter(None, (impact.moment("startTime") for impact in impacts)), default=one.moment("createdAt")
        ),
        updated_at=one.moment("updatedAt"),
        resolved_at=max((end for end in ends if end), default=None) if over else None,
        updates=updates,
        url=f"{URL}/incidents/{one.word('id')}",
    )


def _title(one: Item, impacts: tuple[Item, ...]) -> str:
    """The kind of impact, its camel case taken apart; else what is said of the cause."""
    kind = next((impact.word("type") for impact in impacts if impact.word("type")), "")
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
    return spaced[:1].upper() + spaced[1:] or one.item("message").word("rootCause") or f"Incident {one.word('id')}"


def _event(one: Item) -> IncidentState | None:
    return IncidentState.RESOLVED if one.word("type").lower() == "close" else state(one.word("type"))


def _maintenance(one: Item) -> ProviderIncident:
    if not one.word("id"):
        raise FeedError("lists a maintenance without an id")
    events = newest_first(
        IncidentUpdate(e.moment("createdAt"), state(e.word("type")), e.text("message"))
        for e in one.items("MaintenanceEvents")
    )
    impacts = one.items("MaintenanceImpacts")
    said = state(one.item("message").word("eventStatus")) or next((e.state for e in events if e.state), None)
    begun = any(impact.moment("startTime") and not impact.moment("endTime") for impact in impacts)
    return ProviderIncident(
        provider="",
        id=f"maintenance-{one.word('id')}",
        title=one.word("name") or "Maintenance",
        state=said or (IncidentState.IN_PROGRESS if begun else IncidentState.SCHEDULED),
        severity=IncidentSeverity.MAINTENANCE,
        services=one.words("serviceKeys"),
        regions=one.words("instanceKeys"),
        started_at=one.moment("plannedStartTime"),
        updated_at=one.moment("updatedAt"),
        updates=events,
        url=f"{URL}/maintenances/{one.word('id')}",
        ends_at=one.moment("plannedEndTime"),
    )
