"""Rootly's status pages: status.json and incidents.json of a page's own domain.

https://docs.rootly.com/configuration/status-page-public-api: the indicator is none, minor, major or maintenance; the impact of
an incident is critical, major, minor or none. An incident has no id but its address. Its status is that of Rootly's workflow
(`started`), while its updates have the states of a status page.
"""

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
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_PLANNED = (IncidentState.SCHEDULED, IncidentState.IN_PROGRESS)


def recognise(payload: Payload) -> bool:
    """Accept a page with a time zone but without an id, beside a list of incidents."""
    page = payload.root.item("page")
    if "id" in page or "components" in payload.root:
        return False
    return "time_zone" in page and isinstance(payload.root.raw("incidents"), list)


def parse(payload: Payload) -> Page:
    """Return the active incidents; the severity is the worse of the indicator and theirs.

    Raises:
        FeedError: the payload has no page with incidents.
    """
    root = payload.root
    page = root.item("page")
    if not page.data or not isinstance(root.raw("incidents"), list):
        raise FeedError("has no page with a list of incidents")
    found = [_incident(incident) for incident in root.items("incidents")]
    indicator = [severity_of(root.item("status").string("indicator"))] if "status" in root else []
    return Page(
        incidents=unique_open_first(found),
        severity=worst_severity([*indicator, open_severity(found)]),
        name=page.string("name"),
        url=page.string("url"),
    )


def _incident(incident: Item) -> ProviderIncident:
    updates = newest_first(
        IncidentUpdate(update.time("created_at"), state_of(update.string("status")), update.text("body"))
        for update in incident.items("incident_updates")
    )
    said = next((update.state for update in updates if update.state), None)
    now = state_of(incident.string("status")) or said or IncidentState.INVESTIGATING
    over = now is IncidentState.RESOLVED
    planned = now in _PLANNED or any(update.state in _PLANNED for update in updates)
    return ProviderIncident(
        provider="",
        id=_id(incident),
        title=incident.string("name"),
        state=now,
        severity=IncidentSeverity.MAINTENANCE if planned else severity_of(incident.string("impact")),
        regions=regions_in(incident.string("name")),
        started_at=incident.time("started_at"),
        updated_at=last_change(updates) or incident.time("started_at"),
        resolved_at=(incident.time("resolved_at") or resolved_by(updates)) if over else None,
        updates=updates,
        url=safe_link(incident.string("url")),
    )


def _id(incident: Item) -> str:
    """The last part of the incident's address, else its name and start."""
    found = incident.string("url").rstrip("/").rpartition("/")[2]
    if found:
        return found
    if not incident.string("name"):
        raise FeedError("lists an incident without an address or a name")
    return f"{incident.string('name')}@{incident.string('started_at')}"
