"""Cachet's API, versions 1 to 3: incidents, components or schedules under `data`, one or a list.

https://docs.cachethq.io. Status of an incident: 0 scheduled, 1 investigating, 2 identified, 3 watching, 4 fixed. Status of a
component: 1 operational, 2 performance issues, 3 partial outage, 4 major outage, 5 unknown, 6 maintenance. Status of a
schedule: 0 upcoming, 1 in progress, 2 complete. Version 3 wraps each row in `attributes`, a status in `value` and `human`, and
a time in `timestamp`; its 0 is unknown. A status word takes precedence over its number. An incident has its component's severity.
"""

from datetime import datetime

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    open_severity,
    safe_link,
    state_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_STATE = {
    0: IncidentState.SCHEDULED,
    1: IncidentState.INVESTIGATING,
    2: IncidentState.IDENTIFIED,
    3: IncidentState.MONITORING,
    4: IncidentState.RESOLVED,
}
_SCHEDULE = {0: IncidentState.SCHEDULED, 1: IncidentState.IN_PROGRESS, 2: IncidentState.RESOLVED}
_COMPONENT = {
    1: IncidentSeverity.NONE,
    2: IncidentSeverity.MINOR,
    3: IncidentSeverity.MAJOR,
    4: IncidentSeverity.CRITICAL,
    6: IncidentSeverity.MAINTENANCE,
}
_MARKS = (
    "human_status",
    "latest_human_status",
    "is_resolved",
    "occurred_at",
    "status_name",
    "component_id",
    "occurred",
    "completed_at",
    "component_group_id",
)


def recognise(payload: Payload) -> bool:
    """Accept rows under `data` with Cachet's field names and a numeric status."""
    rows = _rows(payload)
    if not rows:
        return isinstance(payload.root.raw("data"), list) and "pagination" in payload.root.item("meta")
    head = _attributes(rows[0])
    return any(mark in head for mark in _MARKS) and _code(head) is not None and "name" in head


def parse(payload: Payload) -> Page:
    """Return the incidents, components or schedules that the list contains.

    Raises:
        FeedError: `data` is neither a list nor a row.
    """
    if not isinstance(payload.root.raw("data"), list | dict):
        raise FeedError("has no list under `data`")
    rows = [_attributes(row) for row in _rows(payload)]
    parts = tuple(
        FeedComponent(row.string("name"), _COMPONENT.get(_code(row) or 0)) for row in rows if _is_component(row)
    )
    found = [_schedule(row) if _is_schedule(row) else _incident(row) for row in rows if not _is_component(row)]
    return Page(
        incidents=unique_open_first(found),
        components=parts,
        severity=worst_severity([*(part.severity for part in parts), open_severity(found)]),
    )


def _rows(payload: Payload) -> tuple[Item, ...]:
    row = payload.root.item("data")
    return (row,) if row.data else payload.root.items("data")


def _attributes(row: Item) -> Item:
    """The row itself; in version 3, its attributes and its id."""
    inner = row.item("attributes")
    return Item({"id": row.raw("id"), **inner.data}) if inner.data else row


def _is_component(row: Item) -> bool:
    return not any(key in row for key in ("message", "occurred_at", "occurred", "completed_at", "completed"))


def _is_schedule(row: Item) -> bool:
    return (
        any(key in row for key in ("completed_at", "completed")) and "occurred_at" not in row and "occurred" not in row
    )


def _code(row: Item) -> int | None:
    return row.item("status").number("value") if isinstance(row.raw("status"), dict) else row.number("status")


def _time(row: Item, *keys: str) -> datetime | None:
    """The first of these times; version 2 writes a time as text, version 3 as an object with a `timestamp`."""
    for key in keys:
        if found := row.time(key) or row.item(key).time("timestamp", "string"):
            return found
    return None


def _state(row: Item) -> IncidentState | None:
    """The state by the latest status word, else the latest number, else the row's own number."""
    human = row.item("status").string("human")
    word = next(
        (found for key in ("latest_human_status", "human_status") if (found := state_of(row.string(key)))), None
    )
    if word or human:
        return word or state_of(human)
    latest = row.number("latest_status")
    code = latest if latest is not None else _code(row)
    return _STATE.get(code) if code is not None else None


def _incident(incident: Item) -> ProviderIncident:
    if not incident.string("id"):
        raise FeedError("lists an incident without an id")
    now = _state(incident)
    updates = _updates(incident)
    changed = _time(incident, "updated_at", "updated") or last_change(updates)
    part = incident.item("component")
    return ProviderIncident(
        provider="",
        id=incident.string("id"),
        title=incident.string("name"),
        state=now,
        severity=IncidentSeverity.MAINTENANCE
        if now is IncidentState.SCHEDULED
        else _COMPONENT.get(part.number("status") or 0),
        services=tuple(filter(None, (part.string("name"), *incident.names("components")))),
        started_at=_time(incident, "scheduled_at", "scheduled", "occurred_at", "occurred", "created_at", "created"),
        updated_at=changed,
        resolved_at=changed if now is IncidentState.RESOLVED else None,
        updates=updates,
        url=safe_link(incident.string("permalink")),
    )


def _updates(incident: Item) -> tuple[IncidentUpdate, ...]:
    """The listed updates, and the opening message, which has no state."""
    updates = [
        IncidentUpdate(_time(update, "created_at", "created"), _state(update), update.text("message"))
        for update in incident.items("updates")
    ]
    if text := incident.text("message"):
        updates.append(IncidentUpdate(_time(incident, "occurred_at", "occurred", "created_at", "created"), None, text))
    return newest_first(updates)


def _schedule(schedule: Item) -> ProviderIncident:
    if not schedule.string("id"):
        raise FeedError("lists a schedule without an id")
    ended = _time(schedule, "completed_at", "completed")
    changed = _time(schedule, "updated_at", "updated")
    text = schedule.text("message")
    return ProviderIncident(
        provider="",
        id=f"schedule-{schedule.string('id')}",
        title=schedule.string("name"),
        state=IncidentState.RESOLVED if ended else _SCHEDULE.get(_code(schedule) or 0),
        severity=IncidentSeverity.MAINTENANCE,
        services=schedule.names("components", "component_name", "name"),
        started_at=_time(schedule, "scheduled_at", "scheduled"),
        updated_at=changed,
        resolved_at=ended,
        updates=(IncidentUpdate(_time(schedule, "created_at", "created"), None, text),) if text else (),
    )
