"""How a sentence writes lists, numbers, scores and durations."""

from collections.abc import Iterable
from datetime import timedelta


def listed(names: Iterable[str], most: int = 3) -> str:
    """Sorted names with commas, cut after `most`: `a, b, c and 4 more`."""
    ordered = sorted(set(names))
    if len(ordered) <= most:
        return ", ".join(ordered)
    return f"{', '.join(ordered[:most])} and {len(ordered) - most} more"


def counted(number: int, thing: str) -> str:
    """A number with its noun: `1 machine`, `3 machines`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def rounded_down(score: float) -> str:
    """A score as every output shows it: a whole number, rounded down, so that no score and no grade is overstated."""
    # A mean of 90 may come out as 89.99999999999999, and which way depends on the order of summing.
    return f"{int(score + 1e-9)}"


def percent(share: float) -> str:
    """A share from 0 to 1 as a percentage; never 100 % while something is missing."""
    value = share * 100
    return f"{99 if 99 <= value < 100 - 1e-9 else round(value)} %"


def duration(length: timedelta) -> str:
    """A duration with its unit: `90 s`, `15 min`, `3 min 20 s`, `4 h`, `3 h 20 min`, `2 days`."""
    seconds = int(length.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    if seconds >= 172_800 and seconds % 86_400 == 0:
        return f"{seconds // 86_400} days"
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    parts = [
        f"{hours} h" if hours else "",
        f"{minutes} min" if minutes else "",
        f"{rest} s" if rest and not hours else "",
    ]
    return " ".join(part for part in parts if part)
