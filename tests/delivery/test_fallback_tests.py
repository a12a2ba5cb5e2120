"""A fallback is shown to work before it is needed: by a test once a month, or when somebody asks."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.posts import message
from support.fakes.misbehaving import status
from support.harness.office import HOOK, SLACK, Office, open_office

from bot.delivery.fallback_tests import EVERY, FallbackTests, send_test
from bot.model import Audience, Priority, RouteSpec

PAYMENTS = Audience("payments", (RouteSpec("slack", SLACK), RouteSpec("webhook", HOOK)))
OPS = Audience("ops", (RouteSpec("webhook", "webhook:first"), RouteSpec("webhook", HOOK)))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


def monthly(office: Office) -> FallbackTests:
    return FallbackTests(
        office.ledger, {"payments": PAYMENTS, "ops": OPS}, clock=office.clock, sleep=office.clock.sleep
    )


async def test_every_fallback_is_tested_once_a_month(office: Office) -> None:
    tests, sender = monthly(office), office.sender()
    assert await tests.post_due() == 1
    assert await tests.post_due() == 0
    assert await monthly(office).post_due() == 0, "another replica thinks of the same test"
    await sender.deliver_due()
    (came,) = office.hook.received
    assert came.json["kind"] == "route_test"
    assert "No action is needed" in came.json["text"]
    assert office.in_slack() == []
    assert await office.ledger.route_tests() == {HOOK: office.clock()}
    office.clock.at += timedelta(days=22)
    assert await tests.post_due() == 0
    office.clock.at += EVERY - timedelta(days=22)
    assert await tests.post_due() == 1


async def test_a_test_that_does_not_arrive_proves_nothing_and_is_tried_the_next_day(office: Office) -> None:
    office.hook.always("hook", status(410))
    tests = monthly(office)
    assert await tests.post_due() == 1
    await office.sender().deliver_due()
    assert await office.ledger.route_tests() == {}
    office.clock.at += timedelta(days=1)
    assert await tests.post_due() == 1


async def test_whoever_asks_gets_the_receipt(office: Office) -> None:
    hour = timedelta(hours=1)
    sender = office.sender()
    for route in (SLACK, HOOK):
        receipt = await send_test(
            sender,
            office.ledger,
            PAYMENTS,
            route,
            asked_by="cli:ada",
            wait=hour,
            clock=office.clock,
            sleep=office.clock.sleep,
        )
        assert receipt is not None
        assert (receipt.route, receipt.outcome) == (route, "sent")
    assert set(await office.ledger.route_tests()) == {SLACK, HOOK}
    assert "cli:ada" in office.hook.received[0].json["text"]
    assert "Test of slack:#payments" in str(office.slack.channel("payments"))


async def test_a_test_waits_behind_nobody(office: Office) -> None:
    office.slack.script("chat.postMessage", status(500))
    await office.post(message("alert", priority=Priority.ALERT), SLACK)
    sender = office.sender()
    await sender.deliver_due()
    receipt = await send_test(
        sender, office.ledger, PAYMENTS, HOOK, asked_by="cli:ada", wait=timedelta(minutes=1),
        clock=office.clock, sleep=office.clock.sleep,
    )  # fmt: skip
    assert receipt is not None
    assert receipt.outcome == "sent"
    assert (await office.ledger.backlog()).pending == 1


async def test_a_route_that_stays_silent_is_told_within_the_wait(office: Office) -> None:
    office.hook.always("hook", status(503))
    receipt = await send_test(
        office.sender(), office.ledger, PAYMENTS, HOOK, asked_by="cli:ada", wait=timedelta(seconds=20),
        clock=office.clock, sleep=office.clock.sleep,
    )  # fmt: skip
    assert receipt is not None
    assert receipt.outcome in ("retry", "skipped")
    assert await office.ledger.route_tests() == {}
