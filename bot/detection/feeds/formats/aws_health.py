"""AWS Health of an account: the response of DescribeEvents, and the events that EventBridge delivers.

https://docs.aws.amazon.com/health/latest/APIReference/API_Event.html. The API has no severity field: the severity is read from
`Current severity level` in the description, and a scheduled change counts as maintenance.
"""

import re
from datetime import datetime, timedelta
from itertools import zip_longest

from bot.detection.feeds.parsing.amazon import next_time_at, state_in_text
from bot.detection.feeds.parsing.page import Page, newest_first, open_severity, unique_open_first
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_PLANNED = ("scheduledChange", "plannedChange")
_STAMP = re.compile(r"^\[(\d{1,2}:\d{2} [AP]M P[SD]T)\]\s*", re.MULTILINE)
_LEVEL = re.compile(r"^current severity level\s*:\s*([a-z ]{2,40})", re.MULTILINE | re.IGNORECASE)
_LEVELS = {
    "operating normally": IncidentSeverity.NONE,
    "informational": IncidentSeverity.MINOR,
    "degrad": IncidentSeverity.MAJOR,
    "impact": IncidentSeverity.MAJOR,
    "disrupt": IncidentSeverity.CRITICAL,
}
_STATE = {"closed": IncidentState.RESOLVED, "upcoming": IncidentState.SCHEDULED}


def recognise(payload: Payload) -> bool:
    """Accept `events` with ARNs, event details, EventBridge events (one or a list), or their `detail` alone."""
    root = payload.root
    if _is_eventbridge(root) or _is_eventbridge(payload.head) or _is_detail(root):
        return True
    events = root.items("events")
    return bool(events and "eventTypeCode" in events[0]) or isinstance(root.raw("successfulSet"), list)


def _is_eventbridge(event: Item) -> bool:
    return event.string("source") == "aws.health" or "AWS Health" in event.string("detail-type")


def _is_detail(event: Item) -> bool:
    """Whether this is the `detail` of an EventBridge event, or one event of the API."""
    return "eventTypeCode" in event and bool(event.string("eventArn", "arn"))


def parse(payload: Payload) -> Page:
    """Return every event, with its description where there is one.

    Raises:
        FeedError: the payload has none of these shapes.
    """
    root = payload.root
    if _is_eventbridge(payload.head):
        found = [_event(_unwrapped(event)) for event in payload.object_list()]
    elif root.item("detail").string("eventArn", "eventTypeCode"):
        found = [_event(_unwrapped(root))]
    elif _is_detail(root):
        found = [_event(_unwrapped(Item({"detail": root.data})) if "eventArn" in root else root)]
    elif isinstance(root.raw("events"), list):
        found = [_event(event) for event in root.items("events")]
    elif isinstance(root.raw("successfulSet"), list):
        found = [_event(_detailed(event)) for event in root.items("successfulSet")]
    else:
        raise FeedError("contains no AWS Health events")
    return Page(incidents=unique_open_first(found), severity=open_severity(found), name="Amazon Web Services")


def _unwrapped(root: Item) -> Item:
    """An EventBridge event with the API's field names."""
    detail = root.item("detail")
    texts = detail.items("eventDescription") or (detail.item("eventDescription"),)
    return Item(
        {
            **detail.data,
            "arn": detail.raw("eventArn"),
            "region": detail.raw("eventRegion") or root.raw("region"),
            "description": texts[0].raw("latestDescription"),
            "lastUpdatedTime": detail.raw("lastUpdatedTime") or root.raw("time"),
        }
    )


def _detailed(event: Item) -> Item:
    return Item({**event.item("event").data, "description": event.item("eventDescription").raw("latestDescription")})


def _event(event: Item) -> ProviderIncident:
    arn, code = event.string("arn"), event.string("eventTypeCode")
    if not arn:
        raise FeedError("lists an event without an ARN")
    planned = event.string("eventTypeCategory") in _PLANNED
    text, changed = event.text("description"), event.time("lastUpdatedTime", "startTime")
    updates = _updates(text, event.time("startTime"), changed, planned=planned)
    now = _state(event, updates, planned=planned)
    region = event.string("region")
    ends = event.time("endTime")
    return ProviderIncident(
        provider="",
        id=arn,
        title=code.removeprefix("AWS_").replace("_", " ").capitalize() or event.string("service"),
        state=now,
        severity=IncidentSeverity.MAINTENANCE if planned else _severity(text),
        services=tuple(name for name in (event.string("service"),) if name and name != "MULTIPLE_SERVICES"),
        regions=(region,) if region else (),
        started_at=event.time("startTime"),
        updated_at=changed,
        resolved_at=(ends or changed) if now is IncidentState.RESOLVED else None,
        updates=updates,
        ends_at=ends if planned else None,
    )


def _state(event: Item, updates: tuple[IncidentUpdate, ...], *, planned: bool) -> IncidentState | None:
    word = event.string("statusCode")
    if word in _STATE:
        return _STATE[word]
    if planned:
        return IncidentState.IN_PROGRESS if word == "open" else IncidentState.SCHEDULED
    if not word and event.time("endTime"):
        return IncidentState.RESOLVED
    return next((update.state for update in updates if update.state), None)


def _severity(text: str) -> IncidentSeverity | None:
    match = _LEVEL.search(text)
    return next((grade for word, grade in _LEVELS.items() if match and match[1].lower().startswith(word)), None)


def _updates(
    text: str, start: datetime | None, changed: datetime | None, *, planned: bool
) -> tuple[IncidentUpdate, ...]:
    """Split a description into updates: AWS appends paragraphs that begin with a time in brackets, `[11:18 AM PDT]`."""
    marks = list(_STAMP.finditer(text))
    if planned or not marks or start is None:
        return (IncidentUpdate(changed, None if planned else state_in_text(text), text),) if text else ()
    found, at = [], start - timedelta(hours=2)
    for mark, after in zip_longest(marks, marks[1:]):
        time = next_time_at(mark[1], at)
        at = time or at
        words = text[mark.end() : after.start() if after else len(text)].strip()
        found.append(IncidentUpdate(time, state_in_text(words), words))
    return newest_first(found)
