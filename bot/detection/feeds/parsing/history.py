"""Reads an incident's updates and components from the HTML of a feed entry: dated paragraphs, dated lines, lists.

Statuspage and Instatus write `<small>Nov 24, 09:05 UTC</small><br><strong>Resolved</strong> - text` for each update, newest
first and without a year; incident.io ends with a list of affected components; x.ai puts full dates on lines of their own.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise, zip_longest

from bot.detection.feeds.parsing.dates import LONGEST, month_number, parse_time, parse_zone, utc_time
from bot.detection.feeds.parsing.page import newest_first
from bot.detection.feeds.parsing.status_words import state_of
from bot.model import IncidentUpdate
from bot.net.plain_text import line, plain

# Each part stops at the next tag, so that a feed of unclosed tags takes linear time.
_MONTH = r"[^\W\d_]{3,10}\.?"
_PARAGRAPH = re.compile(
    rf"<small>\s*(?:(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})|(?P<day2>\d{{1,2}})\.?\s+(?P<month2>{_MONTH})"
    r"|(?P<month3>\d{1,2})月\s*(?P<day3>\d{1,2})日)"
    r",?\s*(?:(?P<year>\d{4})[,\s-]*)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?\s*"
    r"\(?(?P<zone>[A-Z]{1,5}(?:[+-]\d{1,2}(?::?\d{2})?)?|[+-]\d{1,2}(?::?\d{2})?|[A-Z][a-z]{2,9}/[A-Za-z_]{2,20})?\)?\s*"
    r"</small>\s*(?:<br\s*/?>\s*)?<strong>\s*(?P<state>[^<]{0,40}?)\s*</strong>\s*(?:[-–—:]\s*)?",
    re.IGNORECASE,
)
_HEADED = re.compile(r"<strong>\s*([^<]{2,25}?)\s*</strong>\s*[-–—:]\s*")
_NO_STATE = frozenset(
    {
        "update",
        "updated",
        "aktualisierung",
        "mise à jour",
        "actualización",
        "atualização",
        "更新",
        "続報",
        "アップデート",
    }
)
_VAR = re.compile(r"</?var\b[^<>]{0,200}>")
_COMPONENTS = re.compile(r"^affected components:?$", re.IGNORECASE)
_IN_LINE = re.compile(r"^affected components:\s*(\S.{0,2000})$", re.IGNORECASE)
_COMPONENT = re.compile(r"[-*•]?\s*(.{1,150}?)(?:\s*\((?:[A-Za-z_ ]{2,30})\))?")
_CLOCK = re.compile(r"[0-9]:[0-9]{2}")
_TRIED = 600
"""Lines of an entry that are tried as a date, at most."""
_LONGEST = 200_000
"""Characters of an entry's HTML that are read."""
_SAME = timedelta(minutes=5)
"""An entry is published within this time of one of its paragraphs; more is another zone."""


def dated_paragraphs(
    body: str, published: datetime | None, updated: datetime | None, own: tzinfo | None = None
) -> tuple[IncidentUpdate, ...]:
    """Return an update for every dated paragraph, newest first; empty if the body has no such paragraphs.

    The order is the page's own. A time without a year falls in the year that puts it closest to the entry's publication, and
    never after the entry's last change or the paragraph that follows it in time.

    Args:
        body: the entry's HTML.
        published: when the entry was published (UTC), which is when one of its paragraphs was written.
        updated: when it was changed last (UTC).
        own: the zone in which the entry itself gives its times. It counts where a paragraph names a zone that is unknown, or
            one by which none of the paragraphs was written when the entry was published: `PST` in summer.
    """
    body = _VAR.sub("", body[:_LONGEST])
    marks = list(_PARAGRAPH.finditer(body))
    if not marks:
        return _undated(body, updated or published)
    zones = _zones(marks, published, updated, own)
    times = _times(marks, zones, published, updated)
    found = []
    for mark, after, at in zip_longest(marks, marks[1:], times):
        text = plain(body[mark.end() : after.start() if after else len(body)])
        found.append(IncidentUpdate(at, state_of(mark["state"]), text))
    return tuple(dict.fromkeys(reversed(found) if _oldest_first(times) else found))


def _undated(body: str, changed: datetime | None) -> tuple[IncidentUpdate, ...]:
    """Updates from undated paragraphs that begin with a state in bold: the first one has the time of the entry's last change."""
    marks = [mark for mark in _HEADED.finditer(body) if state_of(mark[1]) or mark[1].lower() in _NO_STATE]
    found: list[IncidentUpdate] = []
    for mark, after in zip_longest(marks, marks[1:]):
        text = plain(body[mark.end() : after.start() if after else len(body)])
        found.append(IncidentUpdate(None if found else changed, state_of(mark[1]), text))
    return newest_first(found)


def _zones(
    marks: Sequence[re.Match[str]], published: datetime | None, updated: datetime | None, own: tzinfo | None
) -> list[tzinfo | None]:
    """The zone of each paragraph: as it says, unless the entry's own publication contradicts it."""
    said = [parse_zone(mark["zone"]) if mark["zone"] else own or UTC for mark in marks]
    if own is None:
        return said
    moments = [moment for moment in (published, updated) if moment]
    by_label, by_entry = (_distances(marks, zones, moments) for zones in (said, [own] * len(marks)))
    if not _contradicted(by_label, by_entry, own):
        return [zone or own for zone in said]
    nearest = min(by_entry)
    wrong = {mark["zone"] for mark, distance in zip(marks, by_entry, strict=True) if distance == nearest}
    return [own if mark["zone"] in wrong else zone or own for mark, zone in zip(marks, said, strict=True)]


def _contradicted(by_label: Sequence[timedelta], by_entry: Sequence[timedelta], own: tzinfo) -> bool:
    """Whether the zones that paragraphs name fit the entry's publication worse than its own zone.

    An entry is published with its newest paragraph, or keeps the time of its first one; paragraphs in between may meet that
    moment by accident.
    """
    for end in (0, -1):
        if min(by_label[end], by_entry[end]) <= _SAME:
            return by_entry[end] < by_label[end]
    return own.utcoffset(None) != timedelta() and min(by_entry) < min(by_label)


def _distances(
    marks: Sequence[re.Match[str]], zones: Sequence[tzinfo | None], moments: Sequence[datetime]
) -> list[timedelta]:
    """How far from the nearest of these moments each paragraph was written, if it is in this zone."""
    return [
        min((abs(at - moment) for moment in moments if (at := _at(mark, zone, moment))), default=timedelta.max)
        for mark, zone in zip(marks, zones, strict=True)
    ]


def _times(
    marks: Sequence[re.Match[str]], zones: Sequence[tzinfo | None], published: datetime | None, updated: datetime | None
) -> list[datetime | None]:
    near = published or updated
    # Instatus: a maintenance is `published` when it is to start, and `updated` when it was announced.
    changed = updated if near and updated and updated >= near else None
    latest = None if near is None else (changed or near + timedelta(days=30)) + timedelta(hours=26)
    times = [_at(mark, zone, near, latest) for mark, zone in zip(marks, zones, strict=True)]
    if _oldest_first(times):
        return times
    for number, mark in enumerate(marks[1:], 1):
        newer, at = times[number - 1], times[number]
        if newer and at and not mark["year"] and at > newer + timedelta(days=60):
            times[number] = _at(mark, zones[number], newer, newer + timedelta(hours=26))
    return times


def _oldest_first(times: Sequence[datetime | None]) -> bool:
    """Whether a page lists its updates from the oldest to the newest."""
    steps = [(before, after) for before, after in pairwise(times) if before and after and before != after]
    return bool(steps) and all(before < after for before, after in steps)


def _at(
    mark: re.Match[str], zone: tzinfo | None, near: datetime | None, latest: datetime | None = None
) -> datetime | None:
    """When a paragraph was written: in its year, else in the one that puts it closest to `near` and not after `latest`."""
    number = month_number(mark["month"] or mark["month2"] or "") or int(mark["month3"] or 0)
    if not number or zone is None:
        return None
    day, hour, minute = int(mark["day"] or mark["day2"] or mark["day3"]), int(mark["hour"]), int(mark["minute"])
    if mark["year"]:
        return utc_time(int(mark["year"]), number, day, hour, minute, at=zone)
    if near is None:
        return None
    times = (utc_time(year, number, day, hour, minute, at=zone) for year in (near.year - 1, near.year, near.year + 1))
    return min(
        (time for time in times if time and (latest is None or time <= latest)),
        key=lambda time: abs(time - near),
        default=None,
    )


def affected_components(text: str) -> tuple[str, ...]:
    """Return the components that plain text lists below or behind `Affected components`, without their status in brackets."""
    lines = text.split("\n")
    if match := next(filter(None, map(_IN_LINE.match, lines)), None):
        return tuple(dict.fromkeys(name for part in match[1].split(", ") if (name := line(part))))
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
