"""Parses times in every form that feeds use, into UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Time zone names on pages of AWS, Google, Microsoft and self-hosted pages, in minutes from UTC. RFC 2822 defines the American
# ones only.
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "UT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120,
    "EET": 120, "EEST": 180, "MSK": 180, "TRT": 180, "IDT": 180, "WAT": 60, "SAST": 120, "CAT": 120, "EAT": 180, "GST": 240,
    "PKT": 300, "IST": 330, "NPT": 345, "ICT": 420, "WIB": 420, "SGT": 480, "HKT": 480, "AWST": 480, "PHT": 480, "MYT": 480,
    "JST": 540, "KST": 540, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "BRT": -180,
    "ART": -180, "CLST": -180, "UYT": -180, "CLT": -240, "COT": -300, "PET": -300, "AST": -240, "ADT": -180, "NST": -210,
    "NDT": -150, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "AKST": -540, "AKDT": -480, "HST": -600,
}  # fmt: skip
# English, German, French, Spanish, Portuguese and Italian, by as many letters as tell them apart.
_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan jän gen ene", "feb fév fev", "mar mär mrz", "apr avr abr", "may mai mag", "jun juin giu", "jul juil lug",
            "aug aoû aou ago", "sep set", "oct okt ott out", "nov", "dec dez déc dic",
        ), 1,
    )
    for word in words.split()
}  # fmt: skip
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
_ZONE = r"\(?(?P<zone>(?:GMT|UTC)\s?[+-]\d{1,2}(?::?\d{2})?|[+-]\d{2}(?::?\d{2})?|[A-Z][a-z]+/[A-Za-z_]{2,20}|[A-Za-z]{1,5})?\)?"
_AT = rf"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?(?:\s*Uhr)?\s*{_ZONE}"
_DAY = r"(?:[A-Za-z]{3,9}\.?,?\s+)?"
_WRITTEN = tuple(
    re.compile(pattern + r"(?:\s*\(?[A-Za-z .]{2,40}\)?)?")  # Go and JavaScript repeat the zone's name
    for pattern in (
        rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?:[Tt\s]\s*{_CLOCK}{_AT})?",
        rf"(?P<year>\d{{4}})/(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})(?:\s+{_CLOCK}{_AT})?",
        rf"{_DAY}(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}}),?(?:\s+(?:um\s+)?{_CLOCK}{_AT})?",
        rf"(?P<year>\d{{4}})年(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日(?:\s*[(\uff08]\w[)\uff09])?(?:\s*{_CLOCK}{_AT})?",
        rf"{_DAY}(?P<day>\d{{1,2}})\.?[\s-](?P<month>[^\W\d_]{{3,9}})\.?,?[\s-](?P<year>\d{{4}}|\d{{2}}),?\s+{_CLOCK}{_AT}",
        (
            rf"{_DAY}(?P<month>[^\W\d_]{{3,9}})\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}),?\s+"
            rf"(?:(?:-|–|at)\s+)?{_CLOCK}{_AT}"
        ),
        rf"{_DAY}(?P<month>[A-Za-z]{{3}})\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+(?P<zone>[A-Z]{{1,5}}\s+)?(?P<year>\d{{4}})",
    )
)
_DOTNET = re.compile(r"/Date\((-?\d{1,19})(?:[+-]\d{4})?\)/")
_NUMBER = re.compile(r"[0-9]{9,19}(?:\.[0-9]{1,9})?")
LONGEST = 80
"""Longest text, in characters, that is tried as a time."""
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def parse_time(value: object) -> datetime | None:
    """Parse a time into UTC; None if it is not a time, before 1990, after 2200, or in an unknown zone.

    Supports ISO 8601 (also with a space, without seconds or zone, and as Go prints it), RFC 822 with a zone name,
    `Nov 24, 2026 - 09:05 UTC`, and seconds, milli-, micro- or nanoseconds since 1970, also as text. A time without a zone is
    UTC, which is the default of the feeds that omit it (Cachet, Graph).
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


def parse_zone(name: str) -> tzinfo | None:
    """Parse a zone's name or offset (`PDT`, `+02:00`, `GMT+2`, `Europe/Berlin`); None if it is unknown."""
    name = name.strip()
    if "/" in name:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None
    name = name.upper()
    if name in _ZONES:
        return timezone(timedelta(minutes=_ZONES[name]))
    match = re.fullmatch(r"(?:GMT|UTC)?\s?([+-])([0-9]{1,2})(?::?([0-9]{2}))?", name)
    if not match or int(match[2]) > 14 or int(match[3] or 0) > 59:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))


def own_zone(text: str) -> tzinfo | None:
    """The zone that a time is written in (`... 10:00:00 -0700`, `...T10:00:00Z`); None if it states none."""
    match = re.search(r"\d{2}(?:[.,]\d+)?\s*(Z|[+-]\d{2}:?\d{2}|[A-Z]{2,5})$", text.strip())
    return parse_zone(match[1]) if match else None


def month_number(name: str) -> int | None:
    """The number of a month by its name or its beginning, in six European languages; None if it is unknown."""
    low = name.lower()
    return _MONTHS.get(low[:4]) or _MONTHS.get(low[:3])


def utc_time(*numbers: int, at: tzinfo = UTC) -> datetime | None:
    """Year, month, day, hour, minute and optionally second in the zone `at`, as UTC; None if there is no such time."""
    year, month_, day, hour, minute, second = (*numbers, 0)[:6]
    try:
        return _plausible(datetime(year, month_, day, hour, minute, second, tzinfo=at).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _since_epoch(number: float) -> datetime | None:
    """Seconds since 1970; a number beyond the year 5000 is milli-, micro- or nanoseconds."""
    if not 0 < number < 1e19:  # NaN fails here too
        return None
    seconds = number / next(step for step in (1, 1e3, 1e6, 1e9) if number / step < 1e11)
    return _plausible(datetime.fromtimestamp(seconds, UTC)) if seconds < 7.3e9 else None


def _iso(text: str) -> datetime | None:
    """The common ISO 8601 forms, by the standard library, which is fastest."""
    try:
        found = datetime.fromisoformat(text)
        return _plausible((found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _written(text: str) -> datetime | None:
    match = next((found for pattern in _WRITTEN if (found := pattern.fullmatch(text))), None)
    if match is None:
        return None
    fields = match.groupdict()
    month = fields["month"]
    number = int(month) if month.isdigit() else month_number(month)
    zone = parse_zone(fields.get("zone") or "UTC")
    if number is None or zone is None:
        return None
    year, hour = int(fields["year"]) + (2000 if len(fields["year"]) == 2 else 0), int(fields["hour"] or 0)
    if half := fields.get("half"):
        hour = hour % 12 + (12 if half in "Pp" else 0)
    minute, second = int(fields["minute"] or 0), int(fields["second"] or 0)
    time = utc_time(year, number, int(fields["day"]), hour, minute, second, at=zone)
    return time and time.replace(microsecond=int((fields["part"] or "0").ljust(6, "0")[:6]))


def _plausible(found: datetime | None) -> datetime | None:
    return found if found and _EARLIEST < found < _LATEST else None
