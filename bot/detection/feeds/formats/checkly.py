"""Checkly's status pages: the list of unresolved (or all) incidents. An empty list says that nothing is on."""

from bot.detection.feeds.parsing.page import (
    Page,
    bare,
    last_change,
    newest_first,
    open_severity,
    regions,
    resolved_by,
    settled,
    severity,
    state,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentState, IncidentUpdate, ProviderIncident


def recognise(payload: Payload) -> bool:
    """Incidents with `incidentUpdates`, or alone with a severity and services; an empty list could be anybody's."""
    head = next(iter(payload.root.items("incidents")), Item({}))
    if "incidentUpdates" in head or "lastUpdateStatus" in head:
        return True
    return set(payload.root.data) == {"incidents"} and {"severity", "services", "created_at"} <= head.data.keys()


def parse(payload: Payload) -> Page:
    """Every incident.

    Raises:
        FeedError: it has no list of incidents.
    """
    if not isinstance(payload.root.raw("incidents"), list):
        raise FeedError("has no list of incidents")
    found = [_incident(one) for one in payload.root.items("incidents")]
    return Page(incidents=settled(found), severity=open_severity(found))


def _incident(one: Item) -> ProviderIncident:
    if not one.word("id"):
        raise FeedError("lists an incident without an id")
    updates = newest_first(_update(update) for update in one.items("incidentUpdates"))
    now = state(one.word("lastUpdateStatus")) or next((u.state for u in updates if u.state), None)
    services = one.names("services")
    return ProviderIncident(
        provider="",
        id=one.word("id"),
        title=one.word("name"),
        state=now,
        severity=severity(bare(one.word("severity"))),
        services=services,
        regions=regions(*services, one.word("name")),
        started_at=one.moment("created_at", "createdAt"),
        updated_at=one.moment("updated_at", "updatedAt") or last_change(updates),
        resolved_at=resolved_by(updates) if now is IncidentState.RESOLVED else None,
        updates=updates,
    )


def _update(one: Item) -> IncidentUpdate:
    return IncidentUpdate(
        one.moment("publicIncidentUpdateDate", "created_at", "createdAt"),
        state(one.word("status")),
        one.text("description"),
    )
