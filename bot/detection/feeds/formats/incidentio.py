"""incident.io: Statuspage's shape with ULIDs for ids and more of it absent or null, and its own summary for widgets.

https://docs.incident.io/status-pages/widget-api: /api/v1/summary lists `ongoing_incidents`, `in_progress_maintenances` and
`scheduled_maintenances`, each with its last update alone; /proxy/HOST wraps the same in `summary`. A maintenance is what its
list says it is, whatever its own word. When an incident began is not said: it stays unknown.
"""

from bot.detection.feeds.formats import statuspage
from bot.detection.feeds.parsing.page import (
    Page,
    address,
    newest_first,
    open_severity,
    regions,
    settled,
    severity,
    state,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_ONGOING = ("ongoing_incidents", "in_progress_maintenances")


def recognise(payload: Payload) -> bool:
    """Statuspage's shape with a page id of 26 letters and digits, or the widget's lists."""
    if statuspage.looks_alike(payload):
        return statuspage.made_by_incidentio(payload)
    return any(isinstance(_summary(payload).raw(key), list) for key in _ONGOING)


def parse(payload: Payload) -> Page:
    """As Statuspage's; `started_at` may be missing, the moment of creation then stands for it. Or what the widget lists.

    Raises:
        FeedError: it has neither shape.
    """
    if statuspage.looks_alike(payload):
        return statuspage.parse(payload)
    root = _summary(payload)
    if not any(isinstance(root.raw(key), list) for key in _ONGOING):
        raise FeedError("has neither a page nor a list of ongoing incidents")
    found = [_incident(one) for one in root.items("ongoing_incidents")]
    found += [_maintenance(one, IncidentState.IN_PROGRESS) for one in root.items("in_progress_maintenances")]
    found += [_maintenance(one, IncidentState.SCHEDULED) for one in root.items("scheduled_maintenances")]
    page = root.item("page")
    return Page(
        incidents=settled(found),
        severity=open_severity(found),
        name=root.word("page_title", "name") or page.word("name"),
        url=root.word("page_url", "public_url") or page.word("url"),
    )


def _summary(payload: Payload) -> Item:
    root = payload.root
    return root.item("summary") if isinstance(root.raw("summary"), dict) else root


def _incident(one: Item) -> ProviderIncident:
    key = one.word("id")
    if not key:
        raise FeedError("lists an incident without an id")
    now = state(one.word("status", "phase"))
    updates, services = _updates(one, now), one.names("affected_components") or one.names("components")
    title = one.word("name", "title")
    return ProviderIncident(
        provider="",
        id=key,
        title=title,
        state=now,
        severity=severity(one.word("current_worst_impact", "impact")),
        services=services,
        regions=regions(*services, *one.names("affected_components", "group_name"), title),
        started_at=one.moment("started_at", "published_at", "created_at"),
        updated_at=one.moment("last_update_at", "updated_at") or (updates[0].at if updates else None),
        resolved_at=one.moment("resolved_at"),
        updates=updates,
        url=address(one.word("url")),
    )


def _updates(one: Item, now: IncidentState | None) -> tuple[IncidentUpdate, ...]:
    """Those listed; else the last one, whose state is the incident's own."""
    listed = newest_first(_update(update) for update in one.items("updates"))
    text = one.text("last_update_message") or one.item("last_update").text("message", "body")
    at = one.moment("last_update_at", "updated_at") or one.item("last_update").moment("at", "created_at")
    return listed or ((IncidentUpdate(at, now, text),) if text else ())


def _update(one: Item) -> IncidentUpdate:
    return IncidentUpdate(
        one.moment("published_at", "created_at", "at"),
        state(one.word("to_status", "status")),
        one.text("message_string", "message", "body"),
    )


def _maintenance(one: Item, now: IncidentState) -> ProviderIncident:
    read = _incident(one)
    return ProviderIncident(
        provider="",
        id=read.id,
        title=read.title,
        state=now,
        severity=IncidentSeverity.MAINTENANCE,
        services=read.services,
        regions=read.regions,
        started_at=one.moment("started_at", "starts_at", "scheduled_start_at", "start_at") or read.started_at,
        updated_at=read.updated_at,
        updates=tuple(
            IncidentUpdate(u.at, now if u.state is None and len(read.updates) == 1 else u.state, u.text)
            for u in read.updates
        ),
        url=read.url,
        ends_at=one.moment("scheduled_end_at", "ends_at", "end_at"),
    )
