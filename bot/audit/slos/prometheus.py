"""Asks Prometheus (Mimir, Thanos) what share of events or time was bad in a window: one instant query a window.

Source: https://prometheus.io/docs/prometheus/latest/querying/basics/ (subqueries), .../querying/functions/ (increase,
sum_over_time) and .../querying/api/#instant-queries.
"""

import math
import re
from datetime import timedelta
from typing import Any, Final

from bot.audit.slos.asking import NO_DATA, Ask
from bot.model.slos import Indicator
from bot.net.read_error import ReadError

QUERY: Final = "/api/v1/query"
_PLACEHOLDER: Final = re.compile(
    r"\{\{\s*\.?[wW]indow\s*\}\}|\$\{?(?:window|__range|__rate_interval|__interval)\}?|\[\[\s*window\s*\]\]"
)
"""How files leave the window to the tool that asks: Sloth's `{{.window}}`, Grafana's `$__rate_interval`."""

_OVER_TIME: Final = re.compile(r"\b(?:rate|irate|increase|delta|idelta|\w+_over_time)\s*\(")
_SUM_OF: Final = re.compile(
    r"\s*sum\s*(?:(?:by|without)\s*\([^()]*\)\s*)?\(\s*(?P<selector>[a-zA-Z_:][\w:]*\s*(?:\{[^{}]*\})?)\s*\)"
    r"\s*(?:(?:by|without)\s*\([^()]*\)\s*)?"
)
_SELECTOR: Final = re.compile(r"\s*[a-zA-Z_:][\w:]*\s*(?:\{[^{}]*\})?\s*")
_BAD_WHEN: Final = {"lte": ">", "lt": ">=", "gte": "<", "gt": "<="}
_POINTS: Final = 300
"""Steps of a subquery: enough for its mean, and few enough for 30 days."""

_COVERAGE_POINTS: Final = 48
"""Of 48 points a window holds 47 or 48, by where its steps begin."""

_SHORTEST_STEP: Final = timedelta(seconds=30)


async def bad_share(ask: Ask, indicator: Indicator, window: timedelta) -> float | None:
    """The share of bad events or time in the last `window`, None without any.

    Raises:
        ReadError: it cannot be read, or the answer is not one number.
    """
    found = await _number(ask, bad_expression(indicator, window))
    return None if found is None else min(1.0, max(0.0, found))


async def present_value(ask: Ask, indicator: Indicator) -> float | None:
    """The present value of a measured quantity: the worst of its series; None where there is none.

    Raises:
        ReadError: it cannot be read.
    """
    worst = "max" if indicator.op in ("lte", "lt") else "min"
    return await _number(ask, f"{worst}({_filled(indicator.value, timedelta(minutes=5))})")


async def covered(ask: Ask, indicator: Indicator, window: timedelta) -> float:
    """The part of a window (0 to 1) for which there are metrics: retention may be shorter, or the metric younger.

    Raises:
        ReadError: it cannot be read.
    """
    query = _filled(indicator.total or indicator.raw or indicator.value, timedelta(hours=1))
    step = window / _COVERAGE_POINTS
    expression = f"max(count_over_time(({query})[{_written(window)}:{_written(step)}]))"
    return min(1.0, (await _number(ask, expression) or 0.0) / (_COVERAGE_POINTS - 1))


def bad_expression(indicator: Indicator, window: timedelta) -> str:
    """The PromQL expression of the share of bad events or time in the last `window`."""
    if indicator.value:
        value = _filled(indicator.value, timedelta(minutes=5))
        step = _written(indicator.slice or _step(window))
        over = (
            f"avg_over_time((({value}) {_BAD_WHEN[indicator.op]} bool {indicator.limit:g})[{_written(window)}:{step}])"
        )
        return f"avg({over})"
    if indicator.slice is not None:
        share = _bad_share(indicator, indicator.slice)
        if indicator.slice_target is not None:
            share = f"({share}) > bool {1 - indicator.slice_target:.12g}"
        step = _written(indicator.slice)
        return f"avg_over_time(({share})[{_written(window)}:{step}])"
    return _bad_share(indicator, window)


def _bad_share(indicator: Indicator, window: timedelta) -> str:
    if indicator.raw:
        mean = f"avg({_mean(indicator.raw, window)})"
        return mean if indicator.raw_fails else f"1 - {mean}"
    # A series that never counted anything does not exist: no good event at all is the worst case, not an unknown one.
    part = _total(indicator.good or indicator.bad, indicator, window)
    share = f"({part} or vector(0)) / {_total(indicator.total, indicator, window)}"
    return share if indicator.bad else f"1 - {share}"


def _total(query: str, indicator: Indicator, window: timedelta) -> str:
    """What a query counts within a window, summed over its series."""
    if _PLACEHOLDER.search(query):
        return f"sum({_filled(query, window)})"
    if not indicator.cumulative or _OVER_TIME.search(query):
        # A sum and no mean: where one side has no sample for a while, it counted nothing then.
        return f"sum(sum_over_time(({query})[{_written(window)}:{_written(_step(window))}]))"
    if summed := _SUM_OF.fullmatch(query):
        return f"sum(increase({summed['selector']}[{_written(window)}]))"
    if _SELECTOR.fullmatch(query):
        return f"sum(increase({query.strip()}[{_written(window)}]))"
    # A counter that starts again from 0 within a sum looks like a fall: the increase is too high once.
    return f"sum(increase(({query})[{_written(window)}:{_written(_step(window))}]))"


def _mean(query: str, window: timedelta) -> str:
    if _PLACEHOLDER.search(query):
        return _filled(query, window)
    return f"avg_over_time(({query})[{_written(window)}:{_written(_step(window))}])"


def _filled(query: str, window: timedelta) -> str:
    return _PLACEHOLDER.sub(_written(window), query)


def _step(window: timedelta) -> timedelta:
    return max(_SHORTEST_STEP, window / _POINTS)


def _written(window: timedelta) -> str:
    return f"{max(1, round(window.total_seconds()))}s"


async def _number(ask: Ask, expression: str) -> float | None:
    answer = await ask(QUERY, {"query": expression})
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict) or answer.get("status") != "success":
        raise ReadError(QUERY, f"{QUERY} answered without data", "NotUnderstood")
    rows = [data.get("result")] if data.get("resultType") == "scalar" else data.get("result")
    if not isinstance(rows, list):
        raise ReadError(QUERY, f"{QUERY} answered without a result", "NotUnderstood")
    if not rows:
        raise ReadError(QUERY, "the query finds no series", NO_DATA)
    if len(rows) > 1:
        raise ReadError(QUERY, f"the query finds {len(rows)} series instead of one number", "NotUnderstood")
    return _value(rows[0])


def _value(row: Any) -> float | None:
    """The number of a sample; None for NaN, which is what nothing divided by nothing is."""
    sample: Any = row.get("value") if isinstance(row, dict) else row
    try:
        _, written = sample
        value = float(written)
    except (TypeError, ValueError):
        raise ReadError(QUERY, f"{QUERY} answered with something that is not a number", "NotUnderstood") from None
    return value if math.isfinite(value) else None
