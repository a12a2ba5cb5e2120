"""The primary is back: one digest of what went elsewhere, after everything else, and nothing twice."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.posts import message
from support.fakes.misbehaving import OK, status
from support.harness.office import HOOK, SLACK, Office, open_office

from bot.cards.messages.broadcast import broadcast_card
from bot.delivery.catch_up import CatchUp
from bot.model import Audience, Purpose, RouteSpec
from bot.model.records import Broadcast

PAYMENTS = Audience("payments", (RouteSpec("slack", SLACK), RouteSpec("webhook", HOOK)))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


def catch_up(office: Office) -> CatchUp:
    return CatchUp(office.ledger, {"payments": PAYMENTS}, clock=office.clock, sleep=office.clock.sleep)


async def outage(office: Office, *ids: str) -> None:
    office.slack.always("*", status(503))
    for name in ids:
        await office.post(message(name, title=f"Title of {name}"))
        await office.sender().deliver_due()
        office.clock.at += timedelta(seconds=30)


def digests(office: Office) -> list[Any]:
    return [post for post in office.slack.channel("payments") if "Catch-up for payments" in str(post["blocks"])]


async def test_one_digest_when_the_primary_is_back(office: Office) -> None:
    flow = catch_up(office)
    await outage(office, "m1", "m2")
    await flow.update()
    await office.sender().deliver_due()
    await outage(office, "m3")
    await flow.update()
    await flow.update()
    assert office.hook.delivered == ["m1", "m2", "m3"]
    assert digests(office) == []

    office.slack.always("*", OK)
    office.clock.at += timedelta(minutes=10)
    await office.post(message("m4"))
    await office.sender().deliver_due()
    (digest,) = digests(office)
    said = str(digest["blocks"])
    assert [f"Title of {name}" in said for name in ("m1", "m2", "m3")] == [True] * 3
    assert "webhook:pager" in said
    assert [name for name in office.in_slack() if not name.startswith("catch-up:")] == ["m4"]

    await flow.update()
    await office.sender().deliver_due()
    assert len(digests(office)) == 1
    assert office.hook.delivered == ["m1", "m2", "m3"], "the digest never goes by a fallback"


async def test_a_broadcast_is_named_by_what_it_says(office: Office) -> None:
    said = Broadcast("b1", "Users can't pay", "critical", ("payments",), "slack:U1", "ada", office.clock())
    office.slack.always("*", status(503))
    await office.post(message("b1", card=broadcast_card(said).dump()))
    await office.sender().deliver_due()
    await catch_up(office).update()
    office.slack.always("*", OK)
    office.clock.at += timedelta(minutes=10)
    await office.sender().deliver_due()
    assert "Critical: Users can't pay" in str(digests(office)[0])


async def test_the_digest_holds_nobody_up_and_is_no_standstill(office: Office) -> None:
    await outage(office, "m1")
    await catch_up(office).update()
    assert (await office.ledger.backlog()).oldest is None
    await office.post(message("m2"))
    await office.sender().deliver_due()
    assert office.hook.delivered == ["m1", "m2"]


async def test_a_second_outage_gets_a_digest_of_its_own(office: Office) -> None:
    flow = catch_up(office)
    for number, one in enumerate(("m1", "m2"), start=1):
        await outage(office, one)
        await flow.update()
        office.slack.always("*", OK)
        office.clock.at += timedelta(minutes=10)
        await office.sender().deliver_due()
        assert len(digests(office)) == number
    assert "Title of m1" not in str(digests(office)[1])


async def test_nothing_missed_nothing_said(office: Office) -> None:
    office.slack.archived.add("C0PAYMENTS")
    await office.post(message("refused for ever"))
    await office.post(message("meant for the hook"), HOOK)
    await office.sender().deliver_due()
    await catch_up(office).update()
    assert (await office.ledger.backlog()).pending == 0


async def test_what_a_dead_token_refused_is_named_once_the_token_is_replaced(office: Office) -> None:
    flow = catch_up(office)
    office.slack.revoked = "token_revoked"
    for number in range(2):
        await office.post(message(f"m{number}", title=f"Title of m{number}"))
        await office.sender().deliver_due()
    assert office.hook.delivered == ["m0", "m1"]
    await flow.update()
    assert (await office.ledger.backlog()).pending == 0, "nothing can be posted there"
    office.slack.revoked = ""
    office.clock.at += timedelta(minutes=10)
    await office.post(message("m2"))
    await office.sender().deliver_due()
    await flow.update()
    await office.sender().deliver_due()
    (digest,) = digests(office)
    said = str(digest["blocks"])
    assert "Title of m0" in said
    assert "Title of m1" in said
    assert "by webhook:pager" in said
    assert "2026-11-23 09:0" in said
    await flow.update()
    await office.sender().deliver_due()
    assert len(digests(office)) == 1


async def test_of_an_incident_the_newest_state_stands_for_all(office: Office) -> None:
    flow = catch_up(office)
    office.slack.always("*", status(503))
    for name, title, incident in (
        ("m1", "DynamoDB is failing", "aws-1"),
        ("m2", "Stripe is failing", "stripe-1"),
        ("m3", "Billing scores 72", ""),
        ("m4", "DynamoDB looks better", "aws-1"),
        ("m5", "Resolved: DynamoDB", "aws-1"),
    ):
        purpose = Purpose.ALERT if incident else Purpose.SCORECARD
        await office.post(message(name, title=title, incident=incident, purpose=purpose))
        await office.sender().deliver_due()
        office.clock.at += timedelta(minutes=1)
    await flow.update()
    office.slack.always("*", OK)
    office.clock.at += timedelta(minutes=10)
    await office.sender().deliver_due()
    (digest,) = digests(office)
    said = str(digest["blocks"])
    assert "5 posts missed here" in said
    assert "Resolved: DynamoDB" in said
    assert ", after 2 earlier posts" in said
    assert "DynamoDB is failing" not in said
    assert said.index("Stripe is failing") < said.index("Billing scores 72") < said.index("Resolved: DynamoDB")
