"""Cards of error budgets: an early warning, one that gets worse, its end, the answer to `slo`, and the lines of a scorecard."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from support.builders.moment import NOW
from support.builders.scorecards import HOSTILE, LONG, RIGHT_TO_LEFT, sample_estate, sample_score, sample_trend

from bot.cards.card import Card
from bot.cards.messages.error_budget import (
    burn_card,
    burn_over_card,
    burn_withdrawn_card,
    live_lines,
    no_slos_card,
    slo_card,
)
from bot.cards.messages.scorecard import estate_card, service_card
from bot.model.slos import BurnEpisode, BurnLevel, SloReading, SloState, WindowRead
from checks import SignalKind

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_EPISODE = BurnEpisode("slo:checkout:availability:2026-11-23T11:18Z", NOW - 42 * timedelta(minutes=1), BurnLevel.FAST)


def sample_reading(service: str = "checkout", title: str = "Checkout availability", **changed: Any) -> SloReading:
    """An objective whose budget burns in 6 h."""
    fields: dict[str, Any] = {
        "target": 0.999,
        "period": 30 * _DAY,
        "measures": SignalKind.ERRORS,
        "read_at": NOW,
        "windows": (WindowRead(_HOUR / 12, 0.138), WindowRead(_HOUR, 0.12), WindowRead(30 * _DAY, 0.0006)),
        "spent": 0.62,
        "level": BurnLevel.FAST,
        "burn": 120.0,
        "over": _HOUR,
    }
    return SloReading(service, "availability", title, **(fields | changed))


_SLOW = sample_reading(
    level=BurnLevel.SLOW,
    burn=2.0,
    over=72 * _HOUR,
    windows=(WindowRead(_HOUR / 12, 0.0021), WindowRead(72 * _HOUR, 0.002)),
    spent=0.31,
    covered=0.5,
)
_LATENCY = sample_reading(
    "login",
    "Login p99",
    measures=SignalKind.LATENCY,
    level=BurnLevel.NONE,
    burn=0.0,
    target=0.99,
    windows=(WindowRead(_HOUR / 12, 0.0),),
    value=0.21,
    op="lte",
    limit=0.3,
    spent=0.08,
)
_UNREAD = sample_reading(
    "search", "Search availability", level=BurnLevel.NONE, problem="access denied to /api/v1/query"
)
_MISSED = sample_reading("cart", "Cart availability", spent=3.4)


def _slo(*readings: SloReading, service: str = "") -> Card:
    return slo_card([SloState(reading) for reading in readings], service=service, now=NOW)


def _many(words: str) -> list[SloReading]:
    return [replace(_UNREAD if at % 3 else _MISSED, service=f"{at:03}{words}", title=words * 2) for at in range(60)]


def _live(*readings: SloReading, named: bool) -> tuple[Any, ...]:
    return tuple(live_lines([SloState(reading) for reading in readings], NOW, named=named))


ERROR_BUDGET_CARDS: Mapping[str, Callable[[], Card]] = {
    "budget-burns": lambda: burn_card(sample_reading(), _EPISODE, owner="payments"),
    "budget-burns-slowly": lambda: burn_card(_SLOW, _EPISODE, owner="payments"),
    "budget-burns-faster": lambda: burn_card(sample_reading(spent=1.7), _EPISODE, worse=True),
    "budget-burns-hostile": lambda: burn_card(sample_reading(HOSTILE, HOSTILE), _EPISODE, owner=HOSTILE),
    "budget-burns-long": lambda: burn_card(sample_reading(LONG, LONG), _EPISODE, owner=LONG),
    "budget-burns-rtl": lambda: burn_card(sample_reading(RIGHT_TO_LEFT, RIGHT_TO_LEFT), _EPISODE),
    "budget-lasts-again": lambda: burn_over_card(sample_reading(level=BurnLevel.NONE, burn=0.0), _EPISODE, NOW),
    "budget-withdrawn": lambda: burn_withdrawn_card(sample_reading(), _EPISODE),
    "slo": lambda: _slo(_LATENCY, sample_reading(), _UNREAD, _MISSED),
    "slo-service": lambda: _slo(_LATENCY, service="login"),
    "slo-stale": lambda: _slo(replace(_LATENCY, read_at=NOW - 3 * _HOUR), service="login"),
    "slo-none": lambda: no_slos_card("checkout"),
    "slo-long": lambda: _slo(*_many(LONG)),
    "slo-hostile": lambda: _slo(*_many(HOSTILE)),
    "service-burning": lambda: service_card(
        sample_score(), now=NOW, read_at=NOW, trend=sample_trend(), live=_live(sample_reading(), named=False)
    ),
    "service-lasting": lambda: service_card(
        sample_score(), now=NOW, read_at=NOW, trend=sample_trend(), live=_live(_LATENCY, named=False)
    ),
    "estate-burning": lambda: estate_card(
        sample_estate(9),
        organisation="Acme",
        now=NOW,
        live=_live(sample_reading(), _MISSED, _SLOW, _UNREAD, named=True),
    ),
}
