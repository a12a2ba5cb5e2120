"""Who is next on the line to a platform, and how fast it is used: rates, silence, and a clock that jumps."""

import asyncio
from datetime import timedelta

import pytest
from support.builders.posts import START

from bot.delivery import CircuitBreaker
from bot.delivery.concurrency import ConcurrencyLimiter
from bot.delivery.rate_limit import TEAMS_AN_HOUR, RateLimiter

SECOND = timedelta(seconds=1)


async def queue_up(
    gate: ConcurrencyLimiter, ranks: list[int]
) -> tuple[list[int], list[asyncio.Task[None]], asyncio.Event]:
    went: list[int] = []
    go = asyncio.Event()

    async def one(rank: int) -> None:
        async with gate.turn(rank), gate.line():
            went.append(rank)
            await go.wait()

    tasks = []
    for rank in ranks:
        tasks.append(asyncio.create_task(one(rank)))
        await asyncio.sleep(0)
    return went, tasks, go


async def test_an_alert_passes_reports_that_wait_for_the_line() -> None:
    went, tasks, go = await queue_up(ConcurrencyLimiter(2), [2, 2, 2, 2, 2, 3, 0])
    assert went == [2, 2]
    go.set()
    await asyncio.gather(*tasks)
    # The third had its place already; of those that wait the alert is first.
    assert went == [2, 2, 2, 0, 2, 2, 3]


async def test_whoever_is_cancelled_while_waiting_takes_no_place_along() -> None:
    gate = ConcurrencyLimiter(1)
    went, tasks, go = await queue_up(gate, [0, 0, 1, 2])
    tasks[2].cancel()
    go.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert went == [0, 0, 2]
    again, more, go = await queue_up(gate, [1, 1])
    assert again == [1]
    go.set()
    await asyncio.gather(*more)
    assert again == [1, 1]


def waits(pace: RateLimiter, route: str, platform: str, ranks: list[int]) -> list[float]:
    return [pace.reserve(route, platform, rank, START).total_seconds() for rank in ranks]


def test_one_message_a_second_and_an_alert_before_the_reports_that_wait() -> None:
    pace = RateLimiter()
    assert waits(pace, "slack:#a", "slack", [2, 2, 2, 0, 0]) == [0, 1, 2, 0, 1]
    assert waits(pace, "slack:#b", "slack", [2]) == [0]


def test_a_team_conversation_takes_1800_messages_an_hour_and_a_tenant_50_a_second() -> None:
    pace = RateLimiter(every=timedelta(0))
    across = [pace.reserve(f"teams:{n}", "teams", 2, START).total_seconds() for n in range(51)]
    assert across[0] == 0
    assert across[50] == pytest.approx(1.0)
    pace, now = RateLimiter(every=timedelta(0)), START
    for _ in range(TEAMS_AN_HOUR):
        now += SECOND
        assert pace.reserve("teams:one", "teams", 2, now) == timedelta(0)
    assert pace.reserve("teams:one", "teams", 2, now) == START + SECOND + timedelta(hours=1) - now


def test_silence_asked_of_one_channel_is_that_channels_of_two_the_platforms() -> None:
    pace = RateLimiter()
    pace.pause("slack:#a", "slack", START + 10 * SECOND, START)
    assert pace.paused_for("slack:#a", "slack", START + SECOND) == 9 * SECOND
    assert pace.paused_for("slack:#c", "slack", START) == timedelta(0)
    pace.pause("slack:#b", "slack", START + 30 * SECOND, START + SECOND)
    assert pace.paused_for("slack:#c", "slack", START + SECOND) == 29 * SECOND
    assert pace.paused_for("teams:x", "teams", START + SECOND) == timedelta(0)
    later = START + 31 * SECOND
    assert pace.paused_for("slack:#c", "slack", later) == timedelta(0)
    # Afterwards the workspace is approached slowly, and faster again once it has been quiet.
    slow = [pace.reserve(f"slack:#{n}", "slack", 2, later).total_seconds() for n in range(6)]
    assert slow[5] == pytest.approx(1.0)
    calm = later + timedelta(minutes=10)
    for minute in range(5):
        pace.reserve("slack:#z", "slack", 2, calm + timedelta(minutes=minute))
    calm += timedelta(minutes=6)
    assert [pace.reserve(f"slack:#{n}", "slack", 2, calm) for n in range(3)] == [timedelta(0)] * 3


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_clock_that_jumps_silences_nothing_for_longer_than_was_asked(jump: timedelta) -> None:
    pace, breaker = RateLimiter(), CircuitBreaker()
    pace.pause("slack:#a", "slack", START + 10 * SECOND, START)
    waits(pace, "slack:#a", "slack", [2] * 5)
    breaker.failed(START)
    breaker.failed(START)
    now = START + jump
    assert pace.paused_for("slack:#a", "slack", now) <= 10 * SECOND
    assert pace.paused_for("slack:#a", "slack", now + 10 * SECOND) == timedelta(0)
    assert pace.reserve("slack:#a", "slack", 2, now) <= 5 * SECOND
    left = breaker.time_left(now)
    assert left is None or left <= breaker.rest
    assert breaker.acquire(now + breaker.rest) is None


def test_only_one_probes_and_a_second_look_is_no_probe() -> None:
    breaker = CircuitBreaker()
    assert breaker.acquire(START) is None
    breaker.failed(START)
    breaker.failed(START)
    assert not breaker.closed
    back = START + breaker.rest
    assert breaker.time_left(back) is None
    assert breaker.time_left(back) is None
    assert breaker.acquire(back) is None
    assert breaker.time_left(back) == SECOND
    assert breaker.acquire(back) == SECOND
    breaker.succeeded()
    assert breaker.closed


def test_what_was_on_the_line_when_it_opened_keeps_it_open_no_longer() -> None:
    breaker = CircuitBreaker()
    for _ in range(16):  # as many as hang beside each other, and time out in the same moment
        breaker.failed(START)
    assert breaker.open_until == START + breaker.rest
    probe = START + breaker.rest
    assert breaker.acquire(probe) is None
    breaker.failed(probe)
    assert breaker.open_until == probe + 2 * breaker.rest, "a probe that failed doubles it"
