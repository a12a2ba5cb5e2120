"""Zendesk's status API: active incidents and maintenance (JSON:API), and the list that status.zendesk.com itself reads.

https://developer.zendesk.com/api-reference/status_api/status_api: /api/incidents/active and /api/incidents/maintenance, at
most 10 requests a minute. The page reads /api/ssp/incidents.json, which has the same rows with names in camel case. `status`
goes stale: an incident is over once it has a time of resolution, although its status still says monitoring.
"""

from collections.abc import Iterable

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    normalised,
    open_severity,
    regions_in,
    severity_of,
    state_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload, objects_in
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

URL = "https://status.zendesk.com"
_PLANNED = (IncidentState.SCHEDULED, IncidentState.IN_PROGRESS)


def recognise(payload: Payload) -> bool:
    """Accept JSON:API rows of type `incident` with an impact or an outage, or an empty list beside `included`."""
    root = payload.root
    if rows := _rows(root):
        said = rows[0].item("attributes")
        return rows[0].string("type") == "incident" and any(key in said for key in ("impact", "outage", "startedAt"))
    return set(root.data) == {"data", "included"} and root.raw("data") == root.raw("included") == []


def parse(payload: Payload) -> Page:
    """Return every incident with its updates and services.

    Raises:
        FeedError: there is no `data`, or an incident has no id.
    """
    root = payload.root
    if not isinstance(root.raw("data"), list | dict):
        raise FeedError("has no JSON:API `data`")
    included = root.items("included")
    found = [_incident(row, included) for row in _rows(root)]
    parts = _components(found)
    return Page(
        incidents=unique_open_first(found),
        components=parts,
        severity=open_severity(found),
        name="Zendesk",
        url=URL,
    )


def _rows(root: Item) -> tuple[Item, ...]:
    data = root.raw("data")
    return (root.item("data"),) if isinstance(data, dict) else objects_in(data)


def _components(found: Iterable[ProviderIncident]) -> tuple[FeedComponent, ...]:
    """The services of the open incidents; Zendesk does not list those that work."""
    worst: dict[str, list[IncidentSeverity | None]] = {}
    for incident in found:
        for service in incident.services if incident.open else ():
            worst.setdefault(service, []).append(incident.severity)
    return tuple(FeedComponent(name, worst_severity(grades)) for name, grades in worst.items())


def _incident(row: Item, included: tuple[Item, ...]) -> ProviderIncident:
    said = row.item("attributes")
    if not row.string("id"):
        raise FeedError("lists an incident without an id")
    updates = newest_first(
        IncidentUpdate(note.time("created_at", "createdAt"), None, note.text("description"))
        for note in (record.item("attributes") for record in _records(row, included, "incidentupdate"))
    )
    ended = said.time("resolved_at", "resolvedAt")
    starts = said.time("maintenance_start_time", "maintenanceStartTime")
    ahead = IncidentState.SCHEDULED if starts else None
    now = IncidentState.RESOLVED if ended else state_of(said.string("status")) or ahead
    services = _services(row, included)
    title = said.string("title", "name")
    return ProviderIncident(
        provider="",
        id=row.string("id"),
        title=title,
        state=now,
        severity=IncidentSeverity.MAINTENANCE if starts or now in _PLANNED else _severity(said),
        services=services,
        regions=regions_in(*services, title),
        started_at=starts or said.time("started_at", "startedAt"),
        updated_at=last_change(updates) or ended,
        resolved_at=ended,
        updates=updates,
        url=URL,
        ends_at=said.time("maintenance_end_time", "maintenanceEndTime") if starts else None,
    )


def _severity(said: Item) -> IncidentSeverity | None:
    """The impact (https://github.com/justeat/ZendeskApiClient lists them), else what the marks for outage and degradation say."""
    word = normalised(said.string("impact"))
    if word == "noimpact":
        return IncidentSeverity.NONE
    if found := severity_of(word):
        return found
    if said.raw("outage") is True:
        return IncidentSeverity.MAJOR
    return IncidentSeverity.MINOR if said.raw("degradation") is True else None


def _kind(record: Item) -> str:
    return normalised(record.string("type"))


def _related(row: Item, kind: str) -> tuple[str, ...]:
    """The ids of the records of a kind that a row names under its relationships."""
    named = (Item(value) for value in row.item("relationships").data.values() if isinstance(value, dict))
    refs = [ref for item in named for ref in (*item.items("data"), item.item("data"))]
    return tuple(ref.string("id") for ref in refs if _kind(ref) == kind)


def _records(row: Item, included: tuple[Item, ...], kind: str) -> list[Item]:
    """The included records of a kind that an incident names, or that name it."""
    wanted, own = _related(row, kind), row.string("id")
    return [
        record
        for record in included
        if _kind(record) == kind
        and (record.string("id") in wanted or record.item("attributes").string("incident_id", "incidentId") == own)
    ]


def _services(row: Item, included: tuple[Item, ...]) -> tuple[str, ...]:
    """The names of the incident's services, which the page's own list writes out and the API keeps in records of their own."""
    names = {item.string("id"): item.item("attributes").string("name") for item in included if _kind(item) == "service"}
    found: list[str] = []
    for link in _records(row, included, "incidentservice"):
        said = link.item("attributes")
        keys = (said.string("service_id", "serviceId"), *_related(link, "service"))
        found += [said.string("serviceName", "service_name"), *(names.get(key, "") for key in keys)]
    found += [names.get(key, "") for key in _related(row, "service")]
    return tuple(dict.fromkeys(filter(None, found)))
