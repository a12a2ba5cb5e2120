"""Recognises planned maintenance in a feed's entry, and reads from its words when it is to begin and to end."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import urlsplit

from bot.detection.feeds.parsing.dates import month_number, parse_time, parse_zone, utc_time
from bot.detection.feeds.parsing.prose import state_in_prose
from bot.model import IncidentState

Window = tuple[datetime | None, datetime | None]

_WORD = (
    r"maintenances?|wartung|mantenimiento|manuten[çc][ãa]o|manutenzione|onderhoud|メンテナンス|保守作業|計画停止|维护"
)
_IN_TITLE = re.compile(_WORD, re.IGNORECASE)
_BEGINS = re.compile(
    rf"^\W*(?:[^\W\d]+\W+){{0,2}}?[^\W\d]*(?:{_WORD})|^\W*(?:scheduled|planned|upcoming)\s*(?:[:–—\]-]|event|work|upgrade|change)",
    re.IGNORECASE,
)
_TROUBLE = re.compile(
    r"\b(?:outages?|errors?|issues?|incidents?|fail\w*|degrad\w+|disrupt\w+|down|cannot|can't|unable|unavailab\w+|elevated|unreachable|problems?|slow"
    r"|\w*störung\w*|ausf[aä]ll\w*|panne|falla|falha|interrup\w+)\b|障害|不具合|エラー",
    re.IGNORECASE,
)
_SAYS_PLANNED = re.compile(
    r"\b(?:scheduled|planned|emergency|geplante?)\b|(?:maintenance|wartung)\w*\s*[:(–-]", re.IGNORECASE
)
_LOOKED_INTO = (IncidentState.INVESTIGATING, IncidentState.IDENTIFIED)
_CAUSED = re.compile(
    r"\b(?:after|following|during|due to|caused by|because of|nach|während|wegen|durch|après|tras|após)\s+(?:\w+\s+){0,3}?\w*"
    rf"(?:{_WORD})|(?:{_WORD})(?:後|に伴う|の影響|による)|(?:{_WORD})\s+(?:causing|caused|causes)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^\W*(?:(?:this (?:is|was) )?a scheduled event\b|this (?:is|was) a scheduled event\b|scheduled (?:for|from|start|time)\b"
    r"|(?:[\w-]+\s+){0,2}?(?:scheduled|planned|routine|emergency) maintenance\b"
    r"|we(?:'ll| will| are| plan| have) (?:[\w-]+\s+){0,3}?(?:perform|conduct|carry|do|schedul|plan|hav)\w*\s+"
    r"(?:[\w-]+\s+){0,5}?maintenance\b"
    r"|(?:[\w-]+\s+){1,6}?will (?:be )?(?:undergo\w*|under|down for)\s+(?:[\w-]+\s+){0,3}?maintenance\b"
    r"|(?:wir|am|im)\b[^.\n]{0,80}wartung|geplante \w*wartung|[^.。\n]{0,60}メンテナンスを(?:実施|行))",
    re.IGNORECASE,
)
_PATH = re.compile(r"/(?:scheduled[-_]?)?maintenances?(?:/|$)|/scheduled(?:[-_]events?)?/", re.IGNORECASE)
_CLOCK = r"(\d{1,2}):(\d{2})\s*(?:([ap])\.?m\.?)?"
_DATE = r"([^\W\d_]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?"
_SPAN = re.compile(
    rf"scheduled(?: event| for| from| on)?\s+{_DATE},?\s+(?:at\s+|from\s+|between\s+)?{_CLOCK}"
    rf"\s*(?:-|–|—|to|until|and|bis)\s*(?:{_DATE},?\s+(?:at\s+)?)?{_CLOCK}\s*([A-Z]{{1,5}}\b|[+-]\d{{2}}:?\d{{2}})?",
    re.IGNORECASE,
)
_DAY = r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日(?:[(\uff08]\w[)\uff09])?"
_NUMBERS = re.compile(
    rf"({_DAY})[\s,T]*(?:um |von |from |at |between )?\s*(\d{{1,2}}:\d{{2}})(?:\s*Uhr)?"
    rf"(?:\s*(?:-|–|—|~|\uff5e|〜|to|until|and|bis|から)\s*)"
    rf"(?:({_DAY})[\s,T]*)?(\d{{1,2}}:\d{{2}})(?:\s*Uhr)?\s*\(?([A-Z]{{2,5}}\b|[+-]\d{{2}}:?\d{{2}})?",
    re.IGNORECASE,
)
_START = re.compile(
    r"(?:^|[\s(,;.])(?:start(?:s|ing)?(?: time| date)?|begins?|beginn|from|von|début|inicio|início|開始(?:日時|予定)?)\s*[:\uff1a]\s*",
    re.IGNORECASE,
)
_END = re.compile(
    r"(?:^|[\s(,;.])(?:(?:estimated )?end(?:s|ing)?(?: time| date)?|ende|until|bis|fin|fim|終了(?:日時|予定)?)\s*[:\uff1a]\s*",
    re.IGNORECASE,
)
# Two full moments: `from 30 Nov 2026 02:00 UTC to 30 Nov 2026 04:00 UTC`, `2026-11-30T02:00:00Z - 2026-11-30T04:00:00Z`.
_BETWEEN = re.compile(
    r"(?:\b(?:from|between|von|window:?|zeitfenster:?)\s+|(?=\d{4}-\d{2}-\d{2}T))([^\n;]{10,40}?)\s+(?:to|until|and|bis|-|–|—)\s+"
    r"([^\n;]{10,40}?)(?=[.,;)\n]|\s*$)",
    re.IGNORECASE,
)
_LONGEST = 60
"""Characters after a label in which its moment is looked for."""


def announces_maintenance(title: str, text: str, link: str = "", categories: tuple[str, ...] = ()) -> bool:
    """Whether an entry reports planned maintenance, and not of trouble that came with it.

    Args:
        title: the entry's title.
        text: its body without markup.
        link: its address: pages keep maintenance under `/maintenance/`.
        categories: its categories.
    """
    if _PATH.search(_path(link)) or any(_IN_TITLE.fullmatch(word.strip()) for word in categories):
        return True
    if _CAUSED.search(title):
        return False
    if _IN_TITLE.search(title) and not _TROUBLE.search(title):
        return True
    begins = _BEGINS.search(title)
    if begins and not _TROUBLE.search(begins[0]):
        # `Maintenance API returns errors` - "We are investigating" announces nothing; `Maintenance, short outage` does.
        return not (_TROUBLE.search(title) and (not text or state_in_prose(text) in _LOOKED_INTO)) or bool(
            _SAYS_PLANNED.search(title)
        )
    return not _TROUBLE.search(title) and bool(_OPENING.search(text))


def planned_window(text: str, near: datetime | None, own: tzinfo | None = None) -> Window:
    """When a maintenance is to begin and to end (UTC), as its text says; None for what it does not say.

    Reads `Scheduled for May 31, 2026 from 09:30 to 10:00 UTC`, `THIS IS A SCHEDULED EVENT Jul 3, 22:00 - Jul 4, 02:00 UTC`, and
    labels (`Start: 22.08.2026 02:00 UTC. End: ...`), two full moments, and dates in numbers (`2026-07-03 between 03:00 and 05:30 UTC`).

    Args:
        text: without markup.
        near: a moment close to it, for dates without a year.
        own: the zone of moments that name none; UTC by default.
    """
    if match := _SPAN.search(text):
        zone = parse_zone(match[13]) if match[13] else own or UTC
        if zone is not None:
            return _span(match, near, zone)
    if match := _NUMBERS.search(text):
        zone = parse_zone(match[5]) if match[5] else own or UTC
        if zone is not None:
            return _numbered_span(match, zone)
    if match := _BETWEEN.search(text[:4_000]):
        begun, over = parse_time(match[1]), parse_time(match[2])
        if begun and over and over > begun:
            return begun, over
    start, end = _labelled(_START, text), _labelled(_END, text)
    return (start, end if end and (start is None or end > start) else None)


def _span(match: re.Match[str], near: datetime | None, zone: tzinfo) -> Window:
    day, clock, other, until = match.group(1, 2, 3), match.group(4, 5, 6), match.group(7, 8, 9), match.group(10, 11, 12)
    start = _moment(day, clock if clock[2] else (*clock[:2], until[2]), near, zone)
    end = _moment((*other[:2], other[2] or day[2]) if other[0] else day, until, start or near, zone)
    if start and end and end <= start and not other[0]:
        end += timedelta(days=1)
    return start, end


def _numbered_span(match: re.Match[str], zone: tzinfo) -> Window:
    start, end = (
        _in_zone(f"{day} {clock}", zone) for day, clock in ((match[1], match[2]), (match[3] or match[1], match[4]))
    )
    if start and end and end <= start and not match[3]:
        end += timedelta(days=1)
    return start, end


def _in_zone(text: str, zone: tzinfo) -> datetime | None:
    """A moment without a zone, in this one, as UTC."""
    found = parse_time(text)
    return found and found.replace(tzinfo=zone).astimezone(UTC)


def _moment(
    day: tuple[str | None, ...], clock: tuple[str | None, ...], near: datetime | None, zone: tzinfo
) -> datetime | None:
    """A day (month, day, year or None) and a clock (hour, minute, half or None) as UTC, in the year next to `near`."""
    number, hour = month_number(day[0] or ""), int(clock[0] or 0)
    if clock[2]:
        hour = hour % 12 + 12 * (clock[2].lower() == "p")
    if number is None or (near is None and not day[2]):
        return None
    years = (int(day[2]),) if day[2] else (near.year - 1, near.year, near.year + 1) if near else ()
    times = [utc_time(year, number, int(day[1] or 0), hour, int(clock[1] or 0), at=zone) for year in years]
    return min(
        (time for time in times if time), key=lambda time: abs(time - near) if near else timedelta(), default=None
    )


def _labelled(label: re.Pattern[str], text: str) -> datetime | None:
    """The moment after a label: the longest run of words that is one."""
    for match in label.finditer(text[:4_000]):
        words = text[match.end() : match.end() + _LONGEST].split("\n", maxsplit=1)[0].split()
        for most in range(min(len(words), 8), 0, -1):
            if found := parse_time(" ".join(words[:most]).rstrip(".,;)。")):
                return found
    return None


def _path(link: str) -> str:
    try:
        return urlsplit(link).path
    except ValueError:
        return ""
