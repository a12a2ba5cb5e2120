"""StatusPal: the summary, the status and the incidents of a page, from its API v2.

https://www.statuspal.io/api-docs/v2: /api/v2/status_pages/SUBDOMAIN/summary, /status and /incidents. All times are UTC, without
a zone. The type of an incident is major, minor, scheduled or one that the page's owner made; `current_status_type` is then the
built-in type that it counts as. `maintenances` are going on, `upcoming_maintenances` are ahead; what has `ends_at` is over.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

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

# Types that owners of pages made, as recorded from Exoscale, beside the built-in ones.
_SEVERITY = {
    "scheduled": IncidentSeverity.MAINTENANCE,
    "emergencymaintenance": IncidentSeverity.MAINTENANCE,
    "performance": IncidentSeverity.MINOR,
}
_STATE = {"issue": IncidentState.INVESTIGATING}
_DEEPEST = 6


def recognise(payload: Payload) -> bool:
    """Accept a `status_page` with its current type of incident, or a list of incidents with StatusPal's names."""
    root = payload.root
    if "current_incident_type" in root.item("status_page"):
        return True
    head = next(iter(root.items("incidents")), Item({}))
    return {"type", "title", "starts_at", "ends_at"} <= head.data.keys()


def parse(payload: Payload) -> Page:
    """Return incidents, maintenance and services of the payload.

    Raises:
        FeedError: the payload has neither a status page nor a list of incidents.
    """
    root = payload.root
    page = root.item("status_page")
    if "current_incident_type" not in page and not isinstance(root.raw("incidents"), list):
        raise FeedError("has neither a status page nor a list of incidents")
    services = list(_services(root.items("services"), "", 0))
    names = _names(services)
    found = [_incident(incident, names) for incident in root.items("incidents")]
    found += [_maintenance(item, names, IncidentState.IN_PROGRESS) for item in root.items("maintenances")]
    found += [_maintenance(item, names, IncidentState.SCHEDULED) for item in root.items("upcoming_maintenances")]
    parts = tuple(
        FeedComponent(names[key], _now(service), next(iter(regions_in(names[key])), None))
        for key, _, service in services
        if key in names
    )
    return Page(
        incidents=unique_open_first(found),
        components=parts,
        severity=worst_severity([_overall(root, page), open_severity(found)]),
        name=page.string("name"),
        url=_address(page.string("url")),
    )


def _services(rows: tuple[Item, ...], group: str, depth: int) -> Iterator[tuple[str, str, Item]]:
    """The services without others below them: each with its key and the name of its group."""
    for row in rows:
        below = [child for child in row.items("children") if child.string("name")]
        if below and depth < _DEEPEST:
            yield from _services(tuple(below), row.string("name"), depth + 1)
        elif row.string("name"):
            yield row.string("id") or row.string("name"), group, row


def _names(services: list[tuple[str, str, Item]]) -> Mapping[str, str]:
    """The name of each service by its key, after the name of its group where several groups have a service of that name."""
    often = Counter(row.string("name") for _, _, row in services)
    return {
        key: f"{group} {row.string('name')}" if group and often[row.string("name")] > 1 else row.string("name")
        for key, group, row in services
    }


def _now(service: Item) -> IncidentSeverity | None:
    word = service.raw("current_incident_type")
    return IncidentSeverity.NONE if word is None else _grade(service.string("current_incident_type"))


def _overall(root: Item, page: Item) -> IncidentSeverity | None:
    """The page's own severity: that of its type, else that of the built-in type that it counts as."""
    if "current_incident_type" not in page:
        return IncidentSeverity.NONE
    return _now(page) or _grade(root.string("current_status_type"))


def _grade(word: str) -> IncidentSeverity | None:
    return _SEVERITY.get(normalised(word)) or severity_of(word)


def _address(text: str) -> str:
    return text if "://" in text or not text else f"https://{text}"


def _incident(incident: Item, names: Mapping[str, str]) -> ProviderIncident:
    if not incident.string("id"):
        raise FeedError("lists an incident without an id")
    severity = _grade(incident.string("type"))
    if severity is IncidentSeverity.MAINTENANCE:
        return _maintenance(incident, names, IncidentState.SCHEDULED)
    updates = newest_first(_update(update) for update in incident.items("updates"))
    ends, newest = incident.time("ends_at"), last_change(updates)
    said = next((update.state for update in updates if update.state), None)
    over = said is IncidentState.RESOLVED or bool(ends and (newest is None or newest <= ends))
    services = _named(incident, names)
    return ProviderIncident(
        provider="",
        id=incident.string("id"),
        title=incident.string("title"),
        state=IncidentState.RESOLVED if over else said,
        severity=severity,
        services=services,
        regions=regions_in(*services, incident.string("title")),
        started_at=incident.time("starts_at", "inserted_at"),
        updated_at=incident.time("updated_at") or newest,
        resolved_at=(ends or newest) if over else None,
        updates=updates,
        url=safe_link(incident.string("url")),
    )


def _maintenance(item: Item, names: Mapping[str, str], listed_as: IncidentState) -> ProviderIncident:
    if not item.string("id"):
        raise FeedError("lists a maintenance without an id")
    updates = newest_first(_update(update) for update in item.items("updates"))
    said = next((update.state for update in updates if update.state), None)
    over = said is IncidentState.RESOLVED
    services = _named(item, names)
    return ProviderIncident(
        provider="",
        id=item.string("id"),
        title=item.string("title"),
        state=IncidentState.RESOLVED if over else said if said is IncidentState.IN_PROGRESS else listed_as,
        severity=IncidentSeverity.MAINTENANCE,
        services=services,
        regions=regions_in(*services, item.string("title")),
        started_at=item.time("starts_at", "inserted_at"),
        updated_at=item.time("updated_at") or last_change(updates),
        resolved_at=(last_change(updates) or item.time("ends_at")) if over else None,
        updates=updates,
        url=safe_link(item.string("url")),
        ends_at=item.time("ends_at"),
    )


def _named(incident: Item, names: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the services that an incident lists, by id or as objects; a group that it also lists is left out."""
    keys = incident.raw("service_ids")
    listed = [str(key) for key in keys if isinstance(key, int | str)] if isinstance(keys, list) else []
    known = dict.fromkeys(names[key] for key in listed if key in names)
    return tuple(known) or incident.names("services")


def _update(update: Item) -> IncidentUpdate:
    word = update.string("type")
    return IncidentUpdate(
        update.time("posted_at", "inserted_at"),
        _STATE.get(normalised(word)) or state_of(word),
        update.text("description_html", "description"),
    )
