"""Several replicas of the watch on one ledger: one judges, the others are vantage points, and a dead one is replaced."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.posts import START
from support.builders.signals import RESOLVERS, controls, minutes, page, probe
from support.harness import postgres
from support.harness.ledgers import ledger_at
from support.harness.replicas import Replicas, Sees, replicas

from bot.model.incidents import Incident, Phase
from bot.model.signals import Signal
from bot.storage import tables as _tables
from bot.storage.leader import EVERY, LEASE
from bot.storage.ledger import LeadershipLostError, Lease, Ledger


@pytest.fixture(scope="module")
def server() -> Iterator[str | None]:
    programs = postgres.programs()
    with postgres.running(programs) if programs else nullcontext() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path, server: str | None) -> Any:
    if request.param == "sqlite":
        return tmp_path
    if server is None:
        pytest.skip("no PostgreSQL server is installed")
    return server


def everybody(*, bad: bool, **fields: Any) -> Sees:
    return lambda name, at: [probe(bad=bad, at=at, vantage=name, **fields), *_controls(name, at)]


def _controls(name: str, at: datetime, *, bad: bool = False) -> list[Signal]:
    return [replace(control, vantage=name) for control in controls(at, bad=bad)]


async def empty(ledger: Ledger) -> None:
    """The PostgreSQL of the module is shared."""
    async with ledger.write() as connection:
        for table in reversed(_tables.metadata.sorted_tables):
            if table is not _tables.ledger_shape:
                await connection.execute(table.delete())


async def test_one_of_several_judges_and_one_alert_goes_out(where: Path | str) -> None:
    async with replicas(where, "a", "b", "c") as here:
        await empty(here.office.ledger)
        await here.pass_by(minutes(4), everybody(bad=True))
        assert here.judges == ["a"]
        assert len(here.texts()) == 1
        for name in ("a", "b", "c"):
            one = await here.only(name)
            assert (one.phase, [hit.service for hit in one.affected]) == (Phase.CONFIRMED, ["checkout"])
        await here.pass_by(minutes(16), everybody(bad=False))
        assert len(here.texts()) == 2
        assert "Resolved: " in here.texts()[-1]


async def test_a_dead_judge_is_replaced_within_30_seconds_and_nothing_is_told_twice(where: Path | str) -> None:
    async with replicas(where, "a", "b") as here:
        await empty(here.office.ledger)
        await here.pass_by(minutes(5), everybody(bad=True))
        assert len(here.texts()) == 1
        here.alive.pop("a")
        died = here.at
        while not here.judges:
            await here.pass_by(timedelta(seconds=1), everybody(bad=True))
        assert here.at - died <= timedelta(seconds=30)
        await here.pass_by(minutes(10), everybody(bad=True))
        assert len(here.texts()) == 1
        await here.pass_by(minutes(16), everybody(bad=False))
        assert (await here.only("b")).phase is Phase.RESOLVED
        assert len(here.texts()) == 2


async def test_what_begins_while_nobody_judges_is_told_by_the_next(tmp_path: Path) -> None:
    async with replicas(tmp_path, "a", "b") as here:
        await here.pass_by(minutes(2), everybody(bad=False))
        here.alive.pop("a")
        began = here.at
        while not here.texts():
            await here.pass_by(timedelta(seconds=1), everybody(bad=True))
            assert here.at - began <= timedelta(seconds=90)
        assert here.judges == ["b"]


async def test_who_wakes_up_from_a_long_sleep_writes_nothing(tmp_path: Path) -> None:
    async with replicas(tmp_path, "a", "b") as here:
        await here.pass_by(minutes(2), everybody(bad=False))
        sleeper = here.alive.pop("a")
        asleep = here.ran
        await here.pass_by(minutes(3), everybody(bad=True))
        assert (len(here.texts()), here.judges) == (1, ["b"])
        # It was suspended, and its clocks with it: to itself it still has the duty.
        now, here.ran = here.ran, asleep
        for _ in range(3):
            here.ran += 1
            sleeper.watch.observe(page("aws", "us-east-1", "sqs", at=here.at))
            sleeper.skew += minutes(1)  # its wall clock catches up
            assert sleeper.duty.held
            await sleeper.watch.evaluate()
        here.ran = now
        assert [str(entry.scopes[0]) for entry in await kept(here)] == ["aws/us-east-1/dynamodb"]
        await here.pass_by(minutes(1), everybody(bad=True))
        assert len(here.texts()) == 1


async def kept(here: Replicas) -> tuple[Incident, ...]:
    return await here.office.ledger.incidents_since(here.at)


@pytest.mark.parametrize("skew", [timedelta(hours=1), -timedelta(hours=1)])
async def test_a_clock_that_is_an_hour_off_neither_takes_the_duty_nor_hides_what_it_sees(
    tmp_path: Path, skew: timedelta
) -> None:
    async with replicas(tmp_path, "a", "b", "c") as here:
        here.alive["b"].skew = skew
        await here.pass_by(minutes(2), everybody(bad=False))
        await here.pass_by(minutes(2), lambda name, at: [probe(bad=name != "c", at=at, vantage=name)])
        assert here.judges == ["a"]
        assert len(here.texts()) == 1


@pytest.mark.parametrize("jump", [timedelta(hours=1), -timedelta(hours=1)])
async def test_the_clock_of_the_judge_jumps_by_an_hour(tmp_path: Path, jump: timedelta) -> None:
    async with replicas(tmp_path, "a", "b") as here:
        await here.pass_by(minutes(2), everybody(bad=False))
        here.alive["a"].skew = jump
        began = here.at
        while not here.texts():
            await here.pass_by(timedelta(seconds=1), everybody(bad=True))
            assert here.at - began <= timedelta(seconds=90)
        assert here.judges == ["a"]
        await here.pass_by(minutes(5), everybody(bad=True))
        assert len(here.texts()) == 1


async def test_one_replica_whose_own_network_is_broken_neither_alerts_nor_stops_the_others(tmp_path: Path) -> None:
    def cut_off(name: str, at: datetime) -> list[Signal]:
        return [probe(bad=name == "a", at=at, vantage=name), *_controls(name, at, bad=name == "a")]

    def and_an_outage(name: str, at: datetime) -> list[Signal]:
        return [probe(at=at, vantage=name), *_controls(name, at, bad=name == "a")]

    async with replicas(tmp_path, "a", "b") as here:
        await here.pass_by(minutes(5), cut_off)
        assert here.judges == ["a"]
        assert all("Our own network is failing" in text for text in here.texts())
        await here.pass_by(minutes(2), and_an_outage)
        (text,) = [text for text in here.texts() if "Our own" not in text]
        assert "DynamoDB is failing" in text


async def test_where_all_of_them_are_cut_off_it_is_us_and_the_alert_says_so(tmp_path: Path) -> None:
    def cut_off(name: str, at: datetime) -> list[Signal]:
        return [probe(at=at, vantage=name), *_controls(name, at, bad=True)]

    async with replicas(tmp_path, "a", "b") as here:
        await here.pass_by(minutes(3), cut_off)
        assert all("Our own network" in text for text in here.texts())
        assert (await here.only("b")).ours
        assert {str(scope) for scope in (await here.only("b")).scopes} == {"our-own-network"}


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"a": 3}, "degraded"),
        ({"a": 3, "b": 1}, "degraded"),
        ({"a": 2, "b": 2}, "failing"),
        ({"a": 1, "b": 1, "c": 1}, ""),
        ({"a": 3, "b": 3, "c": 3}, "failing"),
    ],
)
async def test_vantage_points_that_disagree(tmp_path: Path, bad: dict[str, int], told: str) -> None:
    def seen(name: str, at: datetime) -> list[Signal]:
        return [
            probe(bad=number < bad.get(name, 0), at=at, vantage=name, via=via, source="dns:dynamodb")
            for number, via in enumerate(RESOLVERS)
        ]

    async with replicas(tmp_path, "a", "b", "c") as here:
        await here.pass_by(minutes(3), seen)
        assert [f"DynamoDB is {told} in us-east-1" in text for text in here.texts()] == [True] * bool(told)


async def test_a_dead_vantage_point_outvotes_nobody(tmp_path: Path) -> None:
    async with replicas(tmp_path, "a", "b") as here:
        await here.pass_by(minutes(2), everybody(bad=False))
        here.alive.pop("b")
        began = here.at
        while not here.texts():
            await here.pass_by(timedelta(seconds=1), everybody(bad=True))
            assert here.at - began <= timedelta(seconds=90)


Acting = Callable[[Replicas, str], Any]


@pytest.mark.parametrize(
    ("act", "shown"),
    [
        (lambda here, entry: here.alive["b"].watch.acknowledge(entry, "ann"), "acknowledged_by"),
        (lambda here, entry: here.alive["b"].watch.assign(entry, "bob", "ann"), "assigned_to"),
        (lambda here, entry: here.alive["b"].watch.mute(entry, timedelta(hours=1), "ann"), "muted_until"),
        (lambda here, entry: here.alive["b"].watch.escalate(entry, "platform", "ann"), "escalated_to"),
    ],
)
async def test_what_people_do_on_any_replica_counts_within_seconds(where: Path | str, act: Acting, shown: str) -> None:
    async with replicas(where, "a", "b") as here:
        await empty(here.office.ledger)
        await here.pass_by(minutes(3), everybody(bad=True))
        one = await here.only("b")
        answered = await act(here, one.id)
        assert getattr(answered.handling, shown)
        assert (await here.only("b")).handling == answered.handling
        assert not getattr((await here.only("a")).handling, shown)
        await here.pass_by(timedelta(seconds=4), everybody(bad=True))
        assert (await here.only("a")).handling == answered.handling
        (written,) = await kept(here)
        assert written.handling == answered.handling
        assert next(line.text for line in written.timeline if line.kind == "person").startswith("ann ")
        assert not await here.office.ledger.queued_actions()
        log = await here.office.ledger.entries(START)
        assert [entry.action.partition(".")[0] for entry in log] == ["incident"]


async def test_what_was_asked_outlives_the_judge(tmp_path: Path) -> None:
    async with replicas(tmp_path, "a", "b") as here:
        await here.pass_by(minutes(3), everybody(bad=True))
        here.alive.pop("a")
        await here.alive["b"].watch.acknowledge((await here.only("b")).id, "ann")
        await here.pass_by(minutes(1), everybody(bad=True))
        assert here.judges == ["b"]
        assert (await here.only("b")).handling.acknowledged_by == "ann"


async def test_a_duty_is_given_back_at_the_end(where: Path | str) -> None:
    async with replicas(where, "a", "b") as here:
        await empty(here.office.ledger)
        await here.pass_by(timedelta(seconds=4), everybody(bad=False))
        keeping = asyncio.create_task(here.alive.pop("a").duty.run())
        await asyncio.sleep(0.1)
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        await here.pass_by(timedelta(seconds=4), everybody(bad=False))
        assert here.judges == ["b"]


async def test_the_fence_undoes_what_a_former_holder_writes(where: Path | str) -> None:
    async with ledger_at(where) as ledger:
        await empty(ledger)
        mine = await ledger.take_lease("watch", "a", None)
        assert mine is not None
        assert await ledger.take_lease("watch", "b", None) is None
        theirs = await ledger.take_lease("watch", "b", mine)
        assert theirs is not None
        assert await ledger.take_lease("watch", "c", mine) is None
        assert not await ledger.renew_lease("watch", mine)
        with pytest.raises(LeadershipLostError):
            await take_a_slot(ledger, mine)
        assert not await ledger.slots("s", START)
        await ledger.release_lease("watch", mine)
        standing = await ledger.current_lease("watch")
        assert standing is not None
        assert standing.holder == "b"


async def take_a_slot(ledger: Ledger, mine: Lease) -> None:
    async with ledger.begin() as transaction:
        await transaction.take_slot("s", START, "taken", START)
        await transaction.require_lease("watch", mine)


def test_the_lease_leaves_room_within_30_seconds() -> None:
    assert LEASE + 2 * EVERY < 30
