"""What goes wrong on our own side: the disk is full, the clock jumps, the database goes away."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.posts import message
from support.fakes.cut_line import through
from support.fakes.misbehaving import ratelimited, status
from support.fakes.receivers import Receiver
from support.harness import postgres
from support.harness.ledgers import ledger_at
from support.harness.office import HOOK, Office, open_office
from support.harness.waiting import until

from bot.delivery import DeliveryPolicy, Sender
from bot.delivery.routing.context import RouteContext
from bot.delivery.routing.registry import build_all
from bot.model import RouteSpec
from bot.net.egress import EgressPolicy
from bot.storage.ledger import Ledger, LedgerError

ROOT = Path(__file__).parents[2]
HOUR = timedelta(hours=1)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


async def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "support.processes.full_disk", str(tmp_path / "a.db"), env=environment, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    written, _ = await asyncio.wait_for(child.communicate(), 60)
    told = json.loads(written)
    assert len(told["accepted"]) > 3
    assert "Free space on its disk" in told["said"]
    assert "Free space on its disk" in told["troubles"][0]
    assert told["after"] == []
    assert told["again"]
    assert sorted(told["took"]) == sorted([*told["accepted"], "later"])


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
async def test_a_clock_that_jumps_delays_no_message(office: Office, jump: timedelta) -> None:
    office.slack.always("chat.postMessage", ratelimited(600))
    office.hook.always("hook", status(503))
    await office.post(message())
    sender = office.sender(idle=timedelta(milliseconds=20))
    running = asyncio.create_task(sender.run())
    await until(lambda: office.slack.called("chat.postMessage"))
    office.slack.always("chat.postMessage")
    office.hook.always("hook")
    office.clock.at += jump
    await until(lambda: office.in_slack() or office.hook.delivered, within=5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(office.in_slack()) + len(office.hook.delivered) == 1


async def test_what_a_dead_sender_held_is_free_though_the_clock_was_set_back(office: Office) -> None:
    await office.post(message())
    (claim,) = await office.ledger.claim("dead", office.clock(), timedelta(seconds=20), 1)
    assert claim.message.id == "m1"
    office.clock.at -= HOUR
    sender = office.sender()
    await office.ledger.make_due(office.clock())
    assert await sender.deliver_due() == 1
    assert office.in_slack() == ["m1"]


async def deliver(ledger: Ledger, hook: Receiver, wanted: int) -> None:
    routes, _ = build_all(
        [RouteSpec("webhook", HOOK, {"url": hook.url})], RouteContext(str, outgoing=EgressPolicy(private=True))
    )
    policy = DeliveryPolicy(
        every=timedelta(0), lease=timedelta(seconds=2), idle=timedelta(seconds=0.1), backoff=timedelta(seconds=0.1)
    )
    sender = Sender(ledger, routes, policy=policy)
    running = asyncio.create_task(sender.run())
    await until(lambda: len(hook.delivered) == wanted, within=45)
    sender.stop()
    await running


async def test_a_database_that_goes_away_in_the_middle_loses_nothing() -> None:
    programs = postgres.programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL here")
    with postgres.running(programs) as address:
        async with through(address) as line, ledger_at(line.url) as ledger, Receiver().running() as hook:
            for number in range(60):
                await ledger.post(message(f"m{number}", audience=f"team{number}"), [HOOK])
            delivering = asyncio.create_task(deliver(ledger, hook, 60))
            await until(lambda: hook.delivered, within=10)
            await line.cut()
            with pytest.raises(LedgerError):
                await ledger.post(message("meanwhile"), [HOOK])
            await asyncio.sleep(1.5)  # the length of an outage, in a database's own time
            await line.mend()
            await delivering
            sent = {receipt.message for receipt in await ledger.receipts(limit=500) if receipt.outcome == "sent"}
        assert sorted(hook.delivered) == sorted(f"m{number}" for number in range(60))
        assert sent == set(hook.delivered)
