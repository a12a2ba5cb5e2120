"""The detail of an alert in Teams: in the alert's thread in a channel; in a chat, which has no threads, behind its button."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.builders.posts import START, ManualClock, context, message
from support.fakes.misbehaving import status
from support.fakes.receivers import Workflow
from support.fakes.teams import FakeTeams
from support.harness.ledgers import ledger_at
from support.harness.lines import teams_workflow_to
from support.harness.teams_app import teams_calls

from bot.cards.card import Card, Items, text
from bot.delivery import DeliveryPolicy, Sender
from bot.delivery.problems import DeliveryProblems
from bot.delivery.routing.slack_channels import RoutesWithChannels
from bot.model import Conversation, Purpose, Sent
from bot.storage.ledger import Ledger

IDS = {"personal": "a:kim", "groupChat": "19:chat@thread.v2", "channel": "19:alerts@thread.tacv2"}


@pytest.fixture
async def teams() -> AsyncIterator[FakeTeams]:
    async with FakeTeams().running() as running:
        yield running


async def deliver(teams: FakeTeams, ledger: Ledger, scope: Any, *later: Any) -> DeliveryProblems:
    """Send an alert and its detail to a conversation of this kind, then what comes later."""
    reference = {"serviceUrl": teams.url, "conversation": {"id": IDS[scope]}}
    await ledger.save_conversations([Conversation(IDS[scope], scope, reference, START, "Kim")])
    clock = ManualClock(START)
    around = context(teams=teams_calls(teams), conversations=ledger.conversations, clock=clock)
    sender = Sender(ledger, RoutesWithChannels({}, around), policy=DeliveryPolicy(), clock=clock, sleep=clock.sleep)
    alert, detail = message("alert", purpose=Purpose.ALERT), message("alert/detail", purpose=Purpose.ALERT_DETAIL)
    for each in (alert, replace(detail, under="alert"), *later):
        await ledger.post(each, [f"teams:{IDS[scope]}"], clock())
        await sender.deliver_due()
    return sender.problems


@pytest.mark.parametrize("scope", ["personal", "groupChat"])
async def test_in_a_chat_there_is_no_thread_and_no_refusal(tmp_path: Path, teams: FakeTeams, scope: str) -> None:
    async with ledger_at(tmp_path / "l.db") as ledger:
        change = replace(message("change", purpose=Purpose.ALERT_DETAIL), replaces="alert/detail")
        problems = await deliver(teams, ledger, scope, change)
        assert [post["at"] for post in teams.posted] == [IDS[scope]], "the alert alone"
        assert await ledger.refusals(START) == (), "nothing that admins would be told as a dead route"
        assert [receipt.outcome for receipt in await ledger.receipts(message="alert/detail")] == ["left_out"]
        assert problems.routes == {}


async def test_in_a_channel_the_detail_is_in_the_thread_of_the_alert(tmp_path: Path, teams: FakeTeams) -> None:
    async with ledger_at(tmp_path / "l.db") as ledger:
        await deliver(teams, ledger, "channel")
        assert [post["at"] for post in teams.posted] == [IDS["channel"], f"{IDS['channel']};messageid=post-1"]


@pytest.mark.parametrize("code", [400, 403, 404])
async def test_a_post_that_people_deleted_makes_no_dead_route(tmp_path: Path, teams: FakeTeams, code: int) -> None:
    async with ledger_at(tmp_path / "l.db") as ledger:
        teams.always("update", status(code))
        change = replace(message("change", purpose=Purpose.ALERT), replaces="alert")
        await deliver(teams, ledger, "channel", change)
        assert await ledger.refusals(START) == ()
        assert [receipt.outcome for receipt in await ledger.receipts(message="change")][-1] == "left_out"


async def test_a_workflow_gets_the_summary_that_notifications_show() -> None:
    async with Workflow().running() as server:
        route = teams_workflow_to(server.url)
        big = Card("alert", "us-east-1 is failing", "checkout is down.", (Items((text("x" * 900),) * 40),)).dump()
        for card in (message().card, big):
            assert isinstance(await route.send(message(card=card), 1), Sent)
        (small, cut) = (request.json for request in server.received)
    assert small["summary"] == "Billing scores 72: C: one region away from an outage."
    assert cut["summary"] == "us-east-1 is failing: checkout is down."


def test_a_message_queued_under_the_former_word_of_a_route_finds_it() -> None:
    route = teams_workflow_to("https://workflow.example/hook")
    routes = RoutesWithChannels({"teams_workflow:payments": route}, context())
    assert routes["teams_webhook:payments"] is route
    assert routes.get("teams_webhook:search") is None
