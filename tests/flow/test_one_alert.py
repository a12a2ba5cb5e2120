"""Two replicas that judge the same at once, as in a moment of split brain, tell it once."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.signals import minutes
from support.harness.watching import Watching, broken, estate, watch_on, watching, well


async def both(here: Watching, other: Watching, lasts: timedelta, *, bad: bool, apart: timedelta) -> None:
    """Time passes for both; the second one sees and judges everything a little later."""
    end = here.now + lasts
    while here.now < end:
        here.office.clock.at += timedelta(seconds=10)
        for value in (here, other):
            for signal in broken(here.now) if bad else well(here.now):
                value.watch.observe(signal)
        await here.watch.evaluate()
        here.office.clock.at += apart
        await other.watch.evaluate()
        here.office.clock.at -= apart
        await here.office.sender(every=timedelta(0)).deliver_due()


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(seconds=3)])
async def test_an_alert_its_end_and_its_next_wave_are_told_once(tmp_path: Path, apart: timedelta) -> None:
    async with watching(tmp_path, estate()) as here:
        other = Watching(here.office, watch_on(here.office, here.known), here.known)
        await both(here, other, minutes(3), bad=True, apart=apart)
        assert len(here.texts()) == 1
        await both(here, other, minutes(25), bad=False, apart=apart)
        assert [text.partition(":")[0] for text in here.texts()] == ["Resolved", "Resolved"]
        await both(here, other, minutes(3), bad=True, apart=apart)
        assert len(here.texts()) == 3
        assert len(here.thread(2)) == 1


async def test_two_that_post_in_the_same_moment_post_once(tmp_path: Path) -> None:
    async with watching(tmp_path, estate()) as here:
        other = Watching(here.office, watch_on(here.office, here.known), here.known)
        for _ in range(6):
            here.office.clock.at += timedelta(seconds=10)
            for value in (here, other):
                for signal in broken(here.now):
                    value.watch.observe(signal)
            await asyncio.gather(here.watch.evaluate(), other.watch.evaluate())
            await asyncio.gather(*(here.office.sender(every=timedelta(0)).deliver_due() for _ in range(2)))
        assert len(here.texts()) == 1
        assert len(here.thread()) == 1
