"""Reads an incident's updates and components from the HTML of a feed entry: dated paragraphs, dated lines, lists.

Statuspage and Instatus write `<small>Nov 24, 09:05 UTC</small><br><strong>Resolved</strong> - text` for each update, newest
first and without a year; incident.io ends with a list of affected components; x.ai puts full dates on lines of their own.
"""

import re
from datetime import datetime, timedelta
from itertools import zip_longest

from bot.detection.feeds.parsing.dates import LONGEST, month_number, parse_time, parse_zone, utc_time
from bot.detection.feeds.parsing.page import newest_first, state_of
from bot.model import IncidentUpdate
from bot.net.plain_text import line, plain

# Each part stops at the next tag, so that a feed of unclosed tags takes linear time.
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
"""Lines of an entry that are tried as a date, at most."""
_LONGEST = 200_000
"""Characters of an entry's HTML that are read."""


def dated_paragraphs(body: str, published: datetime | None, updated: datetime | None) -> tuple[IncidentUpdate, ...]:
    """Return an update for every dated paragraph, newest first; empty if the body has no such paragraphs.

    A time without a year falls in the year that puts it closest to the entry's publication, and never after the entry's last
    change. An update with an unknown zone or without a date has no time.
    """
    body = _VAR.sub("", body[:_LONGEST])
    marks = list(_PARAGRAPH.finditer(body))
    found = []
    for mark, after in zip_longest(marks, marks[1:]):
        text = plain(body[mark.end() : after.start() if after else len(body)])
        found.append(IncidentUpdate(_at(mark, published or updated, updated), state_of(mark[7]), text))
    return newest_first(found) or _undated(body, updated or published)


def _undated(body: str, changed: datetime | None) -> tuple[IncidentUpdate, ...]:
    """Updates from undated paragraphs that begin with a state in bold: the first one has the time of the entry's last change."""
    marks = list(_UNDATED.finditer(body))
    found: list[IncidentUpdate] = []
    for mark, after in zip_longest(marks, marks[1:]):
        text = plain(body[mark.end() : after.start() if after else len(body)])
        found.append(IncidentUpdate(None if found else changed, state_of(mark[1]), text))
    return newest_first(found)


def _at(mark: re.Match[str], near: datetime | None, last: datetime | None) -> datetime | None:
    number, zone = month_number(mark[1]), parse_zone(mark[6])
    if number is None or zone is None:
        return None
    day, hour, minute = int(mark[2]), int(mark[4]), int(mark[5])
    if mark[3]:
        return utc_time(int(mark[3]), number, day, hour, minute, at=zone)
    if near is None:
        return None
    latest = (last or near + timedelta(days=30)) + timedelta(hours=26)
    times = (utc_time(year, number, day, hour, minute, at=zone) for year in (near.year - 1, near.year, near.year + 1))
    return min((time for time in times if time and time <= latest), key=lambda time: abs(time - near), default=None)


def affected_components(text: str) -> tuple[str, ...]:
    """Return the components listed in plain text below `Affected components`, without their status in brackets."""
    lines = text.split("\n")
    start = next((number for number, row in enumerate(lines, 1) if _COMPONENTS.match(row)), len(lines))
    names = []
    for row in lines[start:]:
        match = _COMPONENT.fullmatch(row)
        if not match:
            break
        names.append(line(match[1]))
    return tuple(dict.fromkeys(filter(None, names)))


def dated_lines(text: str) -> tuple[IncidentUpdate, ...]:
    """Return updates from plain text, each below a line that is a full date, newest first; empty if there is no such line."""
    found: list[tuple[datetime, list[str]]] = []
    tried = 0
    for row in text.split("\n"):
        may_be_date = tried < _TRIED and 14 <= len(row) <= LONGEST and _CLOCK.search(row) is not None
        tried += may_be_date
        at = parse_time(row) if may_be_date else None
        if at:
            found.append((at, []))
        elif found:
            found[-1][1].append(row)
    return newest_first(_update(at, lines) for at, lines in found)


def _update(at: datetime, lines: list[str]) -> IncidentUpdate:
    """An update from its lines; the first line may be its state alone."""
    stated = state_of(lines[0]) if lines else None
    headed = stated is not None or (bool(lines) and lines[0].lower() in ("update", "updated"))
    return IncidentUpdate(at, stated, "\n".join(lines[1:] if headed and len(lines) > 1 else lines))
