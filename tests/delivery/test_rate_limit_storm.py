"""A workspace that limits the rate: an alert waits a few seconds for its turn, then goes by the route that is idle."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from support.builders.posts import START, context, message
from support.fakes.misbehaving import hang, ratelimited
from support.fakes.receivers import Receiver
from support.fakes.slack import FakeSlack
from support.harness.ledgers import ledger_at
from support.harness.office import HOOK, SLACK, Office, open_office

from bot.delivery import DeliveryPolicy, Sender
from bot.delivery.routing.registry import build_all
from bot.model import Priority, RouteSpec

TEAMS = 60


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


class LimitedSlack(FakeSlack):
    """Answers every seventh post with 429 and a second to wait."""

    numbers = count(1)

    async def play(self, request: web.Request, name: str, do: Any) -> web.StreamResponse:
        if name == "chat.postMessage" and next(self.numbers) % 7 == 0:
            self.script(name, ratelimited(1))
        return await super().play(request, name, do)


async def test_sixty_alerts_are_out_within_seconds(tmp_path: Path) -> None:
    names = [f"team{number}" for number in range(TEAMS)]
    channels = {name: f"C0TEAM{number:03d}" for number, name in enumerate(names)}
    async with (
        ledger_at(tmp_path) as ledger,
        LimitedSlack(channels=channels).running() as slack,
        Receiver().running() as hook,
    ):
        specs = [RouteSpec("slack", f"slack:{name}", {"channel": channel}) for name, channel in channels.items()]
        specs += [RouteSpec("webhook", f"webhook:{name}", {"url": f"{hook.url}/{name}"}) for name in names]
        routes, problems = build_all(specs, context(slack_api_url=slack.url, timeout=timedelta(seconds=5)))
        assert not problems
        sender = Sender(ledger, routes, policy=DeliveryPolicy(short_wait=timedelta(seconds=1)))
        for name in names:
            alert = message(f"m-{name}", audience=name, priority=Priority.ALERT)
            await ledger.post(alert, [f"slack:{name}", f"webhook:{name}"])
        running = asyncio.create_task(sender.run())
        async with asyncio.timeout(30):
            while (await ledger.backlog()).pending:  # noqa: ASYNC110 - the servers answer meanwhile
                await asyncio.sleep(0.1)
        sender.stop()
        await running
        receipts = [receipt for receipt in await ledger.receipts(limit=1000) if receipt.outcome == "sent"]
    assert len(receipts) == TEAMS
    assert {receipt.route.partition(":")[0] for receipt in receipts} == {"slack", "webhook"}


async def test_an_alert_behind_others_of_its_channel_takes_the_fallback(office: Office) -> None:
    sender = office.sender(every=timedelta(seconds=6))
    for number in range(6):
        await office.post(message(f"m{number}", audience=f"a{number}", priority=Priority.ALERT))
    await sender.deliver_due()
    assert office.hook.delivered, "a turn that comes after more than five seconds is not waited for"
    assert len(office.in_slack()) + len(office.hook.delivered) == 6
    outcomes = [await office.outcomes(f"m{number}") for number in range(6)]
    assert [(SLACK, "skipped"), (HOOK, "sent")] in outcomes


async def test_a_report_waits_for_its_turn(office: Office) -> None:
    sender = office.sender(every=timedelta(seconds=6))
    for number in range(6):
        await office.post(message(f"m{number}", audience=f"a{number}"))
    await sender.deliver_due()
    assert len(office.in_slack()) == 6
    assert office.hook.delivered == []


async def test_where_no_route_follows_the_turn_is_waited_for(office: Office) -> None:
    sender = office.sender(every=timedelta(seconds=6))
    for number in range(6):
        await office.post(message(f"m{number}", audience=f"a{number}", priority=Priority.ALERT), SLACK)
    await sender.deliver_due()
    assert len(office.in_slack()) == 6
    assert office.clock.at - START >= timedelta(seconds=10)


async def test_an_alert_does_not_wait_behind_posts_that_hang(office: Office) -> None:
    office.patience = timedelta(seconds=3)
    office.slack.always("chat.postMessage", hang())
    sender = office.sender(every=timedelta(0), per_route=1, at_once=1, short_wait=timedelta(milliseconds=300))
    for number in range(4):
        await office.post(message(f"m{number}", audience=f"a{number}", priority=Priority.ALERT))
    async with asyncio.timeout(20):
        await sender.deliver_due()
    assert sorted(office.hook.delivered) == ["m0", "m1", "m2", "m3"]
    skipped = [receipt for receipt in await office.ledger.receipts(limit=100) if "busy with earlier" in receipt.detail]
    assert skipped
