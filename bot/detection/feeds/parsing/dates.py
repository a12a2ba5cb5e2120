"""The ways in which feeds write a moment -> UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

# The names that AWS, Google, Microsoft and self-hosted pages sign their times with; RFC 2822 reads the American ones wrong
# where it is followed to the letter, and knows no others.
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "UT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180,
    "MSK": 180, "IST": 330, "SGT": 480, "HKT": 480, "AWST": 480, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660,
    "NZST": 720, "NZDT": 780, "BRT": -180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600,
}  # fmt: skip
_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905 - names read best as words
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
_ZONE = r"(?P<zone>(?:GMT|UTC)\s?[+-]\d{1,2}(?::?\d{2})?|[+-]\d{2}(?::?\d{2})?|[A-Za-z]{1,5})?"
_AT = rf"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?\s*{_ZONE}"
_DAY = r"(?:[A-Za-z]{3,9}\.?,?\s+)?"
_WRITTEN = tuple(
    re.compile(pattern + r"(?:\s*\(?[A-Za-z .]{2,40}\)?)?")  # Go and JavaScript sign with the zone's name a second time
    for pattern in (
        rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?:[Tt\s]\s*{_CLOCK}{_AT})?",
        rf"(?P<year>\d{{4}})/(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})(?:\s+{_CLOCK}{_AT})?",
        rf"{_DAY}(?P<day>\d{{1,2}})[\s-](?P<month>[A-Za-z]{{3,9}})\.?,?[\s-](?P<year>\d{{4}}|\d{{2}}),?\s+{_CLOCK}{_AT}",
        (
            rf"{_DAY}(?P<month>[A-Za-z]{{3,9}})\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}),?\s+"
            rf"(?:(?:-|–|at)\s+)?{_CLOCK}{_AT}"
        ),
        rf"{_DAY}(?P<month>[A-Za-z]{{3}})\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+(?P<zone>[A-Z]{{1,5}}\s+)?(?P<year>\d{{4}})",
    )
)
_DOTNET = re.compile(r"/Date\((-?\d{1,19})(?:[+-]\d{4})?\)/")
_NUMBER = re.compile(r"[0-9]{9,19}(?:\.[0-9]{1,9})?")
LONGEST = 80
"""No moment is written with more characters."""
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def parse_time(value: object) -> datetime | None:
    """A moment in UTC, None where there is none that can be: before 1990, after 2200, a zone that is not known.

    Read are ISO 8601 (also with a space, without seconds or zone, and as Go prints it), RFC 822 with a zone's name,
    `Nov 24, 2026 - 09:05 UTC`, and seconds, milli-, micro- or nanoseconds since 1970, also as text. A time without a zone is
    taken for UTC: the feeds that write one so (Cachet, Graph) run on UTC by default.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _since_epoch(value)
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    text = " ".join(value.split())
    if match := _DOTNET.fullmatch(text):
        return _since_epoch(int(match[1]))
    if _NUMBER.fullmatch(text):
        return _since_epoch(float(text))
    return _iso(text) or _written(text)


def parse_zone(name: str) -> timezone | None:
    """An offset written as a name, as +02:00 or as GMT+2; None for one that is not known."""
    name = name.strip().upper()
    if name in _ZONES:
        return timezone(timedelta(minutes=_ZONES[name]))
    match = re.fullmatch(r"(?:GMT|UTC)?\s?([+-])([0-9]{1,2})(?::?([0-9]{2}))?", name)
    if not match or int(match[2]) > 14 or int(match[3] or 0) > 59:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))


def month_number(name: str) -> int | None:
    """The number of a month written as a word."""
    return _MONTHS.get(name[:3].lower())


def utc_time(*numbers: int, at: tzinfo = UTC) -> datetime | None:
    """Year, month, day, hour, minute and perhaps second at some place as a moment, None where they make none."""
    year, month_, day, hour, minute, second = (*numbers, 0)[:6]
    try:
        return _plausible(datetime(year, month_, day, hour, minute, second, tzinfo=at).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _since_epoch(number: float) -> datetime | None:
    """Seconds; what would lie after the year 5000 is milli-, micro- or nanoseconds."""
    if not 0 < number < 1e19:  # NaN fails here too
        return None
    seconds = number / next(step for step in (1, 1e3, 1e6, 1e9) if number / step < 1e11)
    return _plausible(datetime.fromtimestamp(seconds, UTC)) if seconds < 7.3e9 else None


def _iso(text: str) -> datetime | None:
    """The common forms by the standard library, which is quickest."""
    try:
        found = datetime.fromisoformat(text)
        return _plausible((found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _written(text: str) -> datetime | None:
    match = next((one for pattern in _WRITTEN if (one := pattern.fullmatch(text))), None)
    if match is None:
        return None
    said = match.groupdict()
    word = said["month"]
    number = int(word) if word.isdigit() else month_number(word)
    at = parse_zone(said.get("zone") or "UTC")
    if number is None or at is None:
        return None
    year, hour = int(said["year"]) + (2000 if len(said["year"]) == 2 else 0), int(said["hour"] or 0)
    if half := said.get("half"):
        hour = hour % 12 + (12 if half in "Pp" else 0)
    minute, second = int(said["minute"] or 0), int(said["second"] or 0)
    made = utc_time(year, number, int(said["day"]), hour, minute, second, at=at)
    return made and made.replace(microsecond=int((said["part"] or "0").ljust(6, "0")[:6]))


def _plausible(found: datetime | None) -> datetime | None:
    return found if found and _EARLIEST < found < _LATEST else None
