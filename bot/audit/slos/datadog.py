"""Asks Datadog what share of events or time was bad in a window, by the points of its time series.

Source: https://docs.datadoghq.com/api/latest/metrics/#query-timeseries-points. All points of one answer have the same distance,
so that their sum is the count of `.as_count()`, and of a rate something that differs from it by the same factor on both sides.
"""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from bot.audit.slos.asking import NO_DATA, Ask
from bot.model.slos import Indicator
from bot.net.read_error import ReadError

QUERY: Final = "/api/v1/query"
_BAD_WHEN: Final = {
    "lte": lambda value, limit: value > limit,
    "lt": lambda value, limit: value >= limit,
    "gte": lambda value, limit: value < limit,
    "gt": lambda value, limit: value <= limit,
}
_NEARLY: Final = 0.95
_PRESENT: Final = timedelta(minutes=10)


async def bad_share(ask: Ask, indicator: Indicator, window: timedelta, now: datetime) -> float | None:
    """The share of bad events or time in the last `window` before `now` (UTC), None without any.

    Raises:
        ReadError: it cannot be read.
    """
    if indicator.value:
        values = [value for _, value in await _points(ask, indicator.value, window, now)]
        return _share(sum(_BAD_WHEN[indicator.op](value, indicator.limit) for value in values), len(values))
    if indicator.raw:
        ratios = [
            value if indicator.raw_fails else 1 - value for _, value in await _points(ask, indicator.raw, window, now)
        ]
        return _of_slices(ratios, indicator)
    part = _by_moment(await _points(ask, indicator.good or indicator.bad, window, now, may_be_none=True))
    total = _by_moment(await _points(ask, indicator.total, window, now))
    if indicator.slice is None:
        whole = sum(total.values())
        share = _share(sum(part.values()), whole)
        return share if share is None or indicator.bad else max(0.0, 1 - share)
    ratios = [part.get(moment, 0.0) / count for moment, count in total.items() if count > 0]
    return _of_slices(ratios if indicator.bad else [1 - ratio for ratio in ratios], indicator)


async def covered(ask: Ask, indicator: Indicator, window: timedelta, now: datetime) -> float:
    """The part of a window (0 to 1) since its first point: before it, the metric was not there or is no longer kept.

    Raises:
        ReadError: it cannot be read.
    """
    points = await _points(ask, indicator.total or indicator.raw or indicator.value, window, now)
    first = min(moment for moment, _ in points) / 1000
    # Points of long windows are hours apart.
    return min(1.0, max(0.0, (now.timestamp() - first) / window.total_seconds() / _NEARLY))


async def present_value(ask: Ask, indicator: Indicator, now: datetime) -> float | None:
    """The last value of a measured quantity, the worst of its series; None where there is none.

    Raises:
        ReadError: it cannot be read.
    """
    points = await _points(ask, indicator.value, _PRESENT, now)
    last = max((moment for moment, _ in points), default=None)
    values = [value for moment, value in points if moment == last]
    return (max if indicator.op in ("lte", "lt") else min)(values) if values else None


def _of_slices(ratios: list[float], indicator: Indicator) -> float | None:
    """The bad share of slices: of those that miss their target, else their mean."""
    if indicator.slice_target is not None:
        allowed = 1 - indicator.slice_target
        return _share(sum(ratio > allowed + 1e-12 for ratio in ratios), len(ratios))
    return _share(sum(ratios), len(ratios))


def _share(part: float, whole: float) -> float | None:
    return min(1.0, max(0.0, part / whole)) if whole > 0 else None


def _by_moment(points: list[tuple[float, float]]) -> dict[float, float]:
    found: dict[float, float] = {}
    for moment, value in points:
        found[moment] = found.get(moment, 0.0) + value
    return found


async def _points(
    ask: Ask, query: str, window: timedelta, now: datetime, *, may_be_none: bool = False
) -> list[tuple[float, float]]:
    """The points of all series of a query. `may_be_none`: a metric that was never reported counted nothing."""
    first, last = int((now - window).timestamp()), int(now.timestamp())
    answer = await ask(QUERY, {"query": query, "from": str(first), "to": str(last)})
    series = answer.get("series") if isinstance(answer, dict) else None
    if not isinstance(series, list) or answer.get("status") != "ok":
        said = str(answer.get("error", ""))[:120] if isinstance(answer, dict) else ""
        raise ReadError(QUERY, f"{QUERY} answered without series{f': {said}' if said else ''}", "NotUnderstood")
    points = [point for entry in series for point in _points_of(entry)]
    if not points and not may_be_none:
        raise ReadError(QUERY, "the query finds no series", NO_DATA)
    return points


def _points_of(series: Any) -> Iterator[tuple[float, float]]:
    listed = series.get("pointlist") if isinstance(series, dict) else None
    for point in listed if isinstance(listed, list) else ():
        try:
            moment, value = point
        except (TypeError, ValueError):
            raise ReadError(QUERY, f"{QUERY} answered with a point of an unknown form", "NotUnderstood") from None
        if isinstance(value, int | float) and isinstance(moment, int | float) and math.isfinite(value):
            yield float(moment), float(value)
