"""Time intervals of routes: how much of a week they mute.

https://prometheus.io/docs/alerting/latest/configuration/#time_interval: every given field of an interval has to fit; days of the month
may be counted from its end; times are half-open and in UTC unless a location is given.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

_DAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS: Final = (
    *("", "january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_WEEK: Final = timedelta(days=7)
_SAMPLED, _STEP = timedelta(days=28), timedelta(minutes=30)
Span = tuple[int, int]


class IntervalError(ValueError):
    """An interval cannot be read."""


@dataclass(frozen=True, slots=True)
class TimeInterval:
    """One interval; an empty field fits always. Times are minutes of a day, weekdays begin with Sunday as 0."""

    times: tuple[Span, ...] = ()
    weekdays: tuple[Span, ...] = ()
    days_of_month: tuple[Span, ...] = ()
    months: tuple[Span, ...] = ()
    years: tuple[Span, ...] = ()
    zone: str = "UTC"

    def holds(self, at: datetime) -> bool:
        """Whether a moment is in it."""
        here = at.astimezone(UTC if self.zone == "UTC" else ZoneInfo(self.zone))
        minute = here.hour * 60 + here.minute
        if self.times and not any(start <= minute < end for start, end in self.times):
            return False
        if self.days_of_month and not any(_in_month(here, span) for span in self.days_of_month):
            return False
        fields = ((self.weekdays, here.isoweekday() % 7), (self.months, here.month), (self.years, here.year))
        return all(not spans or any(first <= value <= last for first, last in spans) for spans, value in fields)


def _in_month(here: datetime, span: Span) -> bool:
    length = monthrange(here.year, here.month)[1]
    first, last = (day if day > 0 else length + day + 1 for day in span)
    return max(first, 1) <= here.day <= min(last, length)


def quiet_hours(muted: Sequence[TimeInterval], active: Sequence[TimeInterval], now: datetime) -> float:
    """Hours of a week in which intervals mute, by the 28 days from now in steps of 30 min. Takes milliseconds.

    `active`: where there are any, everything outside them is muted.
    """
    if not muted and not active:
        return 0.0
    steps = int(_SAMPLED / _STEP)
    moments = (now + _STEP * step for step in range(steps))
    quiet = sum(
        any(interval.holds(at) for interval in muted) or (bool(active) and not any(i.holds(at) for i in active))
        for at in moments
    )
    return round(quiet / steps * (_WEEK / timedelta(hours=1)), 1)


def read_intervals(listed: Any) -> dict[str, tuple[TimeInterval, ...]]:
    """The named intervals of a configuration (`time_intervals`, or the older `mute_time_intervals`).

    Raises:
        IntervalError: one cannot be read.
    """
    found: dict[str, tuple[TimeInterval, ...]] = {}
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping):
            intervals = entry.get("time_intervals") or ()
            found[str(entry.get("name", ""))] = tuple(map(_interval, intervals))
    return found


def _interval(body: Any) -> TimeInterval:
    if not isinstance(body, Mapping):
        raise IntervalError("a time interval is not a mapping")
    try:
        zone = str(body.get("location") or "UTC")
        ZoneInfo(zone)
        return TimeInterval(
            times=tuple(_times(body.get("times"))),
            weekdays=tuple(_spans(body.get("weekdays"), _DAYS)),
            days_of_month=tuple(_spans(body.get("days_of_month"), ())),
            months=tuple(_spans(body.get("months"), _MONTHS)),
            years=tuple(_spans(body.get("years"), ())),
            zone=zone,
        )
    except (KeyError, ValueError, AttributeError, TypeError, OSError):
        raise IntervalError("a time interval has an unexpected form") from None


def _times(rows: Any) -> Iterator[Span]:
    for row in rows or ():
        yield _minute(str(row["start_time"])), _minute(str(row["end_time"]))


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _spans(rows: Any, names: Sequence[str]) -> Iterator[Span]:
    for row in rows or ():
        first, colon, last = str(row).strip().lower().partition(":")
        start = _number(first, names)
        yield start, _number(last, names) if colon else start


def _number(text: str, names: Sequence[str]) -> int:
    return names.index(text.strip()) if text.strip() in names else int(text)
