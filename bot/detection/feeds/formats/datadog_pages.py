"""Datadog Status Pages: degradations, maintenances and pages, as Datadog's API returns them (JSON:API).

https://docs.datadoghq.com/api/latest/status-pages: /api/v2/statuspages, /degradations and /maintenances, with an API key. A
page of this product is a script without a feed of its own. The severity is that of the worst component, also where the
degradation is over and its components work again.
"""

from collections.abc import Iterator

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    open_severity,
    regions_in,
    resolved_by,
    safe_link,
    severity_of,
    state_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload, objects_in
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_TYPES = ("degradations", "maintenances", "status_pages")


def recognise(payload: Payload) -> bool:
    """Accept JSON:API rows of degradations, maintenances or status pages, or an empty list with Datadog's paging."""
    rows = _rows(payload.root)
    if rows:
        return rows[0].string("type") in _TYPES and bool(rows[0].item("attributes").data)
    paging = payload.root.item("meta").item("page").string("type")
    return isinstance(payload.root.raw("data"), list) and paging == "offset_limit"


def parse(payload: Payload) -> Page:
    """Return degradations and maintenance, and the components of pages.

    Raises:
        FeedError: there is no `data`, or a row has no id.
    """
    root = payload.root
    if not isinstance(root.raw("data"), list | dict):
        raise FeedError("has no JSON:API `data`")
    found, parts, name, url = [], list[FeedComponent](), "", ""
    for row in (*_rows(root), *root.items("included")):
        if row.string("type") in ("degradations", "maintenances"):
            found.append(_incident(row))
        elif row.string("type") == "status_pages":
            page = row.item("attributes")
            parts += _components(page.raw("components"))
            name, url = name or page.string("name"), url or page.string("page_url")
    return Page(
        incidents=unique_open_first(found),
        components=tuple(parts),
        severity=worst_severity([*(part.severity for part in parts), open_severity(found)]),
        name=name,
        url=url,
    )


def _rows(root: Item) -> tuple[Item, ...]:
    data = root.raw("data")
    return (root.item("data"),) if isinstance(data, dict) else objects_in(data)


def _components(value: object) -> Iterator[FeedComponent]:
    """The components of a page, and those within its groups."""
    for row in objects_in(value):
        below = row.items("components")
        for part in below or (row,):
            name = part.string("name")
            if name and part.string("type") != "group":
                region = next(iter(regions_in(name, row.string("name"))), None)
                yield FeedComponent(name, severity_of(part.string("status")), region)


def _incident(row: Item) -> ProviderIncident:
    said = row.item("attributes")
    if not row.string("id"):
        raise FeedError("lists a degradation or a maintenance without an id")
    planned = row.string("type") == "maintenances"
    updates = newest_first(_update(update) for update in said.items("updates"))
    now = state_of(said.string("status"))
    over = now is IncidentState.RESOLVED
    services = said.names("components_affected")
    ends = said.time("completed_date") if planned else None
    first = min((update.at for update in updates if update.at), default=None)
    return ProviderIncident(
        provider="",
        id=row.string("id"),
        title=said.string("title"),
        state=now,
        severity=IncidentSeverity.MAINTENANCE if planned else _severity(said),
        services=services,
        regions=regions_in(*services, said.string("title")),
        started_at=said.time("start_date") or first or said.time("created_at"),
        updated_at=said.time("modified_at") or last_change(updates),
        resolved_at=(resolved_by(updates) or ends or said.time("modified_at")) if over else None,
        updates=updates,
        url=safe_link(said.string("url")),
        ends_at=ends,
    )


def _severity(said: Item) -> IncidentSeverity | None:
    """The worst status of a component now, else the worst that an update gave one; None if none is bad."""
    for statements in ([said], said.items("updates")):
        words = [part.string("status") for item in statements for part in item.items("components_affected")]
        if found := [grade for word in words if (grade := severity_of(word)) and grade.is_failure]:
            return worst_severity(found)
    return None


def _update(update: Item) -> IncidentUpdate:
    """An update; Datadog writes the year 1 where it did not note a start."""
    return IncidentUpdate(
        update.time("started_at", "created_at"), state_of(update.string("status")), update.text("description")
    )
