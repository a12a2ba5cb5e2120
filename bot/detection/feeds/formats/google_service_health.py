"""Personalized Service Health of Google Cloud: the events that concern a project or organisation.

https://cloud.google.com/service-health/docs/reference/rest/v1/projects.locations.events. The API has no severity field. An event
that does not affect the project is left out: Google's public page has it.
"""

from collections.abc import Iterable

from bot.detection.feeds.parsing.page import Page, newest_first, open_severity, unique_open_first
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentState, IncidentUpdate, ProviderIncident

_STATE = {
    "EMERGING": IncidentState.INVESTIGATING,
    "CONFIRMED": IncidentState.IDENTIFIED,
    "RESOLVED": IncidentState.RESOLVED,
    "MERGED": IncidentState.RESOLVED,
    "AUTO_CLOSED": IncidentState.RESOLVED,
    "FALSE_POSITIVE": IncidentState.RESOLVED,
}


def recognise(payload: Payload) -> bool:
    """Accept `events` or `organizationEvents` whose first entry has impacts or a detailed state."""
    events = _events(payload.root)
    return bool(events) and ("eventImpacts" in events[0] or "detailedState" in events[0])


def _events(root: Item) -> tuple[Item, ...]:
    return (*root.items("events"), *root.items("organizationEvents"))


def parse(payload: Payload) -> Page:
    """Return every event that concerns the project, newest update first.

    Raises:
        FeedError: the payload lists no events, or one without a name.
    """
    root = payload.root
    if not any(isinstance(root.raw(name), list) for name in ("events", "organizationEvents")):
        raise FeedError("contains no events of Personalized Service Health")
    found = [_event(event) for event in _events(root) if event.string("relevance") != "NOT_IMPACTED"]
    return Page(incidents=unique_open_first(found), severity=open_severity(found), name="Google Cloud")


def _event(event: Item) -> ProviderIncident:
    if not event.string("name"):
        raise FeedError("lists an event without a name")
    impacts = event.items("eventImpacts")
    state = IncidentState.RESOLVED if event.string("state") == "CLOSED" else _STATE.get(event.string("detailedState"))
    return ProviderIncident(
        provider="",
        id=event.string("name"),
        title=event.string("title"),
        state=state,
        severity=None,
        services=_distinct(impact.item("product").string("productName") for impact in impacts),
        regions=_distinct(impact.item("location").string("locationName") for impact in impacts),
        started_at=event.time("startTime"),
        updated_at=event.time("updateTime"),
        resolved_at=event.time("endTime", "updateTime") if state is IncidentState.RESOLVED else None,
        updates=newest_first(_update(update) for update in event.items("updates")),
    )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _update(update: Item) -> IncidentUpdate:
    text = "\n\n".join(filter(None, (update.text(key) for key in ("description", "symptom", "workaround"))))
    return IncidentUpdate(update.time("updateTime"), None, text)
