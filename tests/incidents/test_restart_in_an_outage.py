"""A restart in the middle of a partial failure neither hides it nor keeps it open once it is over."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from support.builders.signals import Days, minutes, probe
from support.harness.ledgers import ledger_at

from bot.incidents.baselines import BaselineKeeper
from bot.incidents.engine import EngineState
from bot.model.incidents import Incident, OutageState, Phase
from bot.model.signals import Signal
from bot.model.target_records import KeptRecord

EVERY = timedelta(seconds=30)
_STORED: TypeAdapter[Incident] = TypeAdapter(Incident)


def slow(at: datetime, seconds: float, vantage: str = "host-17") -> list[Signal]:
    return [probe("stripe", "", "", bad=False, at=at, seconds=seconds, vantage=vantage)]


def renamed(seen: Callable[[datetime], list[Signal]]) -> Callable[[datetime], list[Signal]]:
    """What the replica sees under its name after the restart: by default that contains the id of its process."""
    return lambda at: [replace(signal, vantage="host-23") for signal in seen(at)]


def failing(chance: random.Random, share: float) -> Callable[[datetime], list[Signal]]:
    return lambda at: [probe("stripe", "", "", bad=chance.random() < share, at=at, seconds=0.1, vantage="host-17")]


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
@pytest.mark.parametrize("after", [renamed, lambda seen: seen], ids=["under another name", "under its name"])
def test_what_is_degraded_stays_so_over_a_restart_until_it_is_well(
    after: Callable[[Callable[[datetime], list[Signal]]], Callable[[datetime], list[Signal]]], kind: str, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a simulation
    bad: Callable[[datetime], list[Signal]] = (lambda at: slow(at, 1.2)) if kind == "slow" else failing(chance, 0.35)
    days = Days()
    days.pass_by(minutes(60), well, EVERY)
    days.pass_by(minutes(20), bad, EVERY)
    assert (days.only().phase, days.only().outage) == (Phase.CONFIRMED, OutageState.DEGRADED)
    restart(days)
    days.pass_by(timedelta(hours=2), after(bad), EVERY)
    assert Phase.RESOLVED not in days.phases
    assert days.only().open
    days.pass_by(minutes(100), after(well), EVERY)
    assert (days.only().phase, days.only().alarms) == (Phase.RESOLVED, ())


def test_what_was_down_and_came_back_in_between_is_not_called_degraded() -> None:
    days = Days()
    days.pass_by(minutes(60), well, EVERY)
    days.pass_by(minutes(20), lambda at: [replace(signal, state=probe().state) for signal in well(at)], EVERY)
    restart(days)
    days.pass_by(minutes(30), well, EVERY)
    assert (days.only().phase, days.only().outage) == (Phase.RESOLVED, OutageState.DOWN)


def test_another_vantage_point_does_not_take_over_the_alarm_of_one_that_still_observes() -> None:
    days = Days()
    days.pass_by(minutes(60), well, EVERY)
    days.pass_by(minutes(20), lambda at: slow(at, 1.2), EVERY)
    assert days.only().alarms
    days.pass_by(minutes(5), lambda at: [*slow(at, 1.2), *slow(at, 0.1, "host-23")], EVERY)
    observers = {key.vantage: observer for key, observer in days.state.observers.items()}
    assert observers["host-17"].slow.raised
    assert not observers["host-23"].in_doubt


async def test_what_was_usual_before_a_restart_is_kept(tmp_path: Path) -> None:
    days = Days()
    days.pass_by(minutes(60), well, EVERY)
    async with ledger_at(tmp_path) as ledger:
        keeper = BaselineKeeper(ledger, lambda: days.now)
        await keeper.save_when_due(days.state)
        days.now += minutes(10)
        await keeper.save_when_due(days.state)
        days.state = EngineState(baselines=await BaselineKeeper(ledger, lambda: days.now).load())
    days.pass_by(minutes(10), renamed(lambda at: slow(at, 1.2)), EVERY)
    assert (days.only().phase, days.only().outage) == (Phase.CONFIRMED, OutageState.DEGRADED)
    assert "usually in 0.1 s" in days.only().symptoms[0]


async def test_a_baseline_that_cannot_be_read_is_learned_again(tmp_path: Path) -> None:
    async with ledger_at(tmp_path) as ledger:
        await ledger.save_target_records([KeptRecord("rounds", "https:x", "", {"answers": "many"})], Days().now)
        assert await BaselineKeeper(ledger, lambda: Days().now).load() == {}
