"""Yandex Cloud: the list of incidents, one incident, or the services with theirs.

https://status.yandex.cloud/api/incidents, /api/incidents/ID and /api/services?incidents=all, as described and recorded by
https://github.com/essentialkaos/ycs. An incident is open (`opened`), resolved, or has a report; its level is Minor or
Unavailable; its zones are listed by installation (`ru`, `kz`).
"""

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    normalised,
    open_severity,
    regions_in,
    resolved_by,
    severity_of,
    state_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

URL = "https://status.yandex.cloud"
_STATE = {
    "open": IncidentState.INVESTIGATING,
    "opened": IncidentState.INVESTIGATING,
    "withreport": IncidentState.RESOLVED,
}
_LEVEL = {1: IncidentSeverity.MINOR, 2: severity_of("unavailable")}
_REGION = {"ru": "ru-central1", "kz": "kz1"}


def recognise(payload: Payload) -> bool:
    """Accept incidents with a level, in a list under `items` or alone, or services of an installation."""
    root = payload.root
    first = next(iter(root.items("items")), root)
    head = payload.head
    return _is_incident(first) or ("installationCode" in head and isinstance(head.raw("incidents"), list))


def _is_incident(item: Item) -> bool:
    return "levelId" in item and ("startDate" in item or "comments" in item)


def parse(payload: Payload) -> Page:
    """Return every incident, and the services where the payload lists them.

    Raises:
        FeedError: the payload lists neither incidents nor services, or an incident has no id.
    """
    services = payload.object_list() if isinstance(payload.json, list) else ()
    root = payload.root
    rows = root.items("items") or ((root,) if _is_incident(root) else ())
    if not rows and not services and not isinstance(root.raw("items"), list):
        raise FeedError("lists neither incidents nor services")
    found = {incident.id: incident for incident in map(_incident, rows)}
    for service in services:
        for incident in service.items("incidents"):
            read = _incident(_with_service(incident, service))
            found[read.id] = _joined(found.get(read.id), read)
    return Page(
        incidents=unique_open_first(found.values()),
        components=tuple(_component(service) for service in services if service.string("name")),
        severity=open_severity(found.values()),
        name="Yandex Cloud",
        url=URL,
    )


def _with_service(incident: Item, service: Item) -> Item:
    """An incident that is listed under a service, with that service and its installation where it names none."""
    own = {"services": [{"name": service.string("name")}]} if not incident.items("services") else {}
    place = {"installations": [{"code": service.string("installationCode")}]} if not _places(incident) else {}
    return Item({**incident.data, **own, **place})


def _joined(before: ProviderIncident | None, read: ProviderIncident) -> ProviderIncident:
    if before is None:
        return read
    return ProviderIncident(
        provider="",
        id=read.id,
        title=read.title,
        state=read.state,
        severity=read.severity,
        services=tuple(dict.fromkeys((*before.services, *read.services))),
        regions=tuple(dict.fromkeys((*before.regions, *read.regions))),
        started_at=read.started_at,
        updated_at=read.updated_at,
        resolved_at=read.resolved_at,
        updates=read.updates,
        url=read.url,
    )


def _component(service: Item) -> FeedComponent:
    running = [incident for incident in map(_incident, service.items("incidents")) if incident.open]
    grade = worst_severity(incident.severity for incident in running)
    return FeedComponent(service.string("name"), grade, _REGION.get(service.string("installationCode")))


def _incident(incident: Item) -> ProviderIncident:
    if not incident.string("id"):
        raise FeedError("lists an incident without an id")
    updates = newest_first(
        IncidentUpdate(comment.time("createdAt"), state_of(comment.string("type")), comment.text("content"))
        for comment in incident.items("comments")
    )
    word = incident.string("status")
    last = updates[0].state if updates else None
    now = IncidentState.RESOLVED if last is IncidentState.RESOLVED else _STATE.get(normalised(word)) or state_of(word)
    over = now is IncidentState.RESOLVED
    return ProviderIncident(
        provider="",
        id=incident.string("id"),
        title=incident.string("title"),
        state=now,
        severity=severity_of(incident.item("level").string("label")) or _LEVEL.get(incident.number("levelId") or 0),
        services=incident.names("services"),
        regions=_places(incident),
        started_at=incident.time("startDate", "createdAt"),
        updated_at=incident.time("updatedAt") or last_change(updates),
        resolved_at=(incident.time("endDate") or resolved_by(updates)) if over else None,
        updates=updates,
        url=f"{URL}/en/incidents/{incident.string('id')}",
    )


def _places(incident: Item) -> tuple[str, ...]:
    """The regions of the incident's zones, else of its installations."""
    found: list[str] = []
    for installation in incident.items("installations"):
        zones = [zone.string("id") for zone in installation.items("zones")]
        own = _REGION.get(installation.string("code"), installation.string("code"))
        found += [region for zone in zones for region in regions_in(zone)] or [own]
    return tuple(dict.fromkeys(filter(None, found)))
