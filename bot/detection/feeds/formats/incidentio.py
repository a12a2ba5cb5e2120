"""incident.io: Statuspage's format with ULIDs as ids and more fields missing or null, and its own widget summary.

https://docs.incident.io/status-pages/widget-api: /api/v1/summary lists `ongoing_incidents`, `in_progress_maintenances` and
`scheduled_maintenances`, each with its last update only; /proxy/HOST wraps the same in `summary`. The list that contains a
maintenance sets its state. The summary does not say when an incident started.
"""

from bot.detection.feeds.formats import statuspage
from bot.detection.feeds.parsing.page import (
    Page,
    newest_first,
    open_severity,
    regions_in,
    safe_link,
    severity_of,
    state_of,
    unique_open_first,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_ONGOING = ("ongoing_incidents", "in_progress_maintenances")


def recognise(payload: Payload) -> bool:
    """Accept Statuspage's format with a page id of 26 characters, or the widget's lists."""
    if statuspage.looks_alike(payload):
        return statuspage.made_by_incidentio(payload)
    return any(isinstance(_summary(payload).raw(key), list) for key in _ONGOING)


def parse(payload: Payload) -> Page:
    """Return what Statuspage's format lists (a missing `started_at` is replaced by `created_at`), or what the widget lists.

    Raises:
        FeedError: the payload has neither shape.
    """
    if statuspage.looks_alike(payload):
        return statuspage.parse(payload)
    root = _summary(payload)
    if not any(isinstance(root.raw(key), list) for key in _ONGOING):
        raise FeedError("has neither a `page` nor a list of ongoing incidents")
    found = [_incident(incident) for incident in root.items("ongoing_incidents")]
    found += [
        _maintenance(maintenance, IncidentState.IN_PROGRESS) for maintenance in root.items("in_progress_maintenances")
    ]
    found += [
        _maintenance(maintenance, IncidentState.SCHEDULED) for maintenance in root.items("scheduled_maintenances")
    ]
    page = root.item("page")
    return Page(
        incidents=unique_open_first(found),
        severity=open_severity(found),
        name=root.string("page_title", "name") or page.string("name"),
        url=root.string("page_url", "public_url") or page.string("url"),
    )


def _summary(payload: Payload) -> Item:
    root = payload.root
    return root.item("summary") if isinstance(root.raw("summary"), dict) else root


def _incident(incident: Item) -> ProviderIncident:
    key = incident.string("id")
    if not key:
        raise FeedError("lists an incident without an id")
    now = state_of(incident.string("status", "phase"))
    updates, services = _updates(incident, now), incident.names("affected_components") or incident.names("components")
    title = incident.string("name", "title")
    return ProviderIncident(
        provider="",
        id=key,
        title=title,
        state=now,
        severity=severity_of(incident.string("current_worst_impact", "impact")),
        services=services,
        regions=regions_in(*services, *incident.names("affected_components", "group_name"), title),
        started_at=incident.time("started_at", "published_at", "created_at"),
        updated_at=incident.time("last_update_at", "updated_at") or (updates[0].at if updates else None),
        resolved_at=incident.time("resolved_at"),
        updates=updates,
        url=safe_link(incident.string("url")),
    )


def _updates(incident: Item, now: IncidentState | None) -> tuple[IncidentUpdate, ...]:
    """The listed updates; else the last update, with the incident's own state."""
    listed = newest_first(_update(update) for update in incident.items("updates"))
    text = incident.text("last_update_message") or incident.item("last_update").text("message", "body")
    at = incident.time("last_update_at", "updated_at") or incident.item("last_update").time("at", "created_at")
    return listed or ((IncidentUpdate(at, now, text),) if text else ())


def _update(update: Item) -> IncidentUpdate:
    return IncidentUpdate(
        update.time("published_at", "created_at", "at"),
        state_of(update.string("to_status", "status")),
        update.text("message_string", "message", "body"),
    )


def _maintenance(maintenance: Item, now: IncidentState) -> ProviderIncident:
    read = _incident(maintenance)
    return ProviderIncident(
        provider="",
        id=read.id,
        title=read.title,
        state=now,
        severity=IncidentSeverity.MAINTENANCE,
        services=read.services,
        regions=read.regions,
        started_at=maintenance.time("started_at", "starts_at", "scheduled_start_at", "start_at") or read.started_at,
        updated_at=read.updated_at,
        updates=tuple(
            IncidentUpdate(
                update.at, now if update.state is None and len(read.updates) == 1 else update.state, update.text
            )
            for update in read.updates
        ),
        url=read.url,
        ends_at=maintenance.time("scheduled_end_at", "ends_at", "end_at"),
    )
