"""The events that AWS's public health page lists now, UTF-16 in either byte order; an empty list is all there is to say.

Status codes, of an event and of each service in it: 0 normal, 1 informational, 2 degradation, 3 disruption. Moments are
seconds since 1970, those of single services milliseconds. Events may stay open for months.
"""

import re

from bot.detection.feeds.parsing.amazon import SEVERITY, cleared, said_in_prose, without_tags
from bot.detection.feeds.parsing.page import Page, last_change, newest_first, open_severity, regions, settled
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

URL = "https://health.aws.amazon.com/health/status"


def recognise(payload: Payload) -> bool:
    """A list of events with ARNs of AWS Health, or with its event logs."""
    return (
        payload.head.word("arn").startswith("arn:aws") or {"event_log", "service", "status"} <= payload.head.data.keys()
    )


def parse(payload: Payload) -> Page:
    """Every event, with the names of the services that are or were touched.

    Raises:
        FeedError: it is not a list of events.
    """
    found = [_event(one) for one in payload.listed()]
    return Page(incidents=settled(found), severity=open_severity(found), name="Amazon Web Services", url=URL)


def _event(one: Item) -> ProviderIncident:
    if not one.word("arn") and (not one.word("service") or one.moment("date") is None):
        raise FeedError("lists an event without an ARN, and without a service and a date")
    updates = newest_first(_update(entry) for entry in one.items("event_log"))
    code, summary = one.number("status"), one.text("summary")
    over = code == 0 or cleared(summary) or bool(updates and updates[0].state is IncidentState.RESOLVED)
    newest = last_change(updates)
    return ProviderIncident(
        provider="",
        id=one.word("arn") or f"{one.word('service')}_{one.word('date')}",
        title=without_tags(summary) or one.word("service_name"),
        state=IncidentState.RESOLVED if over else next((u.state for u in updates if u.state), None),
        severity=_severity(one, code),
        services=_services(one),
        regions=_regions(one),
        started_at=one.moment("date"),
        updated_at=newest or one.moment("date"),
        resolved_at=newest if over else None,
        updates=updates,
        url=URL,
    )


def _update(entry: Item) -> IncidentUpdate:
    over = entry.number("status") == 0 or cleared(entry.text("summary"))
    text = entry.text("message")
    return IncidentUpdate(entry.moment("timestamp"), IncidentState.RESOLVED if over else said_in_prose(text), text)


def _severity(one: Item, code: int | None) -> IncidentSeverity | None:
    """Its own code; of one that is over, the worst that it ever had."""
    if code:
        return SEVERITY.get(code)
    codes = [entry.number("status") or 0 for entry in one.items("event_log")]
    codes += [
        Item(part).number("max") or 0 for part in one.item("impacted_services").data.values() if isinstance(part, dict)
    ]
    return SEVERITY.get(max(codes, default=0))


def _services(one: Item) -> tuple[str, ...]:
    parts = (Item(part) for part in one.item("impacted_services").data.values() if isinstance(part, dict))
    names = [name for part in parts if (name := part.word("service_name"))]
    own = one.word("service_name")
    if own and own.lower() != "multiple services":
        names.insert(0, own)
    return tuple(dict.fromkeys(names))


def _regions(one: Item) -> tuple[str, ...]:
    """The ARN's region; else the one at the end of the service's short name (`ec2-us-east-1`)."""
    match = re.match(r"arn:aws[a-z-]*:health:([a-z0-9-]+):", one.word("arn"))
    return (match[1],) if match else regions(one.word("service").replace("-", " ", 1))
