"""Cachet's API: lists of incidents or components under `data`; version 3 wraps each in `attributes`.

https://docs.cachethq.io: incident status 0 scheduled, 1 investigating, 2 identified, 3 watching, 4 fixed; component status
1 operational, 2 performance issues, 3 partial outage, 4 major outage, 5 unknown, 6 maintenance.
"""

from datetime import datetime

from bot.feeds._page import Page, address, last_change, newest_first, open_severity, settled, worst
from bot.feeds._payload import FeedError, Item, Payload
from bot.ports import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_STATE = {
    0: IncidentState.SCHEDULED,
    1: IncidentState.INVESTIGATING,
    2: IncidentState.IDENTIFIED,
    3: IncidentState.MONITORING,
    4: IncidentState.RESOLVED,
}
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
)


def recognise(payload: Payload) -> bool:
    """Rows under `data` with Cachet's own words beside a numeric status."""
    rows = payload.root.items("data")
    if not rows:
        return isinstance(payload.root.raw("data"), list) and "pagination" in payload.root.item("meta")
    head = _said(rows[0])
    return any(mark in head for mark in _MARKS) and _code(head) is not None and "name" in head


def parse(payload: Payload) -> Page:
    """Incidents or components, whichever the list holds.

    Raises:
        FeedError: there is no list under `data`.
    """
    rows = payload.root.raw("data")
    if not isinstance(rows, list):
        raise FeedError("has no list under data")
    said = [_said(one) for one in payload.root.items("data")]
    parts = tuple(
        FeedComponent(one.word("name"), _COMPONENT.get(_code(one) or 0)) for one in said if _is_component(one)
    )
    found = [_incident(one) for one in said if not _is_component(one)]
    return Page(
        incidents=settled(found),
        components=parts,
        severity=worst([*(part.severity for part in parts), open_severity(found)]),
    )


def _said(row: Item) -> Item:
    """The row itself, or its attributes with its id."""
    inner = row.item("attributes")
    return Item({"id": row.raw("id"), **inner.data}) if inner.data else row


def _is_component(one: Item) -> bool:
    return "message" not in one and "occurred_at" not in one and "occurred" not in one


def _code(one: Item) -> int | None:
    return one.item("status").number("value") if isinstance(one.raw("status"), dict) else one.number("status")


def _at(one: Item, *keys: str) -> datetime | None:
    """A moment that version 2 writes as text and version 3 as an object with a `timestamp`."""
    for key in keys:
        if found := one.moment(key) or one.item(key).moment("timestamp", "string"):
            return found
    return None


def _incident(one: Item) -> ProviderIncident:
    if not one.word("id"):
        raise FeedError("lists an incident without an id")
    latest = one.number("latest_status")
    now = _STATE.get(latest if latest is not None else _code(one) or 0) if _code(one) is not None else None
    updates = [
        IncidentUpdate(_at(u, "created_at", "created"), _STATE.get(_code(u) or -1), u.text("message"))
        for u in one.items("updates")
    ]
    updates.append(
        IncidentUpdate(_at(one, "occurred_at", "occurred", "created_at", "created"), None, one.text("message"))
    )
    told = newest_first(updates)
    changed = _at(one, "updated_at", "updated") or last_change(told)
    part = _COMPONENT.get(one.item("component").number("status") or 0)
    return ProviderIncident(
        provider="",
        id=one.word("id"),
        title=one.word("name"),
        state=now,
        severity=IncidentSeverity.MAINTENANCE if now is IncidentState.SCHEDULED else part,
        services=tuple(filter(None, (one.item("component").word("name"), *one.names("components")))),
        started_at=_at(one, "scheduled_at", "scheduled", "occurred_at", "occurred", "created_at", "created"),
        updated_at=changed,
        resolved_at=changed if now is IncidentState.RESOLVED else None,
        updates=told,
        url=address(one.word("permalink")),
    )
