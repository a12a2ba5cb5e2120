"""Heroku's status API, version 3 and 4: what is on now, by system and colour, and the list of all incidents.

Yellow is `intermittent errors or partial impact`, red `major outage` (https://blog.heroku.com/new_heroku_status_site), blue
maintenance. `resolved` of an incident is not to be relied on: the state and the moment are asked first. `tags` are the parts
of the world (NA, EMEA, APAC) that stand for regions.
"""

from datetime import datetime

from bot.detection.feeds.parsing.page import (
    Page,
    address,
    newest_first,
    open_severity,
    resolved_by,
    settled,
    state,
    worst,
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
    """Systems with colours, beside incidents (version 3: issues); or a list of incidents with coloured updates."""
    root, head = payload.root, payload.head
    if isinstance(root.raw("incidents"), list) or isinstance(root.raw("issues"), list):
        return bool(_systems(root))
    return _coloured(head)


def _coloured(one: Item) -> bool:
    updates = one.items("updates")
    return "resolved" in one and bool(updates) and "update_type" in updates[0]


def parse(payload: Payload) -> Page:
    """Incidents and what is scheduled.

    Raises:
        FeedError: it has not this shape.
    """
    root = payload.root
    if _coloured(payload.head):
        found = [_incident(one) for one in payload.listed()]
        return Page(incidents=settled(found), severity=open_severity(found), name="Heroku", url=URL)
    if not recognise(payload):
        raise FeedError("has no systems with their status")
    parts = _systems(root)
    found = [_incident(one) for key in ("incidents", "issues") for one in root.items(key)]
    found += [_incident(one, planned=True) for one in root.items("scheduled")]
    running = worst(one.severity or IncidentSeverity.MINOR for one in found if one.open)
    return Page(
        incidents=settled(found),
        components=parts,
        severity=worst([*(one.severity for one in parts), running]),
        name="Heroku",
        url=URL,
    )


def _systems(root: Item) -> tuple[FeedComponent, ...]:
    """Version 4 lists them, version 3 has a key for each."""
    if listed := root.items("status"):
        rows = [(one.word("system"), one.word("status").lower()) for one in listed if one.word("system")]
    else:
        said = root.item("status")
        rows = [(name, word) for name in said.data if (word := said.word(name).lower()) in _COLOUR]
    return tuple(FeedComponent(line(name), _COLOUR.get(word)) for name, word in rows)


def _incident(one: Item, *, planned: bool = False) -> ProviderIncident:
    if not one.word("id"):
        raise FeedError("lists an incident without an id")
    said = one.items("updates")
    updates = newest_first(_update(update) for update in said)
    over = one.word("state").lower() in ("resolved", "closed", "completed") or one.moment("resolved_at") is not None
    words = [update.word(key).lower() for update in said for key in ("status_prod", "status_dev")]
    colours = [_COLOUR[word] for word in words if word in _COLOUR]
    now = _state(one, updates, over=over, planned=planned)
    listed = one.names("systems") or tuple(name for update in said for name in update.words("affected_systems"))
    return ProviderIncident(
        provider="",
        id=one.word("id"),
        title=one.word("title"),
        state=now,
        severity=IncidentSeverity.MAINTENANCE if planned else worst(colours) if colours else None,
        services=tuple(dict.fromkeys(listed)),
        regions=tuple(tag for tag in one.words("tags") if tag.lower() in _PLACES),
        started_at=_begun(one, updates, planned=planned),
        updated_at=max(filter(None, (updates[0].at if updates else None, one.moment("updated_at"))), default=None),
        resolved_at=one.moment("resolved_at") or (resolved_by(updates) if now is IncidentState.RESOLVED else None),
        updates=updates,
        url=address(one.word("full_url", "href")),
    )


def _state(one: Item, updates: tuple[IncidentUpdate, ...], *, over: bool, planned: bool) -> IncidentState | None:
    """What its newest update says holds over `resolved` false, which is left standing."""
    said = next((update.state for update in updates if update.state), None)
    if over or one.raw("resolved") is True:
        return IncidentState.RESOLVED
    if planned and said is None:
        return IncidentState.IN_PROGRESS if one.word("state").lower() == "open" else IncidentState.SCHEDULED
    return said or state(one.word("state"))


def _begun(one: Item, updates: tuple[IncidentUpdate, ...], *, planned: bool) -> datetime | None:
    """When a maintenance begins is said by its plan or by the update that it is under way, not by when it was announced."""
    if not planned:
        return one.moment("created_at")
    running = (update.at for update in updates if update.state is IncidentState.IN_PROGRESS and update.at)
    return one.moment("scheduled_for") or min(running, default=None)


def _update(one: Item) -> IncidentUpdate:
    return IncidentUpdate(one.moment("created_at"), state(one.word("update_type")), one.text("contents"))
