"""Computes the longest time between two runs of an AWS schedule: `cron(0 5 * * ? *)`, `rate(12 hours)`."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise

from cronsim import CronSim, CronSimError

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.+)\)")
_RUNS = (8, 400)  # minimum and maximum runs: enough for long and short months, and for a day of runs every five minutes
_SPAN = timedelta(days=35)
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@lru_cache(maxsize=256)
def longest_interval(expression: str, after: datetime) -> timedelta | None:
    """The longest time between two runs after `after` (UTC); None if the expression is not understood.

    A weekday schedule leaves three days between Friday and Monday, and that much data may be lost. Considers five weeks,
    and more if they contain few runs.
    """
    rate = _RATE.fullmatch(expression.strip())
    if rate:
        return timedelta(**{f"{rate[2]}s": int(rate[1])})
    cron = _CRON.fullmatch(expression.strip())
    fields = cron[1].split() if cron else []
    if len(fields) != 6:
        return None
    try:
        runs = _runs(CronSim(_unix(fields), after), after + _SPAN)
        return max((later - earlier for earlier, later in pairwise(runs)), default=None)
    except CronSimError:
        return None


def _runs(cron: Iterator[datetime], until: datetime) -> Iterator[datetime]:
    least, most = _RUNS
    for turn, run in enumerate(islice(cron, most)):
        if turn >= least and run > until:
            return
        yield run


def _unix(fields: list[str]) -> str:
    """The five fields of Unix cron from AWS's six: `?` means any, weekdays count from 1 = Sunday, the year is dropped."""
    minute, hour, day, month, weekday, _year = ("*" if field == "?" else field for field in fields)
    named = re.sub(r"(?<![/#\d])([1-7])(?!\d)", lambda found: _DAYS[int(found[1]) - 1], weekday)
    return f"{minute} {hour} {day} {month} {named}"
