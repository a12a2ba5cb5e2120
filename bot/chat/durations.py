"""Parses durations as people type them: `15h`, `90m`, `1d12h`, `2 days`."""

import re
from datetime import timedelta

from bot.chat.command import UsageError

LONGEST = timedelta(days=365)
_UNITS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"(\d{1,6}(?:[.,]\d{1,3})?)\s*(min(?:ute)?s?|h(?:ou)?rs?|days?|weeks?|[mhdw])")
_SPAN = re.compile(rf"(?:{_PART.pattern}\s*)+")


def duration(typed: str) -> timedelta | None:
    """The duration (`15h`, `90m`, `1d12h`, `1.5d`, `2 days`); None where the text is not one.

    Raises:
        UsageError: it is shorter than a minute or longer than a year.
    """
    text = typed.lower()
    if not _SPAN.fullmatch(text):
        return None
    seconds = sum(float(number.replace(",", ".")) * _UNITS[unit[0]] for number, unit in _PART.findall(text))
    if not 60 <= seconds <= LONGEST.total_seconds():
        raise UsageError(f"{typed} is not a duration between 1 min and 365 days. Example: 15h or 2d")
    return timedelta(seconds=seconds)


def written(lasts: timedelta) -> str:
    """A duration as `duration` reads it again, in the largest unit that needs no rest: `15h`, `90m`."""
    minutes = max(1, round(lasts.total_seconds() / 60))
    for unit, size in (("d", 1_440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
