"""data.json of the AWS status page until 2022, as mirrors keep it: current events and an archive."""

import re
from datetime import datetime, timedelta
from itertools import zip_longest

from bot.detection.feeds.parsing.amazon import (
    SEVERITY,
    next_time_at,
    state_in_text,
    text_says_resolved,
    title_says_resolved,
    without_tags,
)
from bot.detection.feeds.parsing.page import Page, newest_first, open_severity, unique_open_first
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentState, IncidentUpdate, ProviderIncident
from bot.net.plain_text import plain

URL = "https://status.aws.amazon.com/"
_STAMP = re.compile(r'<span class="?yellowfg"?>\s*([^<]{0,60}?)\s*</span>')
_LONGEST = 200_000
_REGION = re.compile(r"-((?:us-gov|[a-z]{2})-[a-z]+-\d)$")


def recognise(payload: Payload) -> bool:
    """Accept an object with the lists `current` and `archive`."""
    root = payload.root
    return isinstance(root.raw("archive"), list) and isinstance(root.raw("current"), list)


def parse(payload: Payload) -> Page:
    """Return the events of both lists; archived events are resolved.

    Raises:
        FeedError: one of the lists is missing.
    """
    if not recognise(payload):
        raise FeedError("has no `current` and `archive` lists of events")
    found = [_event(event, archived=False) for event in payload.root.items("current")]
    found += [_event(event, archived=True) for event in payload.root.items("archive")]
    return Page(incidents=unique_open_first(found), severity=open_severity(found), name="Amazon Web Services", url=URL)


def _event(event: Item, *, archived: bool) -> ProviderIncident:
    start = event.time("date")
    if start is None or not event.string("service"):
        raise FeedError("lists an event without a service or a date")
    updates = _updates(event, start)
    ended = archived or title_says_resolved(event.text("summary")) or event.number("status") == 0
    region = _REGION.search(event.string("service"))
    newest = updates[0] if updates else None
    name = re.sub(r"\s*\([^()]*\)$", "", event.string("service_name"))
    return ProviderIncident(
        provider="",
        id=f"{event.string('service')}_{event.string('date')}",
        title=without_tags(event.text("summary")),
        state=IncidentState.RESOLVED if ended else newest.state if newest else None,
        severity=SEVERITY.get(event.number("status") or -1),
        services=() if event.string("service").startswith("multipleservices") else (name,),
        regions=(region[1],) if region else (),
        started_at=start,
        updated_at=newest.at if newest else start,
        resolved_at=newest.at if newest and ended and text_says_resolved(newest.text) else None,
        updates=updates,
        url=URL,
    )


def _updates(event: Item, start: datetime) -> tuple[IncidentUpdate, ...]:
    """Split the description, one block of HTML, into updates: a time, then a text, oldest first."""
    written = event.raw("description")
    found, at = [], start - timedelta(minutes=90)
    text = written[:_LONGEST] if isinstance(written, str) else ""
    marks = list(_STAMP.finditer(text))
    for mark, after in zip_longest(marks, marks[1:]):
        time = next_time_at(mark[1], at)
        at = time or at
        words = plain(text[mark.end() : after.start() if after else len(text)])
        found.append(IncidentUpdate(time, state_in_text(words), words))
    return newest_first(found)
