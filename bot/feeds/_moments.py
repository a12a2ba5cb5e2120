"""The ways in which feeds write a moment -> UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

# The names that AWS, Google and Microsoft sign their times with; RFC 2822 reads the American ones wrong where it is
# followed to the letter, and knows no others.
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "UT": 0, "BST": 60, "CET": 60, "CEST": 120, "IST": 330, "JST": 540,
    "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
}  # fmt: skip
_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905 - names read best as words
_RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*"
    r"([A-Za-z]{1,5}|[+-]\d{2}:?\d{2})?"
)
_FRACTION = re.compile(r"(\.\d{6})\d+")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def moment(value: object) -> datetime | None:
    """A moment in UTC from ISO 8601, RFC 822 with a zone's name, or seconds or milliseconds since 1970; else None.

    A time without a zone is taken for UTC: the feeds that write one so (Cachet, Graph) run on UTC by default.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _since_epoch(float(value))
    if not isinstance(value, str):
        return None
    text = value.strip()
    if re.fullmatch(r"\d{9,13}(\.\d+)?", text):
        return _since_epoch(float(text))
    return _plausible(_iso(text) or _rfc822(text))


def zone(name: str) -> timezone | None:
    """An offset written as a name or as +02:00; None for one that is not known."""
    name = name.upper()
    if name in _ZONES:
        return timezone(timedelta(minutes=_ZONES[name]))
    match = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", name)
    if not match or int(match[2]) > 14 or int(match[3]) > 59:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))


def month(name: str) -> int | None:
    """The number of a month written as a word."""
    return _MONTHS.get(name[:3].lower())


def utc(*numbers: int, at: tzinfo = UTC) -> datetime | None:
    """Year, month, day, hour, minute and perhaps second at some place as a moment, None where they make none."""
    year, month_, day, hour, minute, second = (*numbers, 0)[:6]
    try:
        return _plausible(datetime(year, month_, day, hour, minute, second, tzinfo=at).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _since_epoch(number: float) -> datetime | None:
    seconds = number / 1000 if abs(number) > 1e11 else number
    if not 0 < seconds < 7.3e9:  # NaN fails here too
        return None
    return _plausible(datetime.fromtimestamp(seconds, UTC))


def _iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _rfc822(text: str) -> datetime | None:
    match = _RFC822.match(text)
    at = zone(match[7] or "UTC") if match else None
    number = month(match[2]) if match else None
    if not match or at is None or number is None:
        return None
    return utc(int(match[3]), number, int(match[1]), int(match[4]), int(match[5]), int(match[6] or 0), at=at)


def _plausible(found: datetime | None) -> datetime | None:
    return found if found and _EARLIEST < found < _LATEST else None
