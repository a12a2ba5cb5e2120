"""AWS's public health page: the current events, in UTF-16 of either byte order. An empty list means no events.

Status codes of an event and of each service in it: 0 normal, 1 informational, 2 degradation, 3 disruption. Times are seconds
since 1970; times of single services are milliseconds. Events may stay open for months.
"""

import re

from bot.detection.feeds.parsing.amazon import SEVERITY, state_in_text, title_says_resolved, without_tags
from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    open_severity,
    regions_in,
    unique_open_first,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

URL = "https://health.aws.amazon.com/health/status"


def recognise(payload: Payload) -> bool:
    """Accept a list of events with AWS Health ARNs or event logs."""
    return (
        payload.head.string("arn").startswith("arn:aws")
        or {"event_log", "service", "status"} <= payload.head.data.keys()
    )


def parse(payload: Payload) -> Page:
    """Return every event, with the names of the services that are or were affected.

    Raises:
        FeedError: the payload is not a list of events.
    """
    found = [_event(event) for event in payload.object_list()]
    return Page(incidents=unique_open_first(found), severity=open_severity(found), name="Amazon Web Services", url=URL)


def _event(event: Item) -> ProviderIncident:
    if not event.string("arn") and (not event.string("service") or event.time("date") is None):
        raise FeedError("lists an event that has neither an ARN nor a service and a date")
    updates = newest_first(_update(entry) for entry in event.items("event_log"))
    code, summary = event.number("status"), event.text("summary")
    over = code == 0 or title_says_resolved(summary) or bool(updates and updates[0].state is IncidentState.RESOLVED)
    newest = last_change(updates)
    return ProviderIncident(
        provider="",
        id=event.string("arn") or f"{event.string('service')}_{event.string('date')}",
        title=without_tags(summary) or event.string("service_name"),
        state=IncidentState.RESOLVED if over else next((u.state for u in updates if u.state), None),
        severity=_severity(event, code),
        services=_services(event),
        regions=_regions(event),
        started_at=event.time("date"),
        updated_at=newest or event.time("date"),
        resolved_at=newest if over else None,
        updates=updates,
        url=URL,
    )


def _update(entry: Item) -> IncidentUpdate:
    over = entry.number("status") == 0 or title_says_resolved(entry.text("summary"))
    text = entry.text("message")
    return IncidentUpdate(entry.time("timestamp"), IncidentState.RESOLVED if over else state_in_text(text), text)


def _severity(event: Item, code: int | None) -> IncidentSeverity | None:
    """The event's current code; for a resolved event, the worst code that it ever had."""
    if code:
        return SEVERITY.get(code)
    codes = [entry.number("status") or 0 for entry in event.items("event_log")]
    codes += [
        Item(part).number("max") or 0
        for part in event.item("impacted_services").data.values()
        if isinstance(part, dict)
    ]
    return SEVERITY.get(max(codes, default=0))


def _services(event: Item) -> tuple[str, ...]:
    parts = (Item(part) for part in event.item("impacted_services").data.values() if isinstance(part, dict))
    names = [name for part in parts if (name := part.string("service_name"))]
    own = event.string("service_name")
    if own and own.lower() != "multiple services":
        names.insert(0, own)
    return tuple(dict.fromkeys(names))


def _regions(event: Item) -> tuple[str, ...]:
    """The ARN's region; else the region at the end of the service's short name (`ec2-us-east-1`)."""
    match = re.match(r"arn:aws[a-z-]*:health:([a-z0-9-]+):", event.string("arn"))
    return (match[1],) if match else regions_in(event.string("service").replace("-", " ", 1))
