"""A replica of commit 27d6bb4 and one of this version work on one ledger at the same time, as in a rolling upgrade."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from support.builders.posts import context
from support.fakes.receivers import Receiver
from support.harness import version_before
from support.harness.ledgers import ledger_at
from support.samples.stored import ALERT, AT, DAY, MINUTE, NOW, OPEN, PAGER, Stored

from bot.delivery import DeliveryPolicy, Sender
from bot.delivery.fallback_tests import message_for
from bot.delivery.routing.registry import build_all
from bot.model import Purpose, RouteSpec
from bot.model.incident_actions import apply_action
from bot.model.incidents import NotificationReceipt
from bot.storage.ledger import LeadershipLostError, Ledger

MESSAGES = 30
SHORT = timedelta(milliseconds=50)
POLICY = DeliveryPolicy(idle=SHORT, every=timedelta(0), backoff=SHORT, at_once=2, ahead=2)
made = Stored(NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    url: str = str(tmp_path / "ledger.db") if request.param == "sqlite" else request.getfixturevalue("database")
    return url


@asynccontextmanager
async def before_delivers(code: Path, where: str, url: str) -> AsyncIterator[None]:
    """The earlier version sends from the ledger for the block."""
    process = await asyncio.create_subprocess_exec(
        *version_before.command("deliver", where, url), cwd=code, env=version_before.environment(code)
    )
    try:
        yield
        assert process.returncode is None, "the earlier version goes on"
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def now_delivers(ledger: Ledger, url: str) -> AsyncIterator[None]:
    """This version sends from the ledger for the block."""
    routes, problems = build_all([RouteSpec("webhook", PAGER, {"url": url})], context(timeout=timedelta(seconds=5)))
    assert not problems
    sender = Sender(ledger, routes, policy=POLICY)
    running = asyncio.create_task(sender.run())
    try:
        yield
    finally:
        sender.stop()
        await running


async def before(code: Path, *arguments: str) -> str:
    """Run a command of the earlier version to its end."""
    return await asyncio.to_thread(version_before.run, code, *arguments)


async def until(done: Callable[[], Awaitable[bool]], seconds: float, every: float = 0.1) -> None:
    """Ask again and again, for so long at most."""
    end = time.monotonic() + seconds
    while not await done():
        assert time.monotonic() < end, f"not within {seconds:g} s"
        await asyncio.sleep(every)


async def shown(code: Path, where: str) -> Any:
    """What the earlier version reads."""
    printed = await before(code, "show", where)  # a warning comes first: the ledger is newer than that version
    return json.loads(printed.splitlines()[-1])


def dumped(value: Any) -> Any:
    return TypeAdapter(type(value)).dump_python(value, mode="json")


def as_known(ours: Any, theirs: Any) -> Any:
    """What we wrote, without the fields that the earlier version does not know."""
    if isinstance(theirs, dict):
        return {name: as_known(ours[name], theirs[name]) for name in theirs}
    if isinstance(theirs, list) and len(theirs) == len(ours):
        return [as_known(one_of_ours, one_of_theirs) for one_of_ours, one_of_theirs in zip(ours, theirs, strict=True)]
    return ours


async def test_each_message_is_delivered_once_whoever_posted_it(where: str, code_of_before: Path) -> None:
    async with Receiver().running() as ours, Receiver().running() as theirs, ledger_at(where) as ledger:
        async with before_delivers(code_of_before, where, theirs.url), now_delivers(ledger, ours.url):
            posting = asyncio.create_task(before(code_of_before, "post", where, str(MESSAGES)))
            posted = 0

            async def each_took_a_share() -> bool:
                nonlocal posted
                now = datetime.now(AT.tzinfo)
                report = made.message(f"now-{posted}", f"team{posted % 4}", created_at=now, purpose=Purpose.SCORECARD)
                assert await ledger.post(report, [PAGER], now)
                posted += 1
                return posted >= MESSAGES and bool(ours.received) and bool(theirs.received)

            await until(each_took_a_share, 90, every=0.02)  # the other process may start late
            await posting

            async def all_sent() -> bool:
                return not (await ledger.backlog()).pending

            await until(all_sent, 60)
        arrived = [post.json["id"] for post in (*ours.received, *theirs.received)]
        expected = {f"now-{number}" for number in range(posted)} | {f"before-{number}" for number in range(MESSAGES)}
        assert Counter(arrived) == Counter(expected)
        receipts = await ledger.receipts(limit=100_000)
        assert Counter(receipt.message for receipt in receipts if receipt.outcome == "sent") == Counter(expected)


async def test_the_earlier_version_remembers_a_fallback_test_of_this_one(where: str, code_of_before: Path) -> None:
    async with Receiver().running() as theirs, ledger_at(where) as ledger:
        now = datetime.now(AT.tzinfo)
        assert await ledger.post(message_for("payments", PAGER, now), [PAGER], now)

        async def tested() -> bool:
            return bool(await ledger.route_tests())

        async with before_delivers(code_of_before, where, theirs.url):
            await until(tested, 30)
        assert set(await ledger.route_tests()) == {PAGER}


async def test_an_incident_of_one_version_is_led_on_by_the_other(where: str, code_of_before: Path) -> None:
    async with ledger_at(where) as ledger:
        await before(code_of_before, "save", where)
        assert await ledger.incidents_since(AT - DAY) == (made.incident(),)
        assert await ledger.notification_states() == (made.told(),)
        (signal,) = await ledger.take_shared_signals(AT)
        assert (signal.vantage, signal.source, signal.state) == ("before", "prometheus/1", made.Health.BAD)

        first = await ledger.current_lease("watch")
        assert first is not None
        mine = await ledger.take_lease("watch", "now", first)
        assert mine is not None
        muted = apply_action(made.incident(), made.action())
        told = replace(made.told(), wave=2, step=2, message=ALERT.replace("opened:1:1", "wave:2:2"))
        alert = made.message(
            told.message, priority="alert", purpose=Purpose.ALERT, incident=OPEN, reason="wave", created_at=AT
        )
        async with ledger.begin() as transaction:
            await transaction.require_lease("watch", mine)
            await transaction.save_incident(muted)
            await transaction.save_notification_state(told)
            await transaction.queue_action(made.action())
            assert await transaction.post(alert, [PAGER], AT)
        claim = await ledger.claim_one(alert.id, "now", AT, MINUTE)
        assert claim is not None
        await ledger.settle(claim, "sent", made.receipt(alert.id, PAGER, "sent"), AT + MINUTE)
        await ledger.share_signals("now", [made.signal(vantage="now")], AT)

        read = await shown(code_of_before, where)
        assert read["incidents"] == {OPEN: as_known(dumped(muted), read["incidents"][OPEN])}
        assert read["told"] == [as_known(dumped(told), read["told"][0])]
        assert read["heard"] == [dumped(NotificationReceipt("payments", "wave", AT, AT + MINUTE, PAGER))]
        assert read["asked"] == [dumped(made.action())]
        assert [signal["vantage"] for signal in read["signals"]] == ["now"]

        with pytest.raises(LeadershipLostError):
            async with ledger.begin() as transaction:
                await transaction.require_lease("watch", first)
        await before(code_of_before, "save", where)
        with pytest.raises(LeadershipLostError):
            async with ledger.begin() as transaction:
                await transaction.require_lease("watch", mine)
        assert await ledger.incidents_since(AT - DAY) == (made.incident(),)
