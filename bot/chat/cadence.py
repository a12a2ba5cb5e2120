"""Days and times as people type them (`monday 09:00`, `weekdays 8:30`, a cron expression) and as schedules keep them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from bot.chat.command import UsageError

EXPECTED = "Write a day and a time, for example: monday 09:00, weekdays 8:30 or daily 17:00"
_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_NAMES = dict(zip(_DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))
_GROUPS = {"daily": "*", "everyday": "*", "day": "*", "*": "*", "weekdays": "MON-FRI", "mon-fri": "MON-FRI"}
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?")
_SIMPLE = re.compile(r"(\d{1,2}) (\d{1,2}) \* \* ([A-Z*,-]+)")


def zone(typed: str) -> str | None:
    """The IANA name of a time zone in its own spelling; None where there is no such zone."""
    return _zones().get(typed.strip().casefold())


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def cron(words: Sequence[str]) -> str:
    """The cron expression for a day and a time; nothing at all is Monday at nine.

    Raises:
        UsageError: it is neither a day with a time nor five cron fields, or more often than once an hour.
    """
    typed = " ".join(words).strip()
    if not typed:
        return "0 9 * * MON"
    if len(typed.split()) == 5 and any(letter in typed for letter in "*/"):
        return _checked(typed.upper())
    told = [word for word in typed.lower().replace(", ", ",").split() if word not in ("at", "on", "every", "each")]
    time = told.pop() if told and _TIME.fullmatch(told[-1]) else "09:00"
    return _checked(f"{clock(time)} * * {_days(' '.join(told))}")


def clock(typed: str) -> str:
    """`9:30`, `09.30`, `9am` as minute and hour of a cron expression.

    Raises:
        UsageError: it is no time of day.
    """
    match = _TIME.fullmatch(typed.strip().lower())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 99)
    if match and match[3] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    if hour > 23 or minute > 59:
        raise UsageError(f"{typed!r} is no time of day. {EXPECTED}")
    return f"{minute} {hour}"


def _days(typed: str) -> str:
    if not typed or typed in _GROUPS:
        return _GROUPS.get(typed, "*")
    named = [one.removesuffix("s") for one in re.split(r"[,\s]+|\band\b", typed) if one]
    days = [
        next((day for day, name in _NAMES.items() if len(one) > 2 and name.lower().startswith(one)), "")
        for one in named
    ]
    if not all(days):
        raise UsageError(f"{typed!r} is no day. {EXPECTED}")
    return ",".join(dict.fromkeys(days))


def _checked(expression: str) -> str:
    try:
        found = CronSim(expression, datetime(2024, 1, 1, tzinfo=UTC))
        first, second = next(found), next(found)
    except (CronSimError, StopIteration):
        raise UsageError(f"{expression!r} is no cron expression. {EXPECTED}") from None
    if (second - first).total_seconds() < 3600:
        raise UsageError("More than one post an hour is more than anybody reads.")
    return expression


def spoken(expression: str, timezone: str) -> str:
    """`every Monday at 09:00 (Europe/Berlin)`."""
    match = _SIMPLE.fullmatch(expression)
    if match is None:
        return f"by the clock {expression} ({timezone})"
    days = {"*": "every day", "MON-FRI": "on weekdays"}.get(match[3])
    if days is None:
        days = "every " + " and ".join(_NAMES.get(day, day) for day in match[3].split(","))
    return f"{days} at {int(match[2]):02}:{int(match[1]):02} ({timezone})"


def following(expression: str, timezone: str, now: datetime) -> datetime:
    """The next time after `now`, in UTC."""
    return next(CronSim(expression, now.astimezone(ZoneInfo(timezone)))).astimezone(UTC)
