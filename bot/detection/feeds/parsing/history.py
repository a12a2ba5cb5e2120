"""The history of an incident as pages write it into the HTML of a feed: dated paragraphs, components, dated lines.

Statuspage and Instatus write `<small>Nov 24, 09:05 UTC</small><br><strong>Resolved</strong> - text` for every update, the
newest first and without a year; incident.io ends with a list of affected components; x.ai writes whole dates on lines of
their own.
"""

import re
from datetime import datetime, timedelta
from itertools import zip_longest

from bot.detection.feeds.parsing.dates import LONGEST, month_number, parse_time, parse_zone, utc_time
from bot.detection.feeds.parsing.page import newest_first, state_of
from bot.model import IncidentUpdate
from bot.net.plain_text import line, plain

# Each part stops at the next tag, so that a feed without an end of any costs no more than its length.
_PARAGRAPH = re.compile(
    r"<small>\s*([A-Za-z]{3})[a-z]{0,7}\.?\s+(\d{1,2}),\s*(?:(\d{4})[,\s-]*)?(\d{1,2}):(\d{2})(?::\d{2})?\s*([A-Z]{1,5}(?:[+-]\d{1,2})?)\s*"
    r"</small>\s*(?:<br\s*/?>\s*)?<strong>\s*([^<]{0,40}?)\s*</strong>\s*(?:[-–—]\s*)?",
    re.IGNORECASE,
)
_UNDATED = re.compile(
    r"<strong>\s*(investigating|identified|monitoring|update|resolved|scheduled|in progress|verifying|completed|postmortem)"
    r"\s*</strong>\s*[-–—]\s*",
    re.IGNORECASE,
)
_VAR = re.compile(r"</?var\b[^<>]{0,200}>")
_COMPONENTS = re.compile(r"^affected components:?$", re.IGNORECASE)
_COMPONENT = re.compile(r"[-*•]?\s*(.{1,150}?)(?:\s*\((?:[A-Za-z_ ]{2,30})\))?")
_CLOCK = re.compile(r"[0-9]:[0-9]{2}")
_TRIED = 600
"""Lines of one entry that are tried as a date."""
_LONGEST = 200_000
"""Characters of one entry's HTML that are looked at."""


def dated_paragraphs(body: str, published: datetime | None, updated: datetime | None) -> tuple[IncidentUpdate, ...]:
    """Every dated paragraph, newest first; none where the body is written in another way.

    A time without a year lies in the year that brings it nearest to when the entry was published, and never after the
    entry's last change. A zone that is not known leaves the update without a time, as does a paragraph without one.
    """
    body = _VAR.sub("", body[:_LONGEST])
    marks = list(_PARAGRAPH.finditer(body))
    found = []
    for mark, after in zip_longest(marks, marks[1:]):
        text = plain(body[mark.end() : after.start() if after else len(body)])
        found.append(IncidentUpdate(_at(mark, published or updated, updated), state_of(mark[7]), text))
    return newest_first(found) or _undated(body, updated or published)


def _undated(body: str, changed: datetime | None) -> tuple[IncidentUpdate, ...]:
    """Paragraphs that begin with a word in bold and have no time: the first is the entry's last change, the newest."""
    marks = list(_UNDATED.finditer(body))
    found: list[IncidentUpdate] = []
    for mark, after in zip_longest(marks, marks[1:]):
        text = plain(body[mark.end() : after.start() if after else len(body)])
        found.append(IncidentUpdate(None if found else changed, state_of(mark[1]), text))
    return newest_first(found)


def _at(mark: re.Match[str], near: datetime | None, last: datetime | None) -> datetime | None:
    number, at = month_number(mark[1]), parse_zone(mark[6])
    if number is None or at is None:
        return None
    day, hour, minute = int(mark[2]), int(mark[4]), int(mark[5])
    if mark[3]:
        return utc_time(int(mark[3]), number, day, hour, minute, at=at)
    if near is None:
        return None
    latest = (last or near + timedelta(days=30)) + timedelta(hours=26)
    years = (utc_time(year, number, day, hour, minute, at=at) for year in (near.year - 1, near.year, near.year + 1))
    return min((one for one in years if one and one <= latest), key=lambda one: abs(one - near), default=None)


def affected_components(text: str) -> tuple[str, ...]:
    """What stands in plain text below `Affected components`, a line each, without the status in brackets."""
    lines = text.split("\n")
    start = next((n for n, one in enumerate(lines, 1) if _COMPONENTS.match(one)), len(lines))
    found = []
    for one in lines[start:]:
        match = _COMPONENT.fullmatch(one)
        if not match:
            break
        found.append(line(match[1]))
    return tuple(dict.fromkeys(filter(None, found)))


def dated_lines(text: str) -> tuple[IncidentUpdate, ...]:
    """Updates in plain text that begin with a line that is a whole date, newest first; none where there is no such line."""
    found: list[tuple[datetime, list[str]]] = []
    tried = 0
    for one in text.split("\n"):
        looks = tried < _TRIED and 14 <= len(one) <= LONGEST and _CLOCK.search(one) is not None
        tried += looks
        at = parse_time(one) if looks else None
        if at:
            found.append((at, []))
        elif found:
            found[-1][1].append(one)
    return newest_first(_update(at, lines) for at, lines in found)


def _update(at: datetime, lines: list[str]) -> IncidentUpdate:
    """The first line may be no more than how far it is."""
    stated = state_of(lines[0]) if lines else None
    headed = stated is not None or (bool(lines) and lines[0].lower() in ("update", "updated"))
    return IncidentUpdate(at, stated, "\n".join(lines[1:] if headed and len(lines) > 1 else lines))
