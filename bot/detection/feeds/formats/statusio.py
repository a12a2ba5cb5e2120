"""Status.io: numeric codes; its containers act as regions or data centres. https://kb.status.io/developers/public-status-api/."""

from bot.detection.feeds.parsing.page import Page, last_change, newest_first, open_severity, settled, worst
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

# 600 is a security event: not an outage, yet graver than any.
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
    """A `result` with `status_overall`."""
    return "status_overall" in payload.root.item("result")


def parse(payload: Payload) -> Page:
    """Incidents and maintenance, active and ahead.

    Raises:
        FeedError: it has no overall status.
    """
    if not recognise(payload):
        raise FeedError("has no overall status")
    result = payload.root.item("result")
    found = [_incident(one) for key in _LISTS for one in result.items(key)]
    found += [_maintenance(one, IncidentState.IN_PROGRESS) for one in result.item("maintenance").items("active")]
    found += [_maintenance(one, IncidentState.SCHEDULED) for one in result.item("maintenance").items("upcoming")]
    overall = _SEVERITY.get(result.item("status_overall").number("status_code") or 0)
    return Page(
        incidents=settled(found),
        components=tuple(part for one in result.items("status") for part in _component(one)),
        severity=worst([overall, open_severity(found)]),
    )


def _component(one: Item) -> list[FeedComponent]:
    if places := one.items("containers"):
        return [
            FeedComponent(one.word("name"), _SEVERITY.get(p.number("status_code") or 0), p.word("name")) for p in places
        ]
    return [FeedComponent(one.word("name"), _SEVERITY.get(one.number("status_code") or 0))]


def _incident(one: Item) -> ProviderIncident:
    if not one.word("_id", "id"):
        raise FeedError("lists an incident without an id")
    messages = sorted(one.items("messages"), key=lambda message: str(message.moment("datetime")), reverse=True)
    updates = newest_first(_update(message) for message in messages)
    newest = messages[0] if messages else Item({})
    state = _STATE.get(newest.number("state") or one.number("current_state") or 0)
    return ProviderIncident(
        provider="",
        id=one.word("_id", "id"),
        title=one.word("name"),
        state=state,
        severity=_SEVERITY.get(newest.number("status") or one.number("current_status") or 0),
        services=one.names("components_affected"),
        regions=one.names("containers_affected"),
        started_at=one.moment("datetime_open"),
        updated_at=last_change(updates),
        resolved_at=one.moment("datetime_resolved")
        or (last_change(updates) if state is IncidentState.RESOLVED else None),
        updates=updates,
    )


def _maintenance(one: Item, state: IncidentState) -> ProviderIncident:
    read = _incident(one)
    return ProviderIncident(
        provider="",
        id=read.id,
        title=read.title,
        state=state,
        severity=IncidentSeverity.MAINTENANCE,
        services=read.services,
        regions=read.regions,
        started_at=one.moment("datetime_planned_start") or read.started_at,
        updated_at=read.updated_at,
        # The codes of a maintenance's messages count its own steps: nothing of an incident's states is in them.
        updates=tuple(IncidentUpdate(update.at, None, update.text) for update in read.updates),
        ends_at=one.moment("datetime_planned_end"),
    )


def _update(one: Item) -> IncidentUpdate:
    return IncidentUpdate(one.moment("datetime"), _STATE.get(one.number("state") or 0), one.text("details"))
