"""Heroku's status API: colours by system and incidents with updates; blue is maintenance.

`resolved` of an incident is not to be relied on: the state and the moment are asked first.
"""

from bot.feeds._page import Page, address, newest_first, settled, state, worst
from bot.feeds._payload import FeedError, Item, Payload
from bot.ports import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_COLOUR = {
    "green": IncidentSeverity.NONE,
    "blue": IncidentSeverity.MAINTENANCE,
    "yellow": IncidentSeverity.MAJOR,
    "red": IncidentSeverity.CRITICAL,
}


def recognise(payload: Payload) -> bool:
    """A list of systems with colours, beside `incidents` and `scheduled`."""
    systems = payload.root.items("status")
    return bool(systems) and "system" in systems[0] and isinstance(payload.root.raw("incidents"), list)


def parse(payload: Payload) -> Page:
    """Incidents and what is scheduled.

    Raises:
        FeedError: it has not this shape.
    """
    if not recognise(payload):
        raise FeedError("has no systems with their status")
    root = payload.root
    parts = tuple(
        FeedComponent(one.word("system"), _COLOUR.get(one.word("status").lower())) for one in root.items("status")
    )
    found = [_incident(one, planned=False) for one in root.items("incidents")]
    found += [_incident(one, planned=True) for one in root.items("scheduled")]
    running = worst(one.severity or IncidentSeverity.MINOR for one in found if one.open)
    return Page(
        incidents=settled(found),
        components=parts,
        severity=worst([*(one.severity for one in parts), running]),
        name="Heroku",
        url="https://status.heroku.com",
    )


def _incident(one: Item, *, planned: bool) -> ProviderIncident:
    if not one.word("id"):
        raise FeedError("lists an incident without an id")
    updates = newest_first(_update(update) for update in one.items("updates"))
    over = one.word("state").lower() in ("resolved", "closed") or one.moment("resolved_at") is not None
    colours = [
        colour
        for update in one.items("updates")
        for key in ("status_prod", "status_dev")
        if (colour := _colour(update, key))
    ]
    return ProviderIncident(
        provider="",
        id=one.word("id"),
        title=one.word("title"),
        state=_state(one, updates, over=over, planned=planned),
        severity=IncidentSeverity.MAINTENANCE if planned else worst(colours) if colours else None,
        services=tuple(
            dict.fromkeys(name for update in one.items("updates") for name in update.words("affected_systems"))
        ),
        started_at=one.moment("scheduled_for", "created_at"),
        updated_at=one.moment("updated_at")
        if not updates
        else max(filter(None, (updates[0].at, one.moment("updated_at"))), default=None),
        resolved_at=one.moment("resolved_at"),
        updates=updates,
        url=address(one.word("full_url", "href")),
    )


def _state(one: Item, updates: tuple[IncidentUpdate, ...], *, over: bool, planned: bool) -> IncidentState | None:
    if over:
        return IncidentState.RESOLVED
    if planned:
        return IncidentState.IN_PROGRESS if one.word("state").lower() == "open" else IncidentState.SCHEDULED
    return next((update.state for update in updates if update.state), None)


def _colour(update: Item, key: str) -> IncidentSeverity | None:
    return _COLOUR.get(update.word(key).lower())


def _update(one: Item) -> IncidentUpdate:
    return IncidentUpdate(one.moment("created_at"), state(one.word("update_type")), one.text("contents"))
