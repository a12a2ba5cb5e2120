"""When an error budget burns too fast: several windows, several burn rates. Pure.

Source: Google, The Site Reliability Workbook, chapter 5 "Alerting on SLOs", "6: Multiwindow, Multi-Burn-Rate Alerts"
(https://sre.google/workbook/alerting-on-slos/). Its table for 30 days: 2 % of the budget in 1 h (burn rate 14.4, short window 5 min)
and 5 % in 6 h (6, 30 min) page somebody; 10 % in 3 days (1, 6 h) is a ticket. The short window is 1/12 of the long one, so that an
alert ends soon after the burn does. A burn rate of 1 uses the whole budget in exactly the period.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.model.slos import BurnCondition, BurnEpisode, BurnLevel, Slo, SloReading, WindowRead

_HOUR: Final = timedelta(hours=1)
_SHARES: Final = (
    (0.02, _HOUR, BurnLevel.FAST),
    (0.05, 6 * _HOUR, BurnLevel.FAST),
    (0.10, 72 * _HOUR, BurnLevel.SLOW),
)
"""Share of the budget, long window, level."""

SHORT_PART: Final = 12
LATEST: Final = timedelta(minutes=5)
"""The window of the error rate of now."""

LEAST_COVERED: Final = 0.04
"""With metrics of less than this part of the period its budget counts as unknown: a day of 30 is 0.03."""

QUIET: Final = timedelta(minutes=15)
"""No condition holds for so long before an episode is over, so that a burn around a threshold is told once."""


def conditions_for(period: timedelta) -> tuple[BurnCondition, ...]:
    """The workbook's conditions, their burn rates made for a period of this length, the most urgent first.

    Windows longer than half of the period are left out. A burn rate is at least 1: a slower burn leaves budget over.
    """
    return tuple(
        BurnCondition(long, long / SHORT_PART, max(1.0, share * (period / long)), level)
        for share, long, level in _SHARES
        if long <= period / 2
    )


def windows_of(slo: Slo, now: datetime) -> tuple[timedelta, ...]:
    """The windows that have to be read to judge an objective, shortest first; the last is the period as far as it went."""
    judged = {window for condition in slo.conditions for window in (condition.long, condition.short)}
    return (*sorted(judged | {LATEST}), elapsed(slo, now))


def elapsed(slo: Slo, now: datetime) -> timedelta:
    """How much of the period at hand is over: all of a rolling one."""
    if slo.begins is None:
        return slo.period
    gone = now - _month_begun(slo.begins, slo.months, now) if slo.months else (now - slo.begins) % slo.period
    return max(gone, LATEST)


def _month_begun(begins: datetime, months: int, now: datetime) -> datetime:
    """The last beginning of a period of calendar months at or before `now`."""
    passed = (now.year - begins.year) * 12 + now.month - begins.month
    for number in (passed // months, passed // months - 1):
        year, month = divmod(begins.month - 1 + number * months, 12)
        # A month without the day begins on its 28th.
        begun = begins.replace(year=begins.year + year, month=month + 1, day=min(begins.day, 28))
        if begun <= now:
            return begun
    return now


def judged(slo: Slo, bad: Mapping[timedelta, float | None], now: datetime, covered: float = 1.0) -> SloReading:
    """The reading of an objective by the share of bad events or time of each of its windows.

    Args:
        slo: the objective.
        bad: by window, the shares (0 to 1), None without events.
        now: UTC.
        covered: the part of the period for which there are metrics. Outside it nothing is known to be spent.
    """
    reading = SloReading(
        slo.service,
        slo.name,
        slo.title,
        slo.target,
        slo.period,
        slo.measures,
        now,
        windows=tuple(WindowRead(window, bad[window]) for window in sorted(bad)),
        covered=covered,
        op=slo.indicator.op,
        limit=slo.indicator.limit,
    )
    budget, past = 1 - slo.target, elapsed(slo, now)
    whole = bad.get(past)
    if whole is not None and covered >= LEAST_COVERED:
        reading = replace(reading, spent=whole / budget * (past / slo.period) * covered)
    holding = [condition for condition in slo.conditions if _holds(condition, bad, budget)]
    if not holding:
        return reading
    level = max((condition.level for condition in holding), key=lambda level: level.rank)
    # The shortest of the windows that hold tells best how fast the budget burns now.
    chosen = min((condition for condition in holding if condition.level is level), key=lambda condition: condition.long)
    return replace(reading, level=level, burn=_rate(bad, chosen.long, budget) or 0.0, over=chosen.long)


def _holds(condition: BurnCondition, bad: Mapping[timedelta, float | None], budget: float) -> bool:
    rates = (_rate(bad, condition.long, budget), _rate(bad, condition.short, budget))
    # A float of exactly the threshold counts, whatever its last digit.
    return all(rate is not None and rate >= condition.factor * (1 - 1e-9) for rate in rates)


def _rate(bad: Mapping[timedelta, float | None], window: timedelta, budget: float) -> float | None:
    share = bad.get(window)
    return None if share is None else share / budget


def next_episode(
    before: BurnEpisode | None, reading: SloReading, now: datetime
) -> tuple[BurnEpisode | None, BurnLevel | None]:
    """The episode after a reading, and the level to report: one that begins or gets worse, NONE at the end, None for no report.

    A reading with a problem neither begins nor ends an episode.
    """
    if reading.problem:
        return before, None
    if before is None:
        return _begun(reading, now)
    level = reading.level
    if level is not BurnLevel.NONE:
        worse = level if level.rank > before.told.rank else None
        return replace(before, told=worse or before.told, quiet_since=None), worse
    quiet = before.quiet_since or now
    return (None, BurnLevel.NONE) if now - quiet >= QUIET else (replace(before, quiet_since=quiet), None)


def _begun(reading: SloReading, now: datetime) -> tuple[BurnEpisode | None, BurnLevel | None]:
    if reading.level is BurnLevel.NONE:
        return None, None
    return BurnEpisode(f"slo:{reading.service}:{reading.slo}:{now:%Y-%m-%dT%H:%MZ}", now, reading.level), reading.level


def declared_conditions(found: Sequence[BurnCondition], period: timedelta) -> tuple[BurnCondition, ...]:
    """The conditions that a file declares, else the workbook's."""
    return tuple(found) or conditions_for(period)
