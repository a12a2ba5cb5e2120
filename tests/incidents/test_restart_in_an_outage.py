"""A restart in the middle of a partial failure neither hides it nor keeps it open once it is over."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pydantic import TypeAdapter
from support.builders.signals import Days, minutes, probe

from bot.incidents.engine import EngineState
from bot.model.incidents import Incident, OutageState, Phase
from bot.model.signals import Signal

EVERY = timedelta(seconds=30)
_STORED: TypeAdapter[Incident] = TypeAdapter(Incident)


def slow(at: datetime, seconds: float) -> list[Signal]:
    return [probe("stripe", "", "", bad=False, at=at, seconds=seconds)]


def failing(chance: random.Random, share: float) -> Callable[[datetime], list[Signal]]:
    return lambda at: [probe("stripe", "", "", bad=chance.random() < share, at=at, seconds=0.1)]


def restart(days: Days) -> None:
    """Only what is stored is left."""
    kept = {
        name: _STORED.validate_python(_STORED.dump_python(incident, mode="json"), strict=False)
        for name, incident in days.state.incidents.items()
        if incident.phase is not Phase.SUSPECTED
    }
    days.state = EngineState(incidents=kept)


def well(at: datetime) -> list[Signal]:
    return slow(at, 0.1)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("kind", ["slow", "failing"])
def test_what_is_degraded_stays_so_over_a_restart_until_it_is_well(kind: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a simulation
    bad: Callable[[datetime], list[Signal]] = (lambda at: slow(at, 1.2)) if kind == "slow" else failing(chance, 0.35)
    days = Days()
    days.pass_by(minutes(60), well, EVERY)
    days.pass_by(minutes(20), bad, EVERY)
    assert (days.only().phase, days.only().outage) == (Phase.CONFIRMED, OutageState.DEGRADED)
    restart(days)
    days.pass_by(timedelta(hours=2), bad, EVERY)
    assert Phase.RESOLVED not in days.phases
    assert days.only().open
    days.pass_by(minutes(100), well, EVERY)
    assert (days.only().phase, days.only().alarms) == (Phase.RESOLVED, ())


def test_what_was_down_and_came_back_in_between_is_not_called_degraded() -> None:
    days = Days()
    days.pass_by(minutes(60), well, EVERY)
    days.pass_by(minutes(20), lambda at: [replace(signal, state=probe().state) for signal in well(at)], EVERY)
    restart(days)
    days.pass_by(minutes(30), well, EVERY)
    assert (days.only().phase, days.only().outage) == (Phase.RESOLVED, OutageState.DOWN)
