"""Atlassian Statuspage: summary.json, incidents.json, scheduled-maintenances.json and the pages that imitate them.

https://metastatuspage.com/api: `impact` of an incident is none, minor, major, critical or maintenance; it follows the
components, so that a blip may read `major`, and the indicator may say `none` while an incident is open. It holds `impact_override`
already. A maintenance starts when it is scheduled for, not when it was written; one whose impact is none is maintenance, one
that says minor is minor. A postmortem is resolved, since the update that said so.
"""

from bot.detection.feeds.parsing.page import (
    Page,
    address,
    last_change,
    newest_first,
    open_severity,
    regions,
    resolved_by,
    settled,
    severity,
    state,
    worst,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

LISTS = ("incidents", "scheduled_maintenances")
_AHEAD = {IncidentState.INVESTIGATING: None, IncidentState.MONITORING: IncidentState.IN_PROGRESS}


def recognise(payload: Payload) -> bool:
    """A `page` object beside a status, components or one of the lists, and no mark of incident.io's; or incidents alone."""
    return (looks_alike(payload) and not made_by_incidentio(payload)) or bool(_pageless(payload))


def looks_alike(payload: Payload) -> bool:
    """The shape that Statuspage and its imitators share."""
    root = payload.root
    page = root.item("page")
    listed = [key for key in (*LISTS, "components") if isinstance(root.raw(key), list)]
    if isinstance(root.raw("ongoing_incidents"), list) or "status" in page:  # incident.io's widget, Instatus
        return False
    if isinstance(root.raw("incident"), dict) and page.word("id"):
        return True
    return bool((page.word("name", "url", "id") and listed) or (page.word("id") and "indicator" in root.item("status")))


def made_by_incidentio(payload: Payload) -> bool:
    """incident.io imitates Statuspage; its ids are ULIDs of 26 letters and digits, Statuspage's have 12."""
    return len(payload.root.item("page").word("id")) == 26


def parse(payload: Payload) -> Page:
    """Every incident and maintenance listed, components, and the worse of indicator and open incidents.

    Raises:
        FeedError: it has not this shape.
    """
    if rows := _pageless(payload):
        listed = [_one(one, Item({})) for one in rows]
        return Page(incidents=settled(listed), severity=open_severity(one for one in listed if not one.maintenance))
    if not looks_alike(payload):
        raise FeedError("has no Statuspage page with components, incidents or a status")
    root = payload.root
    page = root.item("page")
    found = [_one(one, page) for one in (*root.items("incidents"), *_alone(root))]
    found += [_maintenance(one, page) for one in root.items("scheduled_maintenances")]
    parts = _components(root)
    said = [severity(root.item("status").word("indicator"))] if "status" in root else []
    # Components alone do not turn a page that says `none` red: groups of hundreds always hold one that is degraded.
    seen = said or [one.severity for one in parts]
    if not seen and "incidents" not in root and "incident" not in root:
        seen = [None]
    return Page(
        incidents=settled(found),
        components=parts,
        severity=worst([*seen, open_severity(one for one in found if not one.maintenance)]),
        name=page.word("name"),
        url=page.word("url"),
    )


def _pageless(payload: Payload) -> tuple[Item, ...]:
    """Incidents as the Manage API lists them, or cut out of a page: without the page."""
    rows = payload.rows or (payload.root.items("incidents") if "page" not in payload.root else ())
    return rows if rows and isinstance(rows[0].raw("incident_updates"), list) else ()


def _one(one: Item, page: Item) -> ProviderIncident:
    """An incident of a list that also holds maintenances: these are scheduled for a time."""
    return _maintenance(one, page) if one.moment("scheduled_for") else _incident(one, page)


def _alone(root: Item) -> tuple[Item, ...]:
    """The incident of a page that shows no other (/api/v2/incidents/ID.json, and what webhooks deliver)."""
    one = root.item("incident")
    return (one,) if one.data else ()


def _components(root: Item) -> tuple[FeedComponent, ...]:
    return tuple(
        FeedComponent(one.word("name"), severity(one.word("status")), next(iter(regions(one.word("name"))), None))
        for one in root.items("components")
        if one.word("name") and one.raw("group") is not True
    )


def _incident(one: Item, page: Item) -> ProviderIncident:
    updates = newest_first(_update(update) for update in one.items("incident_updates"))
    services, title = _services(one), one.word("name")
    now = state(one.word("status"))
    return ProviderIncident(
        provider="",
        id=_id(one),
        title=title,
        state=now,
        severity=severity(one.word("impact", "impact_override")),
        services=services,
        regions=regions(*services, title),
        started_at=one.moment("started_at", "created_at"),
        updated_at=one.moment("updated_at") or last_change(updates),
        resolved_at=one.moment("resolved_at") or (resolved_by(updates) if now is IncidentState.RESOLVED else None),
        updates=updates,
        url=_link(one, page),
    )


def _maintenance(one: Item, page: Item) -> ProviderIncident:
    """As an incident, save that it starts when it is scheduled for, and is mild unless it says otherwise."""
    read = _incident(one, page)
    mild = read.severity in (None, IncidentSeverity.NONE)
    return ProviderIncident(
        provider="",
        id=read.id,
        title=read.title,
        state=_AHEAD.get(read.state, read.state) if read.state else None,
        severity=IncidentSeverity.MAINTENANCE if mild else read.severity,
        services=read.services,
        regions=read.regions,
        started_at=one.moment("scheduled_for") or read.started_at,
        updated_at=read.updated_at,
        resolved_at=read.resolved_at,
        updates=read.updates,
        url=read.url,
        ends_at=one.moment("scheduled_until"),
    )


def _id(one: Item) -> str:
    found = one.word("id")
    if not found:
        raise FeedError("lists an incident without an id")
    return found


def _update(one: Item) -> IncidentUpdate:
    return IncidentUpdate(one.moment("display_at", "created_at"), state(one.word("status")), one.text("body"))


def _services(one: Item) -> tuple[str, ...]:
    """What the incident lists; else what its updates say was affected."""
    if listed := one.names("components"):
        return listed
    touched = (name for update in one.items("incident_updates") for name in update.names("affected_components"))
    return tuple(dict.fromkeys(touched))


def _link(one: Item, page: Item) -> str | None:
    if link := address(one.word("shortlink", "url")):
        return link
    return address(f"incidents/{one.word('id')}", page.word("url"))
