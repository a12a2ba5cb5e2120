"""Instatus: summary.json (old, v2, v3), components.json, and the list of incidents that its API returns.

Instatus omits empty lists; maintenance lasts `duration` minutes. https://instatus.com/help/api: impact is OPERATIONAL,
DEGRADEDPERFORMANCE, PARTIALOUTAGE, MINOROUTAGE or MAJOROUTAGE; MAJOROUTAGE counts as critical.
"""

from datetime import timedelta

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    normalised,
    open_severity,
    regions_in,
    safe_link,
    severity_of,
    state_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

# https://instatus.com/help/api: UP, HASISSUES, UNDERMAINTENANCE; pages also use how much is out, such as ONEMAJOROUTAGE.
_PAGE = {
    "up": IncidentSeverity.NONE,
    "hasissues": IncidentSeverity.MINOR,
    "undermaintenance": IncidentSeverity.MAINTENANCE,
    "allundermaintenance": IncidentSeverity.MAINTENANCE,
    "somedegradedperformance": IncidentSeverity.MINOR,
    "alldegradedperformance": IncidentSeverity.MINOR,
    "onedegradedperformance": IncidentSeverity.MINOR,
    "onepartialoutage": IncidentSeverity.MAJOR,
    "somepartialoutage": IncidentSeverity.MAJOR,
    "allpartialoutage": IncidentSeverity.MAJOR,
    "oneminoroutage": IncidentSeverity.MINOR,
    "someminoroutage": IncidentSeverity.MINOR,
    "allminoroutage": IncidentSeverity.MINOR,
    "onemajoroutage": IncidentSeverity.CRITICAL,
    "somemajoroutage": IncidentSeverity.CRITICAL,
    "allmajoroutage": IncidentSeverity.CRITICAL,
}
_IMPACT = {"minoroutage": IncidentSeverity.MINOR}


_COMPONENT = ("OPERATIONAL", "UNDERMAINTENANCE", "DEGRADEDPERFORMANCE", "PARTIALOUTAGE", "MINOROUTAGE", "MAJOROUTAGE")


def recognise(payload: Payload) -> bool:
    """Accept a page with a one-word status or active incidents or maintenances, a list of components, or of incidents."""
    return _is_summary(payload.root) or bool(_components(payload)) or _is_list(payload.head)


def parse(payload: Payload) -> Page:
    """Return active incidents and maintenance of a summary, or everything that a list contains.

    Raises:
        FeedError: the payload is neither a page with a status nor one of the two lists.
    """
    if _is_list(payload.head):
        listed = [_incident(row) for row in payload.object_list()]
        return Page(incidents=unique_open_first(listed), severity=open_severity(listed))
    root = payload.root
    parts = tuple(
        FeedComponent(component.string("name"), _grade(component.string("status")))
        for component in _components(payload)
    )
    if not _is_summary(root):
        if not parts:
            raise FeedError("has no page with a status")
        return Page(components=parts, severity=worst_severity(part.severity for part in parts))
    page = root.item("page")
    found = [_incident(incident) for incident in root.items("activeIncidents")]
    found += [_maintenance(maintenance) for maintenance in root.items("activeMaintenances")]
    return Page(
        incidents=unique_open_first(found),
        components=parts,
        severity=worst_severity([_PAGE.get(normalised(page.string("status"))), open_severity(found)]),
        name=page.string("name"),
        url=page.string("url"),
    )


def _is_summary(root: Item) -> bool:
    page = root.item("page")
    active = any(isinstance(root.raw(key), list) for key in ("activeIncidents", "activeMaintenances"))
    return bool(page.string("name")) and (active or normalised(page.string("status")) in _PAGE)


def _components(payload: Payload) -> tuple[Item, ...]:
    """The rows of components.json, an object or a list: their status is a word in capitals."""
    rows = payload.root.items("components") or payload.rows
    # A Statuspage with its statuses in capitals lists incidents too.
    if {"incidents", "scheduled_maintenances", "status"} & payload.root.data.keys():
        return ()
    return rows if rows and rows[0].string("status") in _COMPONENT and "name" in rows[0] else ()


def _is_list(head: Item) -> bool:
    return {"name", "status", "started", "updates", "components"} <= head.data.keys()


def _grade(word: str) -> IncidentSeverity | None:
    return _IMPACT.get(normalised(word)) or severity_of(word)


def _incident(incident: Item) -> ProviderIncident:
    updates = newest_first(
        IncidentUpdate(
            update.time("started", "createdAt"),
            state_of(update.string("status")),
            update.text("messageHtml", "message"),
        )
        for update in incident.items("updates")
    )
    services = incident.names("components")
    return ProviderIncident(
        provider="",
        id=_id(incident),
        title=incident.string("name"),
        state=state_of(incident.string("status")),
        severity=_grade(incident.string("impact")),
        services=services,
        regions=regions_in(*services, incident.string("name")),
        started_at=incident.time("started", "createdAt"),
        updated_at=incident.time("updatedAt") or last_change(updates),
        resolved_at=incident.time("resolved"),
        updates=updates,
        url=safe_link(incident.string("url")),
    )


def _maintenance(maintenance: Item) -> ProviderIncident:
    read = _incident(maintenance)
    start, minutes = maintenance.time("start", "started"), maintenance.number("duration")
    return ProviderIncident(
        provider="",
        id=read.id,
        title=read.title,
        state=IncidentState.SCHEDULED if read.state is None and start else read.state,
        severity=IncidentSeverity.MAINTENANCE,
        services=read.services,
        regions=read.regions,
        started_at=start,
        updated_at=read.updated_at,
        updates=read.updates,
        url=read.url,
        ends_at=start + timedelta(minutes=minutes) if start and minutes and 0 < minutes < 1_000_000 else None,
    )


def _id(incident: Item) -> str:
    found = incident.string("id") or incident.string("url").rstrip("/").rpartition("/")[2]
    if not found:
        raise FeedError("lists an incident without an id")
    return found
