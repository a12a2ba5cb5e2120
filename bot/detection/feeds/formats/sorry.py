"""Sorry (sorryapp.com): the notices, components and state of a page, as its own host or api.sorryapp.com returns them.

https://status.sorryapp.com/api: /api/v1/notices, /api/v1/components and /api/v1/status, without authentication.
https://docs.sorryapp.com/v1/notices: a notice is planned, unplanned or general, and has a state but no severity; only the
state of its components says how bad it is.
"""

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

_STATE = {
    "recovering": IncidentState.MONITORING,
    "falsealarm": IncidentState.RESOLVED,
    "underway": IncidentState.IN_PROGRESS,
    "complete": IncidentState.RESOLVED,
}
_SEVERITY = {"partiallydegraded": IncidentSeverity.MINOR}
_OF_TYPE = {"planned": IncidentSeverity.MAINTENANCE, "general": IncidentSeverity.NONE}


def recognise(payload: Payload) -> bool:
    """Accept notices with a timeline state, components beside `meta`, or a page with a state and links."""
    root = payload.root
    if notices := _notices(root):
        return _is_notice(notices[0])
    if isinstance(root.raw("notices"), list) or isinstance(root.raw("components"), list):
        parts = root.items("components")
        return isinstance(root.raw("meta"), dict) and (
            not parts or {"state", "name", "parent_id"} <= parts[0].data.keys()
        )
    page = _page(root)
    return (
        bool(page.string("state")) and "name" in page and any(key in page for key in ("links", "state_text", "notices"))
    )


def parse(payload: Payload) -> Page:
    """Return every notice and component that the payload lists, and the state of the page.

    Raises:
        FeedError: the payload is none of the three, or a notice has no id.
    """
    root = payload.root
    page = _page(root)
    listed = _notices(root) or page.items("notices")
    rows = root.items("components") or page.items("components")
    lists = (root.raw("notices"), root.raw("components"), root.raw("response"))
    if not page.string("state") and not any(isinstance(value, list) for value in lists):
        raise FeedError("has neither notices, components nor the state of a page")
    found = [_notice(notice) for notice in listed]
    parts = _components(rows)
    seen = [part.severity for part in parts] or ([_grade(page.string("state"))] if "state" in page else [])
    return Page(
        incidents=unique_open_first(found),
        components=parts,
        severity=worst_severity([*seen, open_severity(found)]),
        name=page.string("name"),
        url=page.string("url"),
    )


def _page(root: Item) -> Item:
    page = root.item("page")
    return page if page.data else root.item("response")


def _notices(root: Item) -> tuple[Item, ...]:
    return root.items("notices") or root.items("response")


def _is_notice(notice: Item) -> bool:
    return "timeline_state" in notice and "subject" in notice


def _grade(word: str) -> IncidentSeverity | None:
    return _SEVERITY.get(normalised(word)) or severity_of(word)


def _components(rows: tuple[Item, ...]) -> tuple[FeedComponent, ...]:
    """The components without others below them; a group only repeats its worst part."""
    groups = {row.string("parent_id") for row in rows}
    return tuple(
        FeedComponent(row.string("name"), _grade(row.string("state")), next(iter(regions_in(row.string("name"))), None))
        for row in rows
        if row.string("name") and row.string("id") not in groups - {""}
    )


def _notice(notice: Item) -> ProviderIncident:
    if not notice.string("id"):
        raise FeedError("lists a notice without an id")
    updates = _updates(notice)
    planned = notice.string("type") == "planned"
    services = notice.names("components")
    word = notice.string("state")
    now = _STATE.get(normalised(word)) or state_of(word)
    return ProviderIncident(
        provider="",
        id=notice.string("id"),
        title=notice.string("subject"),
        state=now,
        severity=_OF_TYPE.get(notice.string("type")) or _of_components(notice),
        services=services,
        regions=regions_in(*services, notice.string("subject")),
        started_at=notice.time("began_at", "begins_at", "created_at"),
        updated_at=notice.time("updated_at") or last_change(updates),
        resolved_at=notice.time("ended_at") if now in (IncidentState.RESOLVED, None) else None,
        updates=updates,
        url=safe_link(notice.string("url", "link")),
        ends_at=notice.time("ends_at") if planned else None,
    )


def _of_components(notice: Item) -> IncidentSeverity | None:
    """The worst state of the notice's components; None if none of them is bad."""
    found = [
        grade for part in notice.items("components") if (grade := _grade(part.string("state"))) and grade.is_failure
    ]
    return worst_severity(found) if found else None


def _updates(notice: Item) -> tuple[IncidentUpdate, ...]:
    """Every update that the notice lists, else the latest, else its synopsis, which is the first."""
    latest = notice.item("latest_update")
    said = [*notice.items("updates"), *([latest] if latest.data else [])]
    listed = newest_first(IncidentUpdate(item.time("created_at"), None, item.text("content")) for item in said)
    if listed or not notice.text("synopsis"):
        return listed
    return (IncidentUpdate(notice.time("created_at", "began_at"), None, notice.text("synopsis")),)
