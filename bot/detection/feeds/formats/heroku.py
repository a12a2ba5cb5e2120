"""Heroku's status API, versions 3 and 4: current status by system and colour, and the list of all incidents.

Yellow is `intermittent errors or partial impact`, red `major outage` (https://blog.heroku.com/new_heroku_status_site), blue
maintenance. `resolved` of an incident is unreliable: `state` and `resolved_at` take precedence. `tags` hold parts of the
world (NA, EMEA, APAC), which count as regions.
"""

from datetime import datetime

from bot.detection.feeds.parsing.page import (
    Page,
    newest_first,
    open_severity,
    resolved_by,
    safe_link,
    state_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident
from bot.net.plain_text import line

URL = "https://status.heroku.com"
_COLOUR = {
    "green": IncidentSeverity.NONE,
    "blue": IncidentSeverity.MAINTENANCE,
    "yellow": IncidentSeverity.MAJOR,
    "red": IncidentSeverity.CRITICAL,
}
_PLACES = ("na", "emea", "apac", "us", "eu")


def recognise(payload: Payload) -> bool:
    """Accept systems with colours and incidents (version 3: issues), or a list of incidents with coloured updates."""
    root, head = payload.root, payload.head
    if isinstance(root.raw("incidents"), list) or isinstance(root.raw("issues"), list):
        return bool(_systems(root))
    return _has_coloured_updates(head)


def _has_coloured_updates(row: Item) -> bool:
    updates = row.items("updates")
    return "resolved" in row and bool(updates) and "update_type" in updates[0]


def parse(payload: Payload) -> Page:
    """Return incidents and scheduled maintenance.

    Raises:
        FeedError: the payload lists no systems with their status.
    """
    root = payload.root
    if _has_coloured_updates(payload.head):
        found = [_incident(row) for row in payload.object_list()]
        return Page(incidents=unique_open_first(found), severity=open_severity(found), name="Heroku", url=URL)
    if not recognise(payload):
        raise FeedError("lists no systems with their status")
    parts = _systems(root)
    found = [_incident(incident) for key in ("incidents", "issues") for incident in root.items(key)]
    found += [_incident(maintenance, planned=True) for maintenance in root.items("scheduled")]
    running = worst_severity(incident.severity or IncidentSeverity.MINOR for incident in found if incident.open)
    return Page(
        incidents=unique_open_first(found),
        components=parts,
        severity=worst_severity([*(part.severity for part in parts), running]),
        name="Heroku",
        url=URL,
    )


def _systems(root: Item) -> tuple[FeedComponent, ...]:
    """The systems and their status: version 4 lists them, version 3 has a key for each."""
    if listed := root.items("status"):
        rows = [
            (system.string("system"), system.string("status").lower()) for system in listed if system.string("system")
        ]
    else:
        status = root.item("status")
        rows = [(name, word) for name in status.data if (word := status.string(name).lower()) in _COLOUR]
    return tuple(FeedComponent(line(name), _COLOUR.get(word)) for name, word in rows)


def _incident(incident: Item, *, planned: bool = False) -> ProviderIncident:
    if not incident.string("id"):
        raise FeedError("lists an incident without an id")
    rows = incident.items("updates")
    updates = newest_first(_update(update) for update in rows)
    over = (
        incident.string("state").lower() in ("resolved", "closed", "completed")
        or incident.time("resolved_at") is not None
    )
    words = [update.string(key).lower() for update in rows for key in ("status_prod", "status_dev")]
    colours = [_COLOUR[word] for word in words if word in _COLOUR]
    now = _state(incident, updates, over=over, planned=planned)
    listed = incident.names("systems") or tuple(name for update in rows for name in update.strings("affected_systems"))
    return ProviderIncident(
        provider="",
        id=incident.string("id"),
        title=incident.string("title"),
        state=now,
        severity=IncidentSeverity.MAINTENANCE if planned else worst_severity(colours) if colours else None,
        services=tuple(dict.fromkeys(listed)),
        regions=tuple(tag for tag in incident.strings("tags") if tag.lower() in _PLACES),
        started_at=_start(incident, updates, planned=planned),
        updated_at=max(filter(None, (updates[0].at if updates else None, incident.time("updated_at"))), default=None),
        resolved_at=incident.time("resolved_at") or (resolved_by(updates) if now is IncidentState.RESOLVED else None),
        updates=updates,
        url=safe_link(incident.string("full_url", "href")),
    )


def _state(incident: Item, updates: tuple[IncidentUpdate, ...], *, over: bool, planned: bool) -> IncidentState | None:
    """The state; the newest update takes precedence over `resolved: false`, which Heroku may not update."""
    stated = next((update.state for update in updates if update.state), None)
    if over or incident.raw("resolved") is True:
        return IncidentState.RESOLVED
    if planned and stated is None:
        return IncidentState.IN_PROGRESS if incident.string("state").lower() == "open" else IncidentState.SCHEDULED
    return stated or state_of(incident.string("state"))


def _start(incident: Item, updates: tuple[IncidentUpdate, ...], *, planned: bool) -> datetime | None:
    """When it starts. Maintenance starts as planned or at its first in-progress update, not when it was announced."""
    if not planned:
        return incident.time("created_at")
    running = (update.at for update in updates if update.state is IncidentState.IN_PROGRESS and update.at)
    return incident.time("scheduled_for") or min(running, default=None)


def _update(update: Item) -> IncidentUpdate:
    return IncidentUpdate(update.time("created_at"), state_of(update.string("update_type")), update.text("contents"))
