"""Cachet's API, version 1 to 3: incidents, components or schedules under `data`, one or a list.

https://docs.cachethq.io: status of an incident 0 scheduled, 1 investigating, 2 identified, 3 watching, 4 fixed; of a component
1 operational, 2 performance issues, 3 partial outage, 4 major outage, 5 unknown, 6 maintenance; of a schedule 0 upcoming,
1 in progress, 2 complete. Version 3 wraps each row in `attributes`, a status in `value` and `human`, a moment in `timestamp`;
there 0 is unknown. Where a word stands beside the number, the word holds. An incident's severity is its component's.
"""

from datetime import datetime

from bot.detection.feeds.parsing.page import (
    Page,
    address,
    last_change,
    newest_first,
    open_severity,
    settled,
    state,
    worst,
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
    """Rows under `data` with Cachet's own words beside a numeric status."""
    rows = _rows(payload)
    if not rows:
        return isinstance(payload.root.raw("data"), list) and "pagination" in payload.root.item("meta")
    head = _said(rows[0])
    return any(mark in head for mark in _MARKS) and _code(head) is not None and "name" in head


def parse(payload: Payload) -> Page:
    """Incidents, components or schedules, whichever the list holds.

    Raises:
        FeedError: there is neither a list nor a row under `data`.
    """
    if not isinstance(payload.root.raw("data"), list | dict):
        raise FeedError("has no list under data")
    said = [_said(one) for one in _rows(payload)]
    parts = tuple(FeedComponent(one.word("name"), _COMPONENT.get(_code(one) or 0)) for one in said if _is_part(one))
    found = [_schedule(one) if _is_schedule(one) else _incident(one) for one in said if not _is_part(one)]
    return Page(
        incidents=settled(found),
        components=parts,
        severity=worst([*(part.severity for part in parts), open_severity(found)]),
    )


def _rows(payload: Payload) -> tuple[Item, ...]:
    one = payload.root.item("data")
    return (one,) if one.data else payload.root.items("data")


def _said(row: Item) -> Item:
    """The row itself, or its attributes with its id."""
    inner = row.item("attributes")
    return Item({"id": row.raw("id"), **inner.data}) if inner.data else row


def _is_part(one: Item) -> bool:
    return not any(key in one for key in ("message", "occurred_at", "occurred", "completed_at", "completed"))


def _is_schedule(one: Item) -> bool:
    return (
        any(key in one for key in ("completed_at", "completed")) and "occurred_at" not in one and "occurred" not in one
    )


def _code(one: Item) -> int | None:
    return one.item("status").number("value") if isinstance(one.raw("status"), dict) else one.number("status")


def _at(one: Item, *keys: str) -> datetime | None:
    """A moment that version 2 writes as text and version 3 as an object with a `timestamp`."""
    for key in keys:
        if found := one.moment(key) or one.item(key).moment("timestamp", "string"):
            return found
    return None


def _state(one: Item) -> IncidentState | None:
    """The latest word, else the latest number, else its own."""
    human = one.item("status").word("human")
    word = next((found for key in ("latest_human_status", "human_status") if (found := state(one.word(key)))), None)
    if word or human:
        return word or state(human)
    latest = one.number("latest_status")
    code = latest if latest is not None else _code(one)
    return _STATE.get(code) if code is not None else None


def _incident(one: Item) -> ProviderIncident:
    if not one.word("id"):
        raise FeedError("lists an incident without an id")
    now = _state(one)
    told = _updates(one)
    changed = _at(one, "updated_at", "updated") or last_change(told)
    part = one.item("component")
    return ProviderIncident(
        provider="",
        id=one.word("id"),
        title=one.word("name"),
        state=now,
        severity=IncidentSeverity.MAINTENANCE
        if now is IncidentState.SCHEDULED
        else _COMPONENT.get(part.number("status") or 0),
        services=tuple(filter(None, (part.word("name"), *one.names("components")))),
        started_at=_at(one, "scheduled_at", "scheduled", "occurred_at", "occurred", "created_at", "created"),
        updated_at=changed,
        resolved_at=changed if now is IncidentState.RESOLVED else None,
        updates=told,
        url=address(one.word("permalink")),
    )


def _updates(one: Item) -> tuple[IncidentUpdate, ...]:
    """Those listed, and the message with which it was opened, whose state is not said."""
    updates = [
        IncidentUpdate(_at(said, "created_at", "created"), _state(said), said.text("message"))
        for said in one.items("updates")
    ]
    if text := one.text("message"):
        updates.append(IncidentUpdate(_at(one, "occurred_at", "occurred", "created_at", "created"), None, text))
    return newest_first(updates)


def _schedule(one: Item) -> ProviderIncident:
    if not one.word("id"):
        raise FeedError("lists a schedule without an id")
    ended = _at(one, "completed_at", "completed")
    changed = _at(one, "updated_at", "updated")
    text = one.text("message")
    return ProviderIncident(
        provider="",
        id=f"schedule-{one.word('id')}",
        title=one.word("name"),
        state=IncidentState.RESOLVED if ended else _SCHEDULE.get(_code(one) or 0),
        severity=IncidentSeverity.MAINTENANCE,
        services=one.names("components", "component_name", "name"),
        started_at=_at(one, "scheduled_at", "scheduled"),
        updated_at=changed,
        resolved_at=ended,
        updates=(IncidentUpdate(_at(one, "created_at", "created"), None, text),) if text else (),
    )
