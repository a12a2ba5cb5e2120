"""A cancelled call of the ledger ends as cancelled, at whatever moment it is cancelled, and the ledger goes on."""

import asyncio
import random
from pathlib import Path

from support.builders.posts import START
from support.harness.ledgers import ledger_at


async def test_a_cancelled_call_ends_as_cancelled(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - moments, no secrets
    async with ledger_at(tmp_path) as ledger:
        for number in range(25):
            call = asyncio.create_task(ledger.begin_schedule(f"schedule {number}", START))
            await asyncio.sleep(chance.random() * 0.004)
            call.cancel()
            ended = (await asyncio.gather(call, return_exceptions=True))[0]
            assert call.done()
            assert ended == START or isinstance(ended, asyncio.CancelledError), repr(ended)
        assert await ledger.begin_schedule("after", START) == START
