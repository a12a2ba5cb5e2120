"""Status.io: numeric status codes; containers are regions or data centers. https://kb.status.io/developers/public-status-api/."""

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    open_severity,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

# 600 is a security event, which counts as critical.
_SEVERITY = {
    100: IncidentSeverity.NONE,
    200: IncidentSeverity.MAINTENANCE,
    300: IncidentSeverity.MINOR,
    400: IncidentSeverity.MAJOR,
    500: IncidentSeverity.CRITICAL,
    600: IncidentSeverity.CRITICAL,
}
_STATE = {
    100: IncidentState.INVESTIGATING,
    200: IncidentState.IDENTIFIED,
    300: IncidentState.MONITORING,
    400: IncidentState.RESOLVED,
}


_LISTS = ("incidents", "active_incidents", "resolved_incidents")


def recognise(payload: Payload) -> bool:
    """Accept an object whose `result` has `status_overall`."""
    return "status_overall" in payload.root.item("result")


def parse(payload: Payload) -> Page:
    """Return incidents, and active and upcoming maintenance.

    Raises:
        FeedError: there is no overall status.
    """
    if not recognise(payload):
        raise FeedError("has no overall status")
    result = payload.root.item("result")
    found = [_incident(incident) for key in _LISTS for incident in result.items(key)]
    found += [
        _maintenance(maintenance, IncidentState.IN_PROGRESS)
        for maintenance in result.item("maintenance").items("active")
    ]
    found += [
        _maintenance(maintenance, IncidentState.SCHEDULED)
        for maintenance in result.item("maintenance").items("upcoming")
    ]
    overall = _SEVERITY.get(result.item("status_overall").number("status_code") or 0)
    return Page(
        incidents=unique_open_first(found),
        components=tuple(part for component in result.items("status") for part in _components(component)),
        severity=worst_severity([overall, open_severity(found)]),
    )


def _components(component: Item) -> list[FeedComponent]:
    if places := component.items("containers"):
        return [
            FeedComponent(
                component.string("name"), _SEVERITY.get(place.number("status_code") or 0), place.string("name")
            )
            for place in places
        ]
    return [FeedComponent(component.string("name"), _SEVERITY.get(component.number("status_code") or 0))]


def _incident(incident: Item) -> ProviderIncident:
    if not incident.string("_id", "id"):
        raise FeedError("lists an incident without an id")
    messages = sorted(incident.items("messages"), key=lambda message: str(message.time("datetime")), reverse=True)
    updates = newest_first(_update(message) for message in messages)
    newest = messages[0] if messages else Item({})
    state = _STATE.get(newest.number("state") or incident.number("current_state") or 0)
    return ProviderIncident(
        provider="",
        id=incident.string("_id", "id"),
        title=incident.string("name"),
        state=state,
        severity=_SEVERITY.get(newest.number("status") or incident.number("current_status") or 0),
        services=incident.names("components_affected"),
        regions=incident.names("containers_affected"),
        started_at=incident.time("datetime_open"),
        updated_at=last_change(updates),
        resolved_at=incident.time("datetime_resolved")
        or (last_change(updates) if state is IncidentState.RESOLVED else None),
        updates=updates,
    )


def _maintenance(maintenance: Item, state: IncidentState) -> ProviderIncident:
    read = _incident(maintenance)
    return ProviderIncident(
        provider="",
        id=read.id,
        title=read.title,
        state=state,
        severity=IncidentSeverity.MAINTENANCE,
        services=read.services,
        regions=read.regions,
        started_at=maintenance.time("datetime_planned_start") or read.started_at,
        updated_at=read.updated_at,
        # The state codes of a maintenance's messages are not those of an incident.
        updates=tuple(IncidentUpdate(update.at, None, update.text) for update in read.updates),
        ends_at=maintenance.time("datetime_planned_end"),
    )


def _update(message: Item) -> IncidentUpdate:
    return IncidentUpdate(message.time("datetime"), _STATE.get(message.number("state") or 0), message.text("details"))
