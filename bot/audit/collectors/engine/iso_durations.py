"""Durations of ISO 8601, as Azure writes them: `P14D`, `PT1H30M`, `P10675199DT2H48M5.4775807S` for no end."""

import re
from datetime import timedelta
from typing import Final

_SHAPE: Final = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_ENDLESS: Final = timedelta(days=10_000_000)


def duration(text: str) -> timedelta | None:
    """The time that a text says; a year has 365 days and a month 30. None for another text, and for a time without end."""
    found = _SHAPE.fullmatch(text.strip())
    if not found or not any(found.groups()):
        return None
    part = {name: float(value or 0) for name, value in found.groupdict().items()}
    days = part["days"] + 7 * part["weeks"] + 30 * part["months"] + 365 * part["years"]
    whole = timedelta(days=days, hours=part["hours"], minutes=part["minutes"], seconds=part["seconds"])
    return whole if whole < _ENDLESS else None
