import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from support.builders.moment import NOW
from support.builders.signals import probe as signal

from bot.detection.probes.probe import Probe
from bot.detection.probes.scheduler import JITTER, ProbeScheduler
from bot.model.signals import Health, Signal, Trouble
from checks import Scope

ONE = Probe(Scope("stripe"), "http", "api.stripe.com")


class Monotonic:
    """Seconds that pass only where somebody sleeps; ends the run at `until`."""

    def __init__(self, until: float) -> None:
        self.at, self.until = 0.0, until

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        if self.at >= self.until:
            raise asyncio.CancelledError
        self.at += max(seconds, 0.001)
        await asyncio.sleep(0)


async def go_round(
    probes: list[Probe],
    until: float,
    busy: int = 0,
    *,
    bad: bool = False,
    interval: float = 30,
    see: Callable[[float], Signal] | None = None,
    told: list[tuple[float, Signal]] | None = None,
    wall: Callable[[float], float] | None = None,
) -> tuple[list[tuple[float, Probe]], ProbeScheduler[Probe]]:
    clock, began = Monotonic(until), []

    async def observe(probe: Probe) -> Signal:
        began.append((clock(), probe))
        for _ in range(busy):
            await asyncio.sleep(0)
        return see(clock()) if see else signal(at=NOW, bad=bad)

    rounds = ProbeScheduler(
        observe,
        lambda seen: told.append((clock(), seen)) if told is not None else None,
        now=clock,
        sleep=clock.sleep,
        interval=interval,
        chance=lambda: 0.5,
        wall=(lambda: wall(clock())) if wall else None,
    )
    rounds.set(probes)
    with pytest.raises(asyncio.CancelledError):
        await rounds.run()
    return began, rounds


async def test_each_probe_has_its_turn_every_interval() -> None:
    began, rounds = await go_round([ONE], 300)
    turns = [at for at, _ in began]
    assert all(30 * (1 - JITTER) <= later - at <= 31 for at, later in pairwise(turns))
    assert len(turns) in (10, 11, 12)
    assert rounds.skipped_rounds == 0


@pytest.mark.parametrize("interval", [30, 120, 600])
async def test_a_probe_in_doubt_runs_every_8_seconds_ten_times_more(interval: float) -> None:
    ill = (
        {"state": Health.GOOD, "retried": True},
        {"state": Health.BAD},
        {"state": Health.DEGRADED, "trouble": Trouble.SLOW},
    )
    for trouble in ill:
        began, _ = await go_round(
            [ONE],
            3 * interval,
            interval=interval,
            see=lambda at, first=trouble: replace(signal(at=NOW, bad=False), **(first if at < 5 else {})),  # type: ignore[misc]
        )
        gaps = [later - at for (at, _), (later, _) in pairwise(began)]
        assert all(7.9 <= gap <= 9.1 for gap in gaps[:10])
        assert all(gap > 10 for gap in gaps[11:]), gaps


async def test_a_certificate_about_to_end_is_no_doubt() -> None:
    ending = replace(signal(at=NOW, bad=False), state=Health.DEGRADED, trouble=Trouble.EXPIRING)
    began, _ = await go_round([ONE], 290, see=lambda _: ending)
    assert all(later - at > 28 for (at, _), (later, _) in pairwise(began))


@pytest.mark.parametrize(("interval", "most"), [(30, 120 + 126), (600, 120 + 7)])
async def test_what_stays_down_is_not_flooded(interval: float, most: int) -> None:
    began, _ = await go_round([ONE], 3_590, interval=interval, bad=True)
    assert 120 < len(began) <= most


async def test_a_polite_probe_has_a_longer_interval() -> None:
    began, _ = await go_round([replace(ONE, interval=60.0), replace(ONE, host="two.example")], 600)
    turns = {host: sum(probe.host == host for _, probe in began) for host in (ONE.host, "two.example")}
    assert turns[ONE.host] in (10, 11)
    assert turns["two.example"] in (20, 21)


async def test_a_machine_that_slept_probes_everything_again() -> None:
    began, _ = await go_round([ONE], 700, interval=600, wall=lambda at: at + (3_600 if at > 100 else 0))
    turns = [at for at, _ in began]
    assert 100 < turns[1] <= 131


async def test_an_answer_from_before_a_sleep_does_not_count() -> None:
    told: list[tuple[float, Signal]] = []
    began, _ = await go_round(
        [ONE], 60, busy=20, told=told, wall=lambda at: at + (3_600 if at > 5 else 0), interval=600
    )
    assert len(told) == len(began) - 1


async def test_probes_are_spread_over_the_interval() -> None:
    many = [Probe(Scope("stripe"), "http", f"host{number}.example") for number in range(60)]
    began, _ = await go_round(many, 31)
    first = [at for at, _ in began[:60]]
    assert max(sum(second <= at < second + 1 for at in first) for second in range(30)) <= 3
    assert {probe for _, probe in began} == set(many)


async def test_a_running_probe_skips_its_next_round() -> None:
    began, rounds = await go_round([ONE], 120, busy=10_000)
    assert len(began) == 1
    assert rounds.skipped_rounds >= 2
