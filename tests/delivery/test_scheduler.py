"""Slots run once each: across daylight saving, restarts, replicas and absences."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders.posts import START, ManualClock, message
from support.harness.ledgers import ledger_at
from support.harness.waiting import until

from bot.delivery.scheduler import MOST_SLOTS, Scheduler, due, slots
from bot.model import Audience, Message, RouteSpec, Schedule
from bot.storage.leader import LeaderLease
from bot.storage.ledger import Ledger

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",  # its clocks change by half an hour
    "Asia/Kathmandu",
    "Africa/Cairo",  # its clocks change at midnight
    "America/Santiago",
    "Pacific/Apia",
)


def weekly(cron: str = "0 9 * * MON", zone: str = "Europe/Berlin", grace: timedelta = timedelta(hours=6)) -> Schedule:
    return Schedule(f"payments/scorecard/{cron}/{zone}", "payments", cron, zone, grace)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def first(schedule: Schedule, since: str, count: int = 3) -> list[str]:
    return [f"{slot:%Y-%m-%dT%H:%M}" for slot in islice(slots(schedule, utc(since)), count)]


def test_nine_in_berlin_is_another_hour_in_utc_after_the_change() -> None:
    assert first(weekly(), "2026-10-12T00:00") == ["2026-10-12T07:00", "2026-10-19T07:00", "2026-10-26T08:00"]


def test_a_slot_in_the_skipped_hour_comes_at_the_next_moment_that_exists() -> None:
    daily = weekly("30 2 * * *")
    assert first(daily, "2026-03-28T00:00") == ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"]


def test_a_slot_in_the_hour_that_comes_twice_comes_once() -> None:
    daily = weekly("30 2 * * *")
    assert first(daily, "2026-10-24T00:00") == ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]
    # asked in between the two 02:30, the answer is the next day's
    assert first(daily, "2026-10-25T00:45", 1) == ["2026-10-26T01:30"]


def test_an_hourly_schedule_runs_every_hour_that_passes() -> None:
    hourly = weekly("0 * * * *")
    hours = [f"2026-10-25T{hour:02}:00" for hour in range(6)]
    assert first(hourly, "2026-10-24T23:59", 6) == hours


FIXED = st.builds(
    lambda minute, hour, day: f"{minute} {hour} * * {day}",
    st.integers(0, 59),
    st.integers(0, 23),
    st.sampled_from(("*", "MON", "SUN", "MON-FRI")),
)
FREE = st.sampled_from(("*/15 * * * *", "0 * * * *", "0 */6 * * *", "30 1-3 * * *", "0,30 2 * * *", "59 23 L * *"))
MOMENTS = st.integers(1_577_836_800, 1_893_456_000).map(lambda at: datetime.fromtimestamp(at, UTC))  # 2020 to 2030


@settings(max_examples=150, deadline=None)
@given(cron=FIXED | FREE, zone=st.sampled_from(ZONES), since=MOMENTS, ahead=st.integers(0, 400))
def test_slots_do_not_depend_on_where_one_begins_to_count(cron: str, zone: str, since: datetime, ahead: int) -> None:
    schedule = weekly(cron, zone)
    later = since + timedelta(hours=ahead)
    until = later + timedelta(days=8)
    counted = [slot for slot in takewhile(lambda slot: slot <= until, slots(schedule, since)) if slot > later]
    assert counted == list(takewhile(lambda slot: slot <= until, slots(schedule, later)))


@settings(max_examples=150, deadline=None)
@given(minute=st.integers(0, 59), hour=st.integers(0, 23), zone=st.sampled_from(ZONES), since=MOMENTS)
def test_a_daily_slot_comes_once_a_day_at_its_time(minute: int, hour: int, zone: str, since: datetime) -> None:
    there = ZoneInfo(zone)
    found = [slot.astimezone(there) for slot in islice(slots(weekly(f"{minute} {hour} * * *", zone), since), 40)]
    days = [slot.date() for slot in found]
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))
    for slot in found:
        wanted = slot.replace(hour=hour, minute=minute, fold=0)
        exists = wanted.astimezone(UTC).astimezone(there).replace(fold=0) == wanted
        assert slot == wanted if exists else slot > wanted - timedelta(hours=1)


def test_after_a_year_away_the_newest_slots_are_found_soon() -> None:
    now = START
    found = due(weekly("* * * * *", "UTC"), now - timedelta(days=365), now)
    assert found[-1] == now
    assert len(found) <= MOST_SLOTS


async def brief(_: float) -> None:
    await asyncio.sleep(0.01)


class Desk:
    """Prepares posts and remembers for which slots."""

    def __init__(self, ledger: Ledger, clock: ManualClock, *schedules: Schedule) -> None:
        self.ledger, self.clock = ledger, clock
        self.schedule = schedules[0]
        self.prepared: list[datetime] = []
        self.missed: list[int] = []
        self.breaks = 0
        self.audiences = {"payments": Audience("payments", (RouteSpec("slack", "slack:#payments"),), schedules)}

    def runner(self, duty: LeaderLease | None = None) -> Scheduler:
        return Scheduler(
            self.ledger,
            self.audiences,
            prepare=self.prepare,
            missed=self.tell,
            clock=self.clock,
            sleep=self.clock.sleep if duty is None else brief,
            duty=duty,
        )

    async def prepare(self, schedule: Schedule, slot: datetime) -> Message:
        if self.breaks:
            self.breaks -= 1
            raise OSError("the audit failed")
        self.prepared.append(slot)
        await asyncio.sleep(0)
        return message(uuid.uuid4().hex, audience=schedule.audience)

    async def tell(self, schedule: Schedule, found: Sequence[datetime]) -> Message:
        self.missed.append(len(found))
        return message(uuid.uuid4().hex, audience=schedule.audience, title="Missed")

    async def states(self) -> list[str]:
        return list((await self.ledger.slots(self.schedule.id, utc("2020-01-01"))).values())

    async def posted(self) -> int:
        return (await self.ledger.backlog()).pending


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with ledger_at(tmp_path) as opened:
        yield opened


async def test_nothing_from_before_the_first_start_is_made_up(ledger: Ledger) -> None:
    desk = Desk(ledger, ManualClock(utc("2026-11-23T08:30")), weekly())
    await desk.runner().catch_up(desk.schedule)
    assert desk.prepared == []
    assert desk.missed == []


async def test_a_slot_runs_once_across_restarts(ledger: Ledger) -> None:
    desk = Desk(ledger, ManualClock(utc("2026-11-22T12:00")), weekly())
    await desk.runner().catch_up(desk.schedule)
    desk.clock.at = utc("2026-11-23T08:00")
    for _ in range(3):
        await desk.runner().catch_up(desk.schedule)
    assert desk.prepared == [utc("2026-11-23T08:00")]
    assert await desk.states() == ["taken"]
    assert await desk.posted() == 1


async def test_a_slot_runs_once_across_replicas(ledger: Ledger, tmp_path: Path) -> None:
    async with ledger_at(tmp_path) as other:
        desk = Desk(ledger, ManualClock(utc("2026-11-22T12:00")), weekly())
        twin = Desk(other, desk.clock, weekly())
        await desk.runner().catch_up(desk.schedule)
        desk.clock.at = utc("2026-11-23T08:00")
        await asyncio.gather(*(replica.runner().catch_up(replica.schedule) for replica in (desk, twin, desk, twin)))
        assert await desk.posted() == 1


async def on_its_way(desk: Desk, posts: int) -> None:
    async with asyncio.timeout(60):
        while await desk.posted() < posts:  # noqa: ASYNC110 - the ledger rings no bell for a test
            await asyncio.sleep(0.01)


async def test_of_two_replicas_one_prepares_and_the_other_goes_on_where_it_ends(ledger: Ledger, tmp_path: Path) -> None:
    async with ledger_at(tmp_path) as other:
        desks = [Desk(replica, ManualClock(utc("2026-11-22T12:00")), weekly()) for replica in (ledger, other)]
        await desks[0].runner().catch_up(desks[0].schedule)
        duties = [LeaderLease(replica.ledger, "schedules", holder=str(id(replica)), sleep=brief) for replica in desks]
        running = [asyncio.create_task(desk.runner(duty).run()) for desk, duty in zip(desks, duties, strict=True)]
        for desk in desks:
            desk.clock.at = utc("2026-11-23T08:00")
        await on_its_way(desks[0], 1)
        first = next(at for at, desk in enumerate(desks) if desk.prepared)
        assert [len(desk.prepared) for desk in desks].count(0) == 1
        running[first].cancel()
        for desk in desks:
            desk.clock.at = utc("2026-11-30T08:00")
        await on_its_way(desks[0], 2)
        assert [len(desk.prepared) for desk in desks] == [1, 1]
        running[1 - first].cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_one_missed_while_down_is_made_up_within_grace(ledger: Ledger) -> None:
    desk = Desk(ledger, ManualClock(utc("2026-11-22T12:00")), weekly())
    await desk.runner().catch_up(desk.schedule)
    desk.clock.at = utc("2026-11-23T13:59")
    await desk.runner().catch_up(desk.schedule)
    assert await desk.states() == ["made_up"]
    assert desk.missed == []


async def test_one_missed_for_longer_than_grace_is_told_once(ledger: Ledger) -> None:
    desk = Desk(ledger, ManualClock(utc("2026-11-22T12:00")), weekly())
    await desk.runner().catch_up(desk.schedule)
    desk.clock.at = utc("2026-11-23T14:01")
    await desk.runner().catch_up(desk.schedule)
    await desk.runner().catch_up(desk.schedule)
    assert await desk.states() == ["missed"]
    assert desk.prepared == []
    assert desk.missed == [1]
    assert await desk.posted() == 1


async def test_after_days_away_one_post_is_made_up_and_the_rest_told_together(ledger: Ledger) -> None:
    desk = Desk(ledger, ManualClock(utc("2026-11-18T12:00")), weekly("0 */2 * * *", "UTC", timedelta(hours=5)))
    await desk.runner().catch_up(desk.schedule)
    desk.clock.at = utc("2026-11-20T12:30")
    await desk.runner().catch_up(desk.schedule)
    assert desk.prepared == [utc("2026-11-20T12:00")]
    assert desk.missed == [21]
    assert (await desk.states()).count("made_up") == 3
    assert await desk.posted() == 2


async def test_a_post_that_could_not_be_prepared_is_tried_again(ledger: Ledger) -> None:
    desk = Desk(ledger, ManualClock(utc("2026-11-23T07:59")), weekly())
    desk.breaks = 3
    running = asyncio.create_task(desk.runner().run())
    await until(lambda: desk.prepared)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert desk.prepared == [utc("2026-11-23T08:00")]


async def test_a_clock_that_jumps_back_repeats_nothing_and_forward_makes_up(ledger: Ledger) -> None:
    desk = Desk(ledger, ManualClock(utc("2026-11-22T12:00")), weekly())
    runner = desk.runner()
    since = await runner.catch_up(desk.schedule)
    desk.clock.at = utc("2026-11-23T08:00")
    since = await runner.catch_up(desk.schedule, since)
    desk.clock.at = utc("2026-11-16T07:00")
    since = await runner.catch_up(desk.schedule, since)
    desk.clock.at = utc("2026-11-30T09:00")
    await runner.catch_up(desk.schedule, since)
    assert desk.prepared == [utc("2026-11-23T08:00"), utc("2026-11-30T08:00")]


async def test_sleeps_are_short_enough_to_notice_a_clock_that_was_set(ledger: Ledger) -> None:
    desk = Desk(ledger, ManualClock(utc("2026-11-22T12:00")), weekly())
    running = asyncio.create_task(desk.runner().run())
    await until(lambda: len(desk.clock.slept) >= 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert max(desk.clock.slept) <= 30
