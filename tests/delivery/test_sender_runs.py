"""The sender as a long-running task: woken by a post, stopped, and with a ledger that is busy."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.builders.posts import START, ManualClock, message
from support.fakes.misbehaving import hang
from support.harness.ledgers import ledger_at
from support.harness.office import HOOK, SLACK, Office, open_office
from support.harness.waiting import until

from bot.delivery import DeliveryPolicy, Sender
from bot.model import Message, Priority, Result, Sent
from bot.storage.ledger import Ledger


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


async def test_run_wakes_on_a_post_and_stops_cleanly(office: Office) -> None:
    sender = Sender(
        office.ledger, office.routes(), policy=DeliveryPolicy(idle=timedelta(seconds=30)), clock=office.clock
    )
    running = asyncio.create_task(sender.run())
    await asyncio.sleep(0.05)
    await office.post(message())
    await until(office.in_slack)
    sender.stop()
    await asyncio.wait_for(running, 60)
    assert (await office.ledger.backlog()).pending == 0


async def test_a_stop_puts_back_what_hangs(office: Office) -> None:
    office.slack.always("*", hang())
    await office.post(message())
    finish = DeliveryPolicy(finish=timedelta(milliseconds=50))
    sender = Sender(office.ledger, office.routes(), policy=finish, clock=office.clock)
    running = asyncio.create_task(sender.run())
    await until(lambda: office.slack.called("chat.postMessage"))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    again = await office.ledger.claim("next", office.clock(), timedelta(seconds=60), 1)
    assert [(claim.message.id, claim.tries) for claim in again] == [("m1", {SLACK: 1})]


class SlowRoute:
    """Takes its time, several leases long."""

    kind, name, platform = "slow", "slow:it", "slow"

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, message: Message, attempt: int) -> Result:
        self.sent.append(f"{message.id}/{attempt}")
        await asyncio.sleep(1.2)
        return Sent("there")


async def test_a_slow_send_is_not_taken_from_its_sender(tmp_path: Path) -> None:
    route = SlowRoute()
    policy = DeliveryPolicy(lease=timedelta(seconds=0.4), idle=timedelta(seconds=0.05))
    async with ledger_at(tmp_path) as ledger, ledger_at(tmp_path) as other:
        await ledger.post(message(), [route.name])
        senders = [Sender(replica, {route.name: route}, policy=policy) for replica in (ledger, other)]
        running = [asyncio.create_task(sender.run()) for sender in senders]
        async with asyncio.timeout(60):
            while (await ledger.backlog()).pending:  # noqa: ASYNC110 - the other sender rings no bell
                await asyncio.sleep(0.05)
        for sender in senders:
            sender.stop()
        await asyncio.gather(*running)
        assert route.sent == ["m1/1"]
        assert [receipt.outcome for receipt in await ledger.receipts()] == ["sent"]


class LockingRoute:
    """Delivers, and at that moment another program takes the ledger's lock."""

    kind, name, platform = "locking", "locking:it", "locking"

    def __init__(self, path: Path) -> None:
        self.sent: list[str] = []
        self._other = sqlite3.connect(path, isolation_level=None)

    async def send(self, message: Message, attempt: int) -> Result:
        self.sent.append(f"{message.id}/{attempt}")
        self._other.execute("BEGIN IMMEDIATE")
        return Sent("there")

    async def let_go(self, _: float) -> None:
        self._other.execute("ROLLBACK")

    def close(self) -> None:
        self._other.close()


async def test_what_was_sent_while_the_ledger_was_busy_is_not_sent_again(tmp_path: Path) -> None:
    ledger = await Ledger.open(tmp_path / "a.db", patience=timedelta(milliseconds=50))
    with closing(LockingRoute(tmp_path / "a.db")) as route:
        await ledger.post(message(), [route.name], START)
        sender = Sender(ledger, {route.name: route}, clock=ManualClock(), sleep=route.let_go)
        assert await sender.deliver_due() == 1
        assert route.sent == ["m1/1"]
        assert [receipt.outcome for receipt in await ledger.receipts()] == ["sent"]
    await ledger.close()


async def test_posts_at_the_same_time_are_accepted_each_for_itself(office: Office) -> None:
    naive = message("naive", created_at=datetime(2026, 11, 23))  # noqa: DTZ001 - what the ledger does not take
    posts = [message(f"m{number % 20}", audience=f"team{number % 20}") for number in range(40)]
    results = await asyncio.gather(
        *(office.ledger.post(post, [HOOK], office.clock()) for post in [naive, *posts]), return_exceptions=True
    )
    assert results.count(True) == 20
    assert results.count(False) == 20
    assert not isinstance(results[0], bool)
    assert (await office.ledger.backlog()).pending == 20


async def test_alerts_are_claimed_though_reports_take_all_the_room(office: Office) -> None:
    office.slack.always("chat.postMessage", hang())
    office.hook.always("hook", hang())
    for number in range(8):
        await office.post(message(f"r{number}", audience=f"team{number}"), SLACK)
    small = DeliveryPolicy(ahead=4, at_once=2, finish=timedelta(milliseconds=50), every=timedelta(0))
    sender = Sender(office.ledger, office.routes(), policy=small, clock=office.clock)
    running = asyncio.create_task(sender.run())
    await until(lambda: len(office.slack.called("chat.postMessage")) == 2)
    office.hook.always("hook")
    await office.post(message("alert", audience="ops", priority=Priority.ALERT), HOOK)
    await until(lambda: office.hook.delivered == ["alert"])
    assert len(office.slack.called("chat.postMessage")) == 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
