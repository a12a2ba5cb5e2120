"""Checkly's status pages: the list of unresolved (or all) incidents. An empty list means no incidents."""

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    normalised,
    open_severity,
    regions_in,
    resolved_by,
    severity_of,
    state_of,
    unique_open_first,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentState, IncidentUpdate, ProviderIncident


def recognise(payload: Payload) -> bool:
    """Accept incidents with `incidentUpdates`, or with a severity and services; an empty list fits many formats."""
    head = next(iter(payload.root.items("incidents")), Item({}))
    if "incidentUpdates" in head or "lastUpdateStatus" in head:
        return True
    return set(payload.root.data) == {"incidents"} and {"severity", "services", "created_at"} <= head.data.keys()


def parse(payload: Payload) -> Page:
    """Return every incident.

    Raises:
        FeedError: there is no list of incidents.
    """
    if not isinstance(payload.root.raw("incidents"), list):
        raise FeedError("has no list of incidents")
    found = [_incident(incident) for incident in payload.root.items("incidents")]
    return Page(incidents=unique_open_first(found), severity=open_severity(found))


def _incident(incident: Item) -> ProviderIncident:
    if not incident.string("id"):
        raise FeedError("lists an incident without an id")
    updates = newest_first(_update(update) for update in incident.items("incidentUpdates"))
    now = state_of(incident.string("lastUpdateStatus")) or next(
        (update.state for update in updates if update.state), None
    )
    services = incident.names("services")
    return ProviderIncident(
        provider="",
        id=incident.string("id"),
        title=incident.string("name"),
        state=now,
        severity=severity_of(normalised(incident.string("severity"))),
        services=services,
        regions=regions_in(*services, incident.string("name")),
        started_at=incident.time("created_at", "createdAt"),
        updated_at=incident.time("updated_at", "updatedAt") or last_change(updates),
        resolved_at=resolved_by(updates) if now is IncidentState.RESOLVED else None,
        updates=updates,
    )


def _update(update: Item) -> IncidentUpdate:
    return IncidentUpdate(
        update.time("publicIncidentUpdateDate", "created_at", "createdAt"),
        state_of(update.string("status")),
        update.text("description"),
    )
