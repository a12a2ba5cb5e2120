"""The updates of one incident copied as text from a status page: AWS's dated lines, or Statuspage's with the date below.

AWS's lines may have no year; such an update keeps its text and its order but has no time.
"""

import re
from datetime import datetime
from itertools import zip_longest

from bot.detection.feeds.parsing.amazon import state_in_text
from bot.detection.feeds.parsing.dates import month_number, parse_zone, utc_time
from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    open_severity,
    regions_in,
    resolved_by,
    state_of,
    unique_open_first,
)
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.model import IncidentState, IncidentUpdate, ProviderIncident
from bot.net.plain_text import line, plain

_AWS = re.compile(r"^([A-Z][a-z]{2}) (\d{1,2}),? (?:(\d{4}),? )?(\d{1,2}):(\d{2}) ([AP]M) (P[SD]T) ", re.MULTILINE)
_STATED = re.compile(
    r"(Investigating|Identified|Monitoring|Update|Resolved|Scheduled|In progress|Verifying|Completed|Postmortem) [-–—] "
)
_DATE = re.compile(r"([A-Z][a-z]{2}) (\d{1,2}), (?:(\d{4}) - )?(\d{1,2}):(\d{2}) ([A-Z]{2,5})")


def recognise(payload: Payload) -> bool:
    """Accept text with at least one update of either kind."""
    text = "" if payload.is_json or payload.xml is not None else payload.text
    return bool(_AWS.search(text) or _dated_below(text)[1])


def parse(payload: Payload) -> Page:
    """Return one incident with all updates.

    Raises:
        FeedError: the text contains no dated update.
    """
    if not recognise(payload):
        raise FeedError("contains no dated updates")
    text = payload.text.replace("\r\n", "\n")
    found = _aws(text) if _AWS.search(text) else _statuspage(text)
    return Page(incidents=unique_open_first([found]), severity=open_severity([found]))


def _aws(text: str) -> ProviderIncident:
    marks = list(_AWS.finditer(text))
    updates = []
    for mark, after in zip_longest(marks, marks[1:]):
        body = plain(text[mark.end() : after.start() if after else len(text)].replace("[...]", ""))
        updates.append(IncidentUpdate(_aws_time(mark), state_in_text(body), body))
    dated = any(update.at for update in updates)
    return _incident("", newest_first(updates) if dated else tuple(updates), text)


def _aws_time(mark: re.Match[str]) -> datetime | None:
    number = month_number(mark[1])
    if not mark[3] or number is None:
        return None
    hour = int(mark[4]) % 12 + (12 if mark[6] == "PM" else 0)
    at = parse_zone(mark[7])
    return utc_time(int(mark[3]), number, int(mark[2]), hour, int(mark[5]), at=at) if at else None


def _statuspage(text: str) -> ProviderIncident:
    title, updates = _dated_below(text)
    return _incident(title, newest_first(updates), text)


def _dated_below(text: str) -> tuple[str, list[IncidentUpdate]]:
    """The title line, and the updates: each begins with a state and a dash and ends with a line that is a date."""
    title, word, lines, updates = "", "", [""], []
    for row in map(str.strip, text.split("\n")):
        if start := _STATED.match(row):
            word, lines = start[1], [row[start.end() :]]
        elif word and (date := _DATE.fullmatch(row)):
            updates.append(IncidentUpdate(_statuspage_time(date), state_of(word), plain("\n".join(lines))))
            word, lines = "", []
        elif word:
            lines.append(row)
        elif row and not updates and not title:
            title = line(row)
    return title, updates


def _statuspage_time(date: re.Match[str]) -> datetime | None:
    number, at = month_number(date[1]), parse_zone(date[6])
    if not date[3] or number is None or at is None:
        return None
    return utc_time(int(date[3]), number, int(date[2]), int(date[4]), int(date[5]), at=at)


def _incident(title: str, updates: tuple[IncidentUpdate, ...], text: str) -> ProviderIncident:
    now = next((update.state for update in updates if update.state), None)
    oldest = updates[-1] if updates else None
    name = title or line(oldest.text.split(". ")[0] if oldest else "")
    return ProviderIncident(
        provider="",
        id=re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80] or "posts",
        title=name,
        state=now,
        regions=regions_in(text),
        started_at=min((update.at for update in updates if update.at), default=None),
        updated_at=last_change(updates),
        resolved_at=resolved_by(updates) if now is IncidentState.RESOLVED else None,
        updates=updates,
    )
