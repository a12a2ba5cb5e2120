"""data.json of the AWS status page as it was until 2022 and as mirrors keep it: what is on now and an archive."""

import re
from datetime import datetime, timedelta
from itertools import zip_longest

from bot.detection.feeds.parsing.amazon import SEVERITY, cleared, next_at, over, said_in_prose, without_tags
from bot.detection.feeds.parsing.page import Page, newest_first, open_severity, settled
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentState, IncidentUpdate, ProviderIncident
from bot.net.plain_text import plain

URL = "https://status.aws.amazon.com/"
_SAID = re.compile(r'<span class="?yellowfg"?>\s*([^<]{0,60}?)\s*</span>')
_LONGEST = 200_000
_REGION = re.compile(r"-((?:us-gov|[a-z]{2})-[a-z]+-\d)$")


def recognise(payload: Payload) -> bool:
    """The two lists `current` and `archive`."""
    root = payload.root
    return isinstance(root.raw("archive"), list) and isinstance(root.raw("current"), list)


def parse(payload: Payload) -> Page:
    """Events of both lists; those of the archive are over.

    Raises:
        FeedError: it has not these lists.
    """
    if not recognise(payload):
        raise FeedError("has no lists of current and archived events")
    found = [_event(one, archived=False) for one in payload.root.items("current")]
    found += [_event(one, archived=True) for one in payload.root.items("archive")]
    return Page(incidents=settled(found), severity=open_severity(found), name="Amazon Web Services", url=URL)


def _event(one: Item, *, archived: bool) -> ProviderIncident:
    start = one.moment("date")
    if start is None or not one.word("service"):
        raise FeedError("lists an event without a service or a date")
    updates = _updates(one, start)
    ended = archived or cleared(one.text("summary")) or one.number("status") == 0
    region = _REGION.search(one.word("service"))
    newest = updates[0] if updates else None
    return ProviderIncident(
        provider="",
        id=f"{one.word('service')}_{one.word('date')}",
        title=without_tags(one.text("summary")),
        state=IncidentState.RESOLVED if ended else newest.state if newest else None,
        severity=SEVERITY.get(one.number("status") or -1),
        services=(re.sub(r"\s*\([^()]*\)$", "", one.word("service_name")),),
        regions=(region[1],) if region else (),
        started_at=start,
        updated_at=newest.at if newest else start,
        resolved_at=newest.at if newest and ended and over(newest.text) else None,
        updates=updates,
        url=URL,
    )


def _updates(one: Item, start: datetime) -> tuple[IncidentUpdate, ...]:
    """The description is one block of HTML: a clock's time, then what was said. Each is later than the one before."""
    written = one.raw("description")
    found, at = [], start - timedelta(minutes=90)
    text = written[:_LONGEST] if isinstance(written, str) else ""
    marks = list(_SAID.finditer(text))
    for mark, after in zip_longest(marks, marks[1:]):
        said = next_at(mark[1], at)
        at = said or at
        words = plain(text[mark.end() : after.start() if after else len(text)])
        found.append(IncidentUpdate(said, said_in_prose(words), words))
    return newest_first(found)
