"""AWS Health for accounts that have it: what DescribeEvents answers, and the events that EventBridge delivers.

https://docs.aws.amazon.com/health/latest/APIReference/API_Event.html. The API says no severity, so none is made up, save
that a scheduled change is maintenance.
"""

from bot.feeds._amazon import said_in_prose
from bot.feeds._page import Page, open_severity, settled
from bot.feeds._payload import FeedError, Item, Payload
from bot.ports import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_PLANNED = ("scheduledChange", "plannedChange")
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
    now = _state(one, text, planned=planned)
    region = one.word("region")
    ends = one.moment("endTime")
    return ProviderIncident(
        provider="",
        id=arn,
        title=code.removeprefix("AWS_").replace("_", " ").capitalize() or one.word("service"),
        state=now,
        severity=IncidentSeverity.MAINTENANCE if planned else None,
        services=tuple(filter(None, (one.word("service"),))),
        regions=(region,) if region else (),
        started_at=one.moment("startTime"),
        updated_at=changed,
        resolved_at=(ends or changed) if now is IncidentState.RESOLVED else None,
        updates=(IncidentUpdate(changed, None if planned else said_in_prose(text), text),) if text else (),
        ends_at=ends if planned else None,
    )


def _state(one: Item, text: str, *, planned: bool) -> IncidentState | None:
    word = one.word("statusCode")
    if word in _STATE:
        return _STATE[word]
    if planned:
        return IncidentState.IN_PROGRESS if word == "open" else IncidentState.SCHEDULED
    if not word and one.moment("endTime"):
        return IncidentState.RESOLVED
    return said_in_prose(text)
