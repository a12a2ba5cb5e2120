"""AWS Health for accounts that have it: what DescribeEvents answers, and the events that EventBridge delivers.

https://docs.aws.amazon.com/health/latest/APIReference/API_Event.html. The API has no field for the severity: it is known where
the description says `Current severity level`, and a scheduled change is maintenance.
"""

import re
from datetime import datetime, timedelta
from itertools import zip_longest

from bot.detection.feeds.parsing.amazon import next_at, said_in_prose
from bot.detection.feeds.parsing.page import Page, newest_first, open_severity, settled
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
    """A list of `events` with ARNs, details of them, EventBridge's envelope (one or a list), or what is in it."""
    root = payload.root
    if _is_bridged(root) or _is_bridged(payload.head) or _is_detail(root):
        return True
    events = root.items("events")
    return bool(events and "eventTypeCode" in events[0]) or isinstance(root.raw("successfulSet"), list)


def _is_bridged(one: Item) -> bool:
    return one.word("source") == "aws.health" or "AWS Health" in one.word("detail-type")


def _is_detail(one: Item) -> bool:
    """What EventBridge wraps, handed on without its envelope; or one event of the API."""
    return "eventTypeCode" in one and bool(one.word("eventArn", "arn"))


def parse(payload: Payload) -> Page:
    """Every event, with its description where there is one.

    Raises:
        FeedError: it is none of these.
    """
    root = payload.root
    if _is_bridged(payload.head):
        found = [_event(_bridged(one)) for one in payload.listed()]
    elif root.item("detail").word("eventArn", "eventTypeCode"):
        found = [_event(_bridged(root))]
    elif _is_detail(root):
        found = [_event(_bridged(Item({"detail": root.data})) if "eventArn" in root else root)]
    elif isinstance(root.raw("events"), list):
        found = [_event(one) for one in root.items("events")]
    elif isinstance(root.raw("successfulSet"), list):
        found = [_event(_detailed(one)) for one in root.items("successfulSet")]
    else:
        raise FeedError("lists no events of AWS Health")
    return Page(incidents=settled(found), severity=open_severity(found), name="Amazon Web Services")


def _bridged(root: Item) -> Item:
    """EventBridge's names -> the API's."""
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


def _detailed(one: Item) -> Item:
    return Item({**one.item("event").data, "description": one.item("eventDescription").raw("latestDescription")})


def _event(one: Item) -> ProviderIncident:
    arn, code = one.word("arn"), one.word("eventTypeCode")
    if not arn:
        raise FeedError("lists an event without an ARN")
    planned = one.word("eventTypeCategory") in _PLANNED
    text, changed = one.text("description"), one.moment("lastUpdatedTime", "startTime")
    updates = _updates(text, one.moment("startTime"), changed, planned=planned)
    now = _state(one, updates, planned=planned)
    region = one.word("region")
    ends = one.moment("endTime")
    return ProviderIncident(
        provider="",
        id=arn,
        title=code.removeprefix("AWS_").replace("_", " ").capitalize() or one.word("service"),
        state=now,
        severity=IncidentSeverity.MAINTENANCE if planned else _severity(text),
        services=tuple(filter(None, (one.word("service"),))),
        regions=(region,) if region else (),
        started_at=one.moment("startTime"),
        updated_at=changed,
        resolved_at=(ends or changed) if now is IncidentState.RESOLVED else None,
        updates=updates,
        ends_at=ends if planned else None,
    )


def _state(one: Item, updates: tuple[IncidentUpdate, ...], *, planned: bool) -> IncidentState | None:
    word = one.word("statusCode")
    if word in _STATE:
        return _STATE[word]
    if planned:
        return IncidentState.IN_PROGRESS if word == "open" else IncidentState.SCHEDULED
    if not word and one.moment("endTime"):
        return IncidentState.RESOLVED
    return next((update.state for update in updates if update.state), None)


def _severity(text: str) -> IncidentSeverity | None:
    match = _LEVEL.search(text)
    return next((grade for word, grade in _LEVELS.items() if match and match[1].lower().startswith(word)), None)


def _updates(
    text: str, start: datetime | None, changed: datetime | None, *, planned: bool
) -> tuple[IncidentUpdate, ...]:
    """A description is one text: whole, or as AWS adds to it, paragraphs that begin with a clock's time in brackets."""
    marks = list(_STAMP.finditer(text))
    if planned or not marks or start is None:
        return (IncidentUpdate(changed, None if planned else said_in_prose(text), text),) if text else ()
    found, at = [], start - timedelta(hours=2)
    for mark, after in zip_longest(marks, marks[1:]):
        said = next_at(mark[1], at)
        at = said or at
        words = text[mark.end() : after.start() if after else len(text)].strip()
        found.append(IncidentUpdate(said, said_in_prose(words), words))
    return newest_first(found)
