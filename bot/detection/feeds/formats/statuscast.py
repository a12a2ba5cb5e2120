"""StatusCast's API v4: the components of a page, or incidents with their posts. Its RSS is read by the format rss.

https://github.com/statuscast/clientlib-dotnet, generated from StatusCast's description of the API: /api/v4/components of a
page's own host needs no token; incidents do. A status is Available, DegradedPerformance, Unavailable, Maintenance or
Informational; an incident is Draft, Future, InProgress or Closed.
"""

from datetime import timedelta

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    normalised,
    open_severity,
    regions_in,
    resolved_by,
    safe_link,
    severity_of,
    state_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_STATUS = ("Available", "DegradedPerformance", "Unavailable", "Maintenance", "Informational")
_SEVERITY = {"informational": IncidentSeverity.NONE}
_OF_TYPE = {"ScheduledMaintenance": IncidentSeverity.MAINTENANCE, "Informational": IncidentSeverity.NONE}
_DAY = 1_440


def recognise(payload: Payload) -> bool:
    """Accept components with a status of StatusCast, incidents with posts of its types, or one such incident."""
    head = payload.head
    if {"id", "name", "status"} <= head.data.keys():
        return head.string("status") in _STATUS
    return _is_incident(next(iter(payload.root.items("items")), payload.root))


def _is_incident(item: Item) -> bool:
    return {"id", "title", "posts", "dateCreated"} <= item.data.keys()


def parse(payload: Payload) -> Page:
    """Return the incidents, or the components and those of them that are not available as incidents.

    Raises:
        FeedError: the payload lists neither components nor incidents, or an incident has no id.
    """
    root = payload.root
    if isinstance(payload.json, list):
        return _components(payload.object_list())
    rows = root.items("items") or ((root,) if _is_incident(root) else ())
    if not rows and not isinstance(root.raw("items"), list):
        raise FeedError("lists neither components nor incidents")
    found = [_incident(row) for row in rows if row.string("status") != "Draft"]
    return Page(incidents=unique_open_first(found), severity=open_severity(found))


def _grade(word: str) -> IncidentSeverity | None:
    return _SEVERITY.get(normalised(word)) or severity_of(word)


def _components(rows: tuple[Item, ...]) -> Page:
    shown = [row for row in rows if row.string("name", "id") and row.raw("isHidden") is not True]
    if rows and not any(row.string("status") for row in shown):
        raise FeedError("lists no components with a status")
    parents = {row.string("parentId") for row in shown} - {""}
    leaves = [row for row in shown if row.string("id") not in parents]
    parts = tuple(
        FeedComponent(
            row.string("name", "id"), _grade(row.string("status")), next(iter(regions_in(row.string("name"))), None)
        )
        for row in leaves
    )
    failing = [
        ProviderIncident(
            provider="",
            id=f"component-{row.string('id') or part.name}",
            title=f"{part.name}: {row.string('status')}",
            severity=part.severity,
            services=(part.name,),
            regions=(part.region,) if part.region else (),
        )
        for row, part in zip(leaves, parts, strict=True)
        if part.severity and part.severity.is_failure
    ]
    return Page(
        incidents=unique_open_first(failing),
        components=parts,
        severity=worst_severity(part.severity for part in parts) if parts else None,
    )


def _incident(incident: Item) -> ProviderIncident:
    if not incident.string("id"):
        raise FeedError("lists an incident without an id")
    posts = [post for post in incident.items("posts") if post.raw("isPublished") is not False]
    updates = newest_first(
        IncidentUpdate(post.time("date"), _post_state(post.string("postType")), post.text("text")) for post in posts
    )
    kind = incident.string("incidentType")
    planned = kind == "ScheduledMaintenance"
    now = _state(incident, updates, planned=planned)
    over = now is IncidentState.RESOLVED
    started = incident.time("startDate", "dateCreated")
    minutes = incident.number("estimatedDurationMinutes")
    services = incident.names("affectedComponents", "name", "componentName")
    lasts = timedelta(minutes=minutes) if minutes and 0 < minutes < 1_000 * _DAY else None
    return ProviderIncident(
        provider="",
        id=incident.string("id"),
        title=incident.string("title"),
        state=now,
        severity=_OF_TYPE.get(kind) or _severity(incident, posts),
        services=services,
        regions=regions_in(*services, incident.string("title")),
        started_at=started,
        updated_at=last_change(updates) or started,
        resolved_at=(incident.time("endDate") or resolved_by(updates)) if over else None,
        updates=updates,
        url=safe_link(incident.string("shortUrl")),
        ends_at=started + lasts if planned and started and lasts else None,
    )


def _post_state(word: str) -> IncidentState | None:
    return state_of(word.removesuffix("V3only"))


def _state(incident: Item, updates: tuple[IncidentUpdate, ...], *, planned: bool) -> IncidentState | None:
    """The incident's status; how far one in progress is, its posts say."""
    word = incident.string("status")
    if word == "Future":
        return IncidentState.SCHEDULED
    said = next((update.state for update in updates if update.state), None)
    if word == "Closed" or said is IncidentState.RESOLVED:
        return IncidentState.RESOLVED
    return IncidentState.IN_PROGRESS if planned else said


def _severity(incident: Item, posts: list[Item]) -> IncidentSeverity | None:
    """The worst status that the incident or its posts give a component; None if none is bad."""
    words = [part.string("status") for part in incident.items("affectedComponents")]
    words += [post.string("newComponentStatus") for post in posts]
    found = [grade for word in words if (grade := _grade(word)) and grade.is_failure]
    return worst_severity(found) if found else None
