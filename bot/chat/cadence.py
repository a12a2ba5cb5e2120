"""Parses days and times as people type them: `monday 09:00`, `weekdays 8:30`, or a cron expression."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from bot.chat.command import UsageError

EXPECTED = "Examples: monday 09:00, weekdays 8:30, daily 17:00"
_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_NAMES = dict(zip(_DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))
_GROUPS = {"daily": "*", "everyday": "*", "day": "*", "*": "*", "weekdays": "MON-FRI", "mon-fri": "MON-FRI"}
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?")
_SIMPLE = re.compile(r"(\d{1,2}) (\d{1,2}) \* \* ([A-Z*,-]+)")


def time_zone(typed: str) -> str | None:
    """The IANA name of a time zone in its own spelling; None where there is no such zone."""
    return _time_zones().get(typed.strip().casefold())


@cache
def _time_zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def parse_cadence(words: Sequence[str]) -> str:
    """The cron expression for a day and a time; without words, Monday at 09:00.

    Raises:
        UsageError: the words are neither a day with a time nor five cron fields, or mean more than one post an hour.
    """
    typed = " ".join(words).strip()
    if not typed:
        return "0 9 * * MON"
    if len(typed.split()) == 5 and any(letter in typed for letter in "*/"):
        return _checked(typed.upper())
    named = [word for word in typed.lower().replace(", ", ",").split() if word not in ("at", "on", "every", "each")]
    time = named.pop() if named and _TIME.fullmatch(named[-1]) else "09:00"
    return _checked(f"{parse_time(time)} * * {_days(' '.join(named))}")


def parse_time(typed: str) -> str:
    """`9:30`, `09.30` or `9am` as minute and hour of a cron expression: `30 9`.

    Raises:
        UsageError: it is not a time of day.
    """
    match = _TIME.fullmatch(typed.strip().lower())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 99)
    if match and match[3] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    if hour > 23 or minute > 59:
        raise UsageError(f"{typed!r} is not a time of day. {EXPECTED}")
    return f"{minute} {hour}"


def _days(typed: str) -> str:
    if not typed or typed in _GROUPS:
        return _GROUPS.get(typed, "*")
    named = [word.removesuffix("s") for word in re.split(r"[,\s]+|\band\b", typed) if word]
    days = [
        next((day for day, name in _NAMES.items() if len(word) > 2 and name.lower().startswith(word)), "")
        for word in named
    ]
    if not all(days):
        raise UsageError(f"{typed!r} is not a day. {EXPECTED}")
    return ",".join(dict.fromkeys(days))


def _checked(expression: str) -> str:
    try:
        slots = CronSim(expression, datetime(2024, 1, 1, tzinfo=UTC))
        first, second = next(slots), next(slots)
    except (CronSimError, StopIteration):
        raise UsageError(f"{expression!r} is not a cron expression. {EXPECTED}") from None
    if (second - first).total_seconds() < 3600:
        raise UsageError("At most one post per hour is possible.")
    return expression


def in_words(expression: str, timezone: str) -> str:
    """A cron expression for people: `every Monday at 09:00 (Europe/Berlin)`."""
    match = _SIMPLE.fullmatch(expression)
    if match is None:
        return f"on the schedule {expression} ({timezone})"
    days = {"*": "every day", "MON-FRI": "on weekdays"}.get(match[3])
    if days is None:
        days = "every " + " and ".join(_NAMES.get(day, day) for day in match[3].split(","))
    return f"{days} at {int(match[2]):02}:{int(match[1]):02} ({timezone})"


def next_time(expression: str, timezone: str, now: datetime) -> datetime:
    """The next time of a cron expression after `now`, in UTC."""
    return next(CronSim(expression, now.astimezone(ZoneInfo(timezone)))).astimezone(UTC)
