"""Whoever was told the beginning of an alert is told its end, by the same route, once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.posts import card, message
from support.builders.signals import minutes
from support.fakes.misbehaving import OK, reset_after_accept, status
from support.fakes.receivers import Receiver
from support.fakes.slack import FakeSlack
from support.harness.ledgers import ledger_at
from support.harness.office import HOOK, SLACK, Office, open_office

from bot.model import Message, Priority, Purpose, Receipt

KEY = "incident:i1:payments"


def alert(name: str, reason: str, **fields: Any) -> Message:
    about = {"purpose": Purpose.ALERT, "incident": "i1", "reason": reason, "alert_key": KEY, "dedupe": name}
    return message(name, title=name, priority=Priority.ALERT, **about | fields)


@asynccontextmanager
async def office_on(where: str, folder: Path) -> AsyncIterator[Office]:
    if not where:
        async with open_office(folder) as office:
            yield office
        return
    async with ledger_at(where) as ledger, FakeSlack().running() as slack, Receiver().running() as hook:
        yield Office(ledger, slack, hook)


@pytest.fixture(params=["sqlite", "postgresql"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    where = request.getfixturevalue("database") if request.param == "postgresql" else ""
    async with office_on(where, tmp_path) as opened:
        yield opened


async def deliver(office: Office, rounds: int = 1) -> None:
    for _ in range(rounds):
        await office.sender(every=timedelta(0)).deliver_due()
        office.clock.at += minutes(1)


async def slack_is(office: Office, *, up: bool) -> None:
    office.slack.always("*", OK if up else status(503))


def told(office: Office) -> list[tuple[str, str]]:
    """What the webhook was told: the state of the incident and the message that it came from."""
    return [(post.json["incident"]["state"], post.json["id"]) for post in office.hook.received]


async def test_the_end_follows_the_beginning_also_after_the_primary_is_back(office: Office) -> None:
    await slack_is(office, up=False)
    await office.post(alert("begin", "opened"))
    await deliver(office)
    assert told(office) == [("firing", "begin")]
    await slack_is(office, up=True)
    await office.post(alert("end", "resolved", outdates="begin"))
    await deliver(office, 3)
    assert office.in_slack() == ["end"]
    assert told(office) == [("firing", "begin"), ("resolved", f"end/also:{HOOK}")]
    assert {post.json["incident"]["key"] for post in office.hook.received} == {KEY}
    await deliver(office, 3)
    assert len(office.hook.received) == 2


async def test_a_route_that_tells_the_end_itself_is_not_told_it_again(office: Office) -> None:
    await slack_is(office, up=False)
    for name, reason in (("begin", "opened"), ("worse", "worse"), ("end", "resolved")):
        await office.post(alert(name, reason))
        await deliver(office)
    assert told(office) == [("firing", "begin"), ("firing", "worse"), ("resolved", "end")]


async def test_who_was_told_nothing_is_told_no_end(office: Office) -> None:
    await office.post(alert("begin", "opened"))
    await office.post(alert("end", "resolved", outdates="nothing"))
    await deliver(office, 3)
    assert told(office) == []
    assert office.in_slack() == ["begin", "end"]


async def test_each_end_is_told_and_each_once(office: Office) -> None:
    for number in (1, 2):
        await slack_is(office, up=False)
        await office.post(alert(f"begin {number}", "opened" if number == 1 else "wave"))
        await deliver(office)
        await slack_is(office, up=True)
        await office.post(alert(f"end {number}", "resolved", outdates=f"begin {number}"))
        await deliver(office, 2)
    assert [state for state, _ in told(office)] == ["firing", "resolved"] * 2


async def test_a_beginning_that_was_in_the_air_when_the_end_left_is_ended_too(office: Office) -> None:
    lease = timedelta(seconds=60)
    await office.post(alert("begin", "opened"))
    (claim,) = await office.ledger.claim("other", office.clock(), lease, 1)
    assert await office.ledger.begin_try(claim, HOOK, office.clock(), lease) == 1
    await office.post(alert("end", "resolved", outdates="begin"))
    ended = await office.ledger.claim_one("end", "me", office.clock(), lease)
    assert ended is not None
    edits = {SLACK: True, HOOK: False}
    sent = Receipt("end", "payments", SLACK, "sent", office.clock(), "", "C0PAYMENTS:1.1")
    assert await office.ledger.settle(ended, "sent", sent, office.clock(), edits)
    late = Receipt("begin", "payments", HOOK, "sent", office.clock())
    assert await office.ledger.settle(claim, "sent", late, office.clock(), edits)
    await deliver(office)
    assert told(office) == [("resolved", f"end/also:{HOOK}")]


async def test_an_end_whose_sender_died_before_it_wrote_so_is_still_told_to_the_others(office: Office) -> None:
    await slack_is(office, up=False)
    await office.post(alert("begin", "opened"))
    await deliver(office)
    await slack_is(office, up=True)
    await office.post(alert("end", "resolved", outdates="begin"))
    office.slack.script("chat.postMessage", reset_after_accept())
    lease = timedelta(seconds=30)
    claim = await office.ledger.claim_one("end", "dead", office.clock(), lease)
    assert claim is not None
    assert await office.ledger.begin_try(claim, SLACK, office.clock(), lease) == 1
    office.clock.at += minutes(1)  # its sender is dead, and its lease expires
    office.slack.script("chat.postMessage", OK)
    await deliver(office, 3)
    assert office.in_slack() == ["end"]
    assert told(office) == [("firing", "begin"), ("resolved", f"end/also:{HOOK}")]


async def test_the_end_waits_for_a_route_that_is_down_and_holds_nobody_up(office: Office) -> None:
    await slack_is(office, up=False)
    await office.post(alert("begin", "opened"))
    await deliver(office)
    await slack_is(office, up=True)
    office.hook.always("hook", status(503))
    await office.post(alert("end", "resolved", outdates="begin"))
    await deliver(office, 2)
    await office.post(alert("other", "opened", incident="i2", alert_key="incident:i2:payments"))
    await deliver(office)
    assert office.in_slack() == ["end", "other"]
    office.hook.always("hook", OK)
    office.clock.at += timedelta(hours=8)
    await deliver(office)
    assert [state for state, _ in told(office)] == ["firing", "resolved"]


async def test_an_end_that_was_not_told_yet_never_follows_a_new_beginning(office: Office) -> None:
    await slack_is(office, up=False)
    await office.post(alert("begin", "opened"))
    await deliver(office)
    await slack_is(office, up=True)
    office.hook.always("hook", status(503))
    await office.post(alert("end", "resolved", outdates="begin"))
    await deliver(office)
    await office.post(alert("again", "wave"))
    await deliver(office)
    office.hook.always("hook", OK)
    await deliver(office, 3)
    assert [state for state, _ in told(office)] == ["firing"]
    assert (await office.receipt(f"end/also:{HOOK}")).outcome == "superseded"
    await office.post(alert("end again", "resolved", outdates="again"))
    await deliver(office, 3)
    assert told(office) == [("firing", "begin"), ("resolved", f"end again/also:{HOOK}")]


async def test_an_alert_that_became_part_of_another_is_closed_where_it_cannot_be_edited(office: Office) -> None:
    await slack_is(office, up=False)
    await office.post(alert("begin", "opened"))
    await deliver(office)
    await office.post(alert("passed", "merged", replaces="begin"))
    await deliver(office, 2)
    assert told(office) == [("firing", "begin"), ("resolved", f"passed/also:{HOOK}")]


async def test_what_is_edited_in_place_gets_no_second_message(office: Office) -> None:
    await office.post(alert("begin", "opened"))
    await deliver(office)
    await office.post(alert("passed", "merged", replaces="begin", card=card("Over").dump()))
    await deliver(office, 2)
    (post,) = office.slack.top("payments")
    assert post["text"].startswith("Over")


async def test_other_messages_have_no_incident(office: Office) -> None:
    await office.post(message(), HOOK)
    await deliver(office)
    assert office.hook.received[0].json["incident"] is None
