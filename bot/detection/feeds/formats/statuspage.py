"""Atlassian Statuspage: summary.json, incidents.json, scheduled-maintenances.json, and pages that imitate them.

https://metastatuspage.com/api: `impact` of an incident is none, minor, major, critical or maintenance, and includes
`impact_override`. It follows the components, so a short problem may be `major`, and the indicator may be `none` while an incident is
open. Maintenance starts when it is scheduled for, not when it was posted, and one that is over began when
it said so; its severity is maintenance unless its impact says more. A postmortem was resolved at its first resolved update.
"""

from datetime import datetime

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
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

LISTS = ("incidents", "scheduled_maintenances")
_AHEAD = {IncidentState.INVESTIGATING: None, IncidentState.MONITORING: IncidentState.IN_PROGRESS}


def recognise(payload: Payload) -> bool:
    """Accept a `page` with a status, components or a list, unless it is incident.io's; or a list of incidents."""
    return (looks_alike(payload) and not made_by_incidentio(payload)) or bool(_pageless(payload))


def looks_alike(payload: Payload) -> bool:
    """Whether the payload has the shape that Statuspage and its imitators share."""
    root = payload.root
    page = root.item("page")
    listed = [key for key in (*LISTS, "components") if isinstance(root.raw(key), list)]
    if isinstance(root.raw("ongoing_incidents"), list) or "status" in page:  # incident.io's widget, Instatus
        return False
    if "time_zone" in page and "id" not in page and "components" not in root:  # Rootly
        return False
    if isinstance(root.raw("incident"), dict) and page.string("id"):
        return True
    return bool(
        (page.string("name", "url", "id") and listed) or (page.string("id") and "indicator" in root.item("status"))
    )


def made_by_incidentio(payload: Payload) -> bool:
    """Whether incident.io made the page: its ids are ULIDs of 26 characters, Statuspage's have 12."""
    return len(payload.root.item("page").string("id")) == 26


def parse(payload: Payload) -> Page:
    """Return every incident, maintenance and component; the severity is the worse of indicator and open incidents.

    Raises:
        FeedError: the payload does not have Statuspage's shape.
    """
    if rows := _pageless(payload):
        listed = [_incident_or_maintenance(row, Item({})) for row in rows]
        return Page(
            incidents=unique_open_first(listed),
            severity=open_severity(incident for incident in listed if not incident.maintenance),
        )
    if not looks_alike(payload):
        raise FeedError("has no Statuspage page with components, incidents or a status")
    root = payload.root
    page = root.item("page")
    found = [
        _incident_or_maintenance(incident, page) for incident in (*root.items("incidents"), *_single_incident(root))
    ]
    found += [_maintenance(maintenance, page) for maintenance in root.items("scheduled_maintenances")]
    parts = _components(root)
    indicator = [severity_of(root.item("status").string("indicator"))] if "status" in root else []
    # Components do not override an indicator of `none`: among hundreds of them one is always degraded.
    severities = indicator or [part.severity for part in parts]
    if not severities and "incidents" not in root and "incident" not in root:
        severities = [None]
    return Page(
        incidents=unique_open_first(found),
        components=parts,
        severity=worst_severity(
            [*severities, open_severity(incident for incident in found if not incident.maintenance)]
        ),
        name=page.string("name"),
        url=page.string("url"),
    )


def _pageless(payload: Payload) -> tuple[Item, ...]:
    """Incidents without a `page`, as the Manage API lists them."""
    rows = payload.rows or (payload.root.items("incidents") if "page" not in payload.root else ())
    return rows if rows and isinstance(rows[0].raw("incident_updates"), list) else ()


def _incident_or_maintenance(incident: Item, page: Item) -> ProviderIncident:
    """An incident or a maintenance, of a list that holds both: maintenance has `scheduled_for`."""
    return _maintenance(incident, page) if incident.time("scheduled_for") else _incident(incident, page)


def _single_incident(root: Item) -> tuple[Item, ...]:
    """The incident of a page with only one (/api/v2/incidents/ID.json, and webhook bodies)."""
    incident = root.item("incident")
    return (incident,) if incident.data else ()


def _components(root: Item) -> tuple[FeedComponent, ...]:
    return tuple(
        FeedComponent(
            component.string("name"),
            severity_of(component.string("status")),
            next(iter(regions_in(component.string("name"))), None),
        )
        for component in root.items("components")
        if component.string("name") and component.raw("group") is not True
    )


def _incident(incident: Item, page: Item) -> ProviderIncident:
    updates = newest_first(_update(update) for update in incident.items("incident_updates"))
    services, title = _services(incident), incident.string("name")
    # A status that is missing or unknown leaves the last update's, so that an incident that was reopened stays open.
    now = state_of(incident.string("status")) or next((update.state for update in updates if update.state), None)
    return ProviderIncident(
        provider="",
        id=_id(incident),
        title=title,
        state=now,
        severity=severity_of(incident.string("impact", "impact_override")),
        services=services,
        regions=regions_in(*services, title),
        started_at=incident.time("started_at", "created_at"),
        updated_at=incident.time("updated_at") or last_change(updates),
        resolved_at=incident.time("resolved_at") or (resolved_by(updates) if now is IncidentState.RESOLVED else None),
        updates=updates,
        url=_link(incident, page),
    )


def _maintenance(maintenance: Item, page: Item) -> ProviderIncident:
    """An incident that starts when it is scheduled for, with severity maintenance unless its impact says more."""
    read = _incident(maintenance, page)
    mild = read.severity in (None, IncidentSeverity.NONE)
    return ProviderIncident(
        provider="",
        id=read.id,
        title=read.title,
        state=_AHEAD.get(read.state, read.state) if read.state else None,
        severity=IncidentSeverity.MAINTENANCE if mild else read.severity,
        services=read.services,
        regions=read.regions,
        started_at=_begun(read) or maintenance.time("scheduled_for") or read.started_at,
        updated_at=read.updated_at,
        resolved_at=read.resolved_at,
        updates=read.updates,
        url=read.url,
        ends_at=maintenance.time("scheduled_until"),
    )


def _begun(read: ProviderIncident) -> datetime | None:
    """When a maintenance that is over began: at its first update in progress; None if none says so."""
    begun = (update.at for update in read.updates if update.at and update.state is IncidentState.IN_PROGRESS)
    return min(begun, default=None) if read.state is IncidentState.RESOLVED else None


def _id(incident: Item) -> str:
    found = incident.string("id")
    if not found:
        raise FeedError("lists an incident without an id")
    return found


def _update(update: Item) -> IncidentUpdate:
    return IncidentUpdate(
        update.time("display_at", "created_at"), state_of(update.string("status")), update.text("body")
    )


def _services(incident: Item) -> tuple[str, ...]:
    """The incident's components; else the components that its updates list as affected."""
    if listed := incident.names("components"):
        return listed
    affected = (name for update in incident.items("incident_updates") for name in update.names("affected_components"))
    return tuple(dict.fromkeys(affected))


def _link(incident: Item, page: Item) -> str | None:
    if link := safe_link(incident.string("shortlink", "url")):
        return link
    return safe_link(f"incidents/{incident.string('id')}", page.string("url"))
