"""Cases of our own failures, which must blame nobody, and of vantage points that differ."""

from datetime import timedelta
from typing import Any

from support.harness.replay_cases import ENDPOINT, HOUR, MINUTE, ONSET, Case, scene, settings, some_time_after
from support.harness.replay_goals import (
    all_of,
    at_most,
    blames_nobody,
    blames_only,
    never,
    not_over_before,
    some_incident,
    tells_own,
    within,
)
from support.outage_world.happenings import Effect, LineDamage, LineEffect

from bot.model.incidents import OutageState

NEEDS = ("stripe", "github", "datadog")
_HOST = "api.stripe.com"
_PLACES = ("frankfurt", "dublin", "virginia")


def _text(interval: str = "") -> str:
    return settings(needs=NEEDS, endpoints=((ENDPOINT, "stripe"),), interval=interval)


def _line(
    name: str,
    interval: str,
    damage: LineDamage,
    *parts: str,
    lasts: timedelta = 20 * MINUTE,
    told: bool = True,
    **more: Any,
) -> Case:
    effect = LineEffect(ONSET, ONSET + lasts, damage, **more)
    return Case(
        f"{name}, every {interval}",
        "2",
        lambda chance: scene(chance, _text(interval), lines=(effect,), lasts=lasts + 20 * MINUTE, warm=12 * MINUTE),
        all_of(blames_nobody, *([tells_own(*parts)] if told else []), at_most(2)),
    )


def _resolver_dies_in_an_outage() -> Case:
    outage = Effect(_HOST, ONSET, ONSET + HOUR, "answer")
    line = LineEffect(ONSET + 10 * MINUTE, ONSET + 30 * MINUTE, "system resolver")
    return Case(
        "stripe is down, then our resolver too",
        "2",
        lambda chance: scene(chance, _text(), effects=(outage,), lines=(line,), lasts=50 * MINUTE),
        all_of(within(2 * MINUTE), blames_only("stripe")),
    )


def _sleep_alone() -> Case:
    line = LineEffect(ONSET, ONSET + 8 * HOUR, "asleep")
    return Case(
        "the machine sleeps for 8 h",
        "2",
        lambda chance: scene(chance, _text(), lines=(line,), lasts=9 * HOUR),
        all_of(blames_nobody, at_most(1)),
    )


def _sleep_in_an_outage() -> Case:
    """Well again while asleep: what counts is how long it was watched."""
    outage = Effect(_HOST, ONSET, ONSET + 20 * MINUTE, "answer")
    line = LineEffect(ONSET + 15 * MINUTE, ONSET + HOUR, "asleep")
    return Case(
        "the machine sleeps in an outage",
        "2",
        lambda chance: scene(chance, _text(), effects=(outage,), lines=(line,), lasts=100 * MINUTE),
        all_of(within(2 * MINUTE), not_over_before(ONSET + 74 * MINUTE), blames_only("stripe"), at_most(2)),
    )


def _seen_from(number: int) -> Case:
    places = frozenset(_PLACES[:number])
    effect = Effect(_HOST, ONSET, ONSET + HOUR, "silent", places=places)
    text = settings(endpoints=((ENDPOINT, "stripe"),))
    if number == 1:
        partial = some_incident(
            lambda incident: set(incident.seen_from) == places and set(incident.not_seen_from) == set(_PLACES[1:]),
            "does not say who sees it and who does not",
        )
        wanted = all_of(within(10 * MINUTE), never(OutageState.DOWN), partial, at_most(2))
    else:
        wanted = all_of(within(2 * MINUTE, OutageState.DOWN), at_most(2))
    return Case(
        f"fails from {number} of 3 vantage points",
        "3",
        lambda chance: scene(
            chance, text, effects=(effect,), places=_PLACES, lasts=20 * MINUTE, enough=some_time_after(5 * MINUTE)
        ),
        wanted,
    )


def _one_line_dead() -> Case:
    line = LineEffect(ONSET, ONSET + 30 * MINUTE, "dead", places=frozenset(_PLACES[:1]))
    text = settings(endpoints=((ENDPOINT, "stripe"),))
    return Case(
        "the line of 1 of 3 vantage points is dead",
        "3",
        lambda chance: scene(chance, text, lines=(line,), places=_PLACES, lasts=45 * MINUTE),
        all_of(blames_nobody, at_most(2)),
    )


OWN_TROUBLE = (
    _line("own way out dead", "30s", "dead", "way out"),
    _line("own way out dead", "2m", "dead", "way out"),
    _line("own way out dead", "5m", "dead", "way out"),
    _line("own way out dead for 40 s", "30s", "dead", lasts=timedelta(seconds=40), told=False),
    _line("own system resolver dead", "30s", "system resolver", "resolver"),
    _line("own system resolver dead", "5m", "system resolver", "resolver"),
    _line("60 % loss on our line", "30s", "loss", "packet loss", "way out", share=0.6),
    _line("60 % loss on our line", "5m", "loss", "packet loss", "way out", share=0.6),
    _line("30 % loss on our line", "30s", "loss", share=0.3, told=False),
    _line("our line is slow by 1.5 s", "30s", "slow", seconds=1.5, told=False),
    _line("our IPv6 is dead", "30s", "ipv6", "IPv6"),
    _resolver_dies_in_an_outage(),
    _sleep_alone(),
    _sleep_in_an_outage(),
    _seen_from(1),
    _seen_from(2),
    _one_line_dead(),
)
