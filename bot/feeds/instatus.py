"""Instatus: summary.json, old and v2. Empty lists are left out; a maintenance lasts `duration` minutes."""

from datetime import timedelta

from bot.feeds._page import (
    Page,
    address,
    bare,
    last_change,
    newest_first,
    open_severity,
    regions,
    settled,
    severity,
    state,
    worst,
)
from bot.feeds._payload import FeedError, Item, Payload
from bot.ports import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

# https://instatus.com/help/api: UP, HASISSUES, UNDERMAINTENANCE; pages also write what is out, as ONEMAJOROUTAGE.
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


def recognise(payload: Payload) -> bool:
    """A page whose status is one word, beside active incidents or maintenances, or alone."""
    root = payload.root
    page = root.item("page")
    active = any(isinstance(root.raw(key), list) for key in ("activeIncidents", "activeMaintenances"))
    return bool(page.word("name")) and (active or bare(page.word("status")) in _PAGE)


def parse(payload: Payload) -> Page:
    """What is active.

    Raises:
        FeedError: it has no page with a status.
    """
    if not recognise(payload):
        raise FeedError("has no page with a status")
    root = payload.root
    page = root.item("page")
    found = [_incident(one) for one in root.items("activeIncidents")]
    found += [_maintenance(one) for one in root.items("activeMaintenances")]
    return Page(
        incidents=settled(found),
        severity=worst([_PAGE.get(bare(page.word("status"))), open_severity(found)]),
        name=page.word("name"),
        url=page.word("url"),
    )


def _incident(one: Item) -> ProviderIncident:
    updates = newest_first(
        IncidentUpdate(u.moment("started", "createdAt"), state(u.word("status")), u.text("messageHtml", "message"))
        for u in one.items("updates")
    )
    services, impact = one.names("components"), one.word("impact")
    return ProviderIncident(
        provider="",
        id=_id(one),
        title=one.word("name"),
        state=state(one.word("status")),
        severity=_IMPACT.get(bare(impact)) or severity(impact),
        services=services,
        regions=regions(*services, one.word("name")),
        started_at=one.moment("started", "createdAt"),
        updated_at=one.moment("updatedAt") or last_change(updates),
        resolved_at=one.moment("resolved"),
        updates=updates,
        url=address(one.word("url")),
    )


def _maintenance(one: Item) -> ProviderIncident:
    read = _incident(one)
    start, minutes = one.moment("start", "started"), one.number("duration")
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


def _id(one: Item) -> str:
    found = one.word("id") or one.word("url").rstrip("/").rpartition("/")[2]
    if not found:
        raise FeedError("lists an incident without an id")
    return found
