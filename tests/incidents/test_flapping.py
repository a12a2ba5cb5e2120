"""What goes up and down all day is one incident that flaps, and ends once."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from support.builders.signals import Days, controls, minutes, probe

from bot.model.incidents import Phase
from bot.model.signals import Signal


def rounds(at: datetime, *, bad: bool) -> list[Signal]:
    return [*controls(at), probe(bad=bad, at=at)]


def of_monitoring(at: datetime, *, bad: bool) -> list[Signal]:
    return [probe(bad=bad, at=at, kind="hook", source="hook:alertmanager")]


@pytest.mark.parametrize(
    ("observe", "shortest", "longest"),
    [(rounds, 2, 5), (of_monitoring, 8, 12)],
    ids=["every few minutes", "every 20 min"],
)
def test_a_day_of_up_and_down_is_one_incident_that_flaps(
    observe: Callable[..., list[Signal]], shortest: float, longest: float
) -> None:
    chance = random.Random(11)  # noqa: S311 - a sample, no secret
    days, bad, down = Days(), True, timedelta(0)
    began = days.now
    while days.now - began < timedelta(hours=12):
        now_bad = bad
        lasts = minutes(chance.uniform(shortest, longest))
        days.pass_by(lasts, lambda at, now_bad=now_bad: observe(at, bad=now_bad), timedelta(seconds=20))  # type: ignore[misc]
        down += lasts if bad else timedelta(0)
        bad = not bad
    flapping = days.only()
    assert flapping.flapping
    assert flapping.title == "DynamoDB is failing in us-east-1, on and off"
    assert days.phases.count(Phase.RESOLVED) <= 1
    days.pass_by(timedelta(hours=3), lambda at: observe(at, bad=False), timedelta(seconds=20))
    ended = days.only()
    assert ended.phase is Phase.RESOLVED
    assert 0.6 * down < ended.down_for(days.now) < 1.1 * down, "what was good in between is not counted"


def test_what_was_good_in_between_is_not_counted_as_down() -> None:
    chance = random.Random(1)  # noqa: S311 - a sample, no secret
    days, bad, down = Days(), True, timedelta(0)
    began = days.now
    while days.now - began < timedelta(hours=4):
        now_bad, lasts = bad, minutes(chance.uniform(1, 3))  # too short for an alarm to end in between
        days.pass_by(lasts, lambda at, now_bad=now_bad: rounds(at, bad=now_bad), timedelta(seconds=20))  # type: ignore[misc]
        down += lasts if bad else timedelta(0)
        bad = not bad
    assert timedelta(0) < days.only().down_for(days.now) < 1.1 * down
