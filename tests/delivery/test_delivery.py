"""A message gets to people while the platforms fail: real routes against loopback servers, a real ledger."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.posts import START, message
from support.fakes.misbehaving import OK, Behaviour, error, hang, ratelimited, reset, reset_after_accept, status
from support.harness.loopback import closed_port
from support.harness.office import HOOK, SLACK, Office, open_office

from bot.model import Priority


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


async def test_goes_out_by_the_primary_and_only_there(office: Office) -> None:
    await office.post(message())
    assert await office.sender().deliver_due() == 1
    assert office.in_slack() == ["m1"]
    assert office.hook.asked == 0
    assert (await office.receipt()).reference == "C0PAYMENTS:1763900000.000001"
    assert await office.sender().deliver_due() == 0
    assert not office.slack.violations


FAILURES = {
    "500": status(500),
    "503": status(503),
    "hangs": hang(),
    "resets": reset(),
    "internal error": error("internal_error"),
    "long wait": ratelimited(120),
    "archived": error("is_archived"),
    "token revoked": error("token_revoked"),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
async def test_leaves_by_the_webhook_when_slack_fails(office: Office, failure: Behaviour) -> None:
    office.slack.always("*", failure)
    await office.post(message())
    assert await office.sender().deliver_due() == 1
    assert office.hook.delivered == ["m1"]
    assert len(office.hook.received) == 1
    assert office.hook.received[0].signed_with("s3cret-of-the-hook")
    assert [route for route, _ in await office.outcomes()] == [SLACK, HOOK]
    assert (await office.receipt()).outcome == "sent"
    assert office.in_slack() == []


DOUBTS = {"resets": (reset(), True), "503": (status(503), True), "archived": (error("is_archived"), False)}


@pytest.mark.parametrize(("failure", "doubtful"), DOUBTS.values(), ids=DOUBTS.keys())
async def test_what_leaves_by_the_fallback_says_where_it_may_be_already(
    office: Office, failure: Behaviour, *, doubtful: bool
) -> None:
    office.slack.always("*", failure)
    await office.post(message())
    await office.sender().deliver_due()
    (received,) = office.hook.received
    assert (f"(You may have received this by {SLACK} already.)" in received.json["text"]) is doubtful


async def test_leaves_by_the_webhook_when_slack_refuses_connections(office: Office) -> None:
    office.slack_url = f"http://127.0.0.1:{closed_port()}/api/"
    await office.post(message())
    await office.sender().deliver_due()
    assert await office.outcomes() == [(SLACK, "retry"), (HOOK, "sent")]
    assert office.hook.delivered == ["m1"]


async def test_leaves_by_the_webhook_when_slacks_name_is_gone(office: Office) -> None:
    office.slack_url = "http://slack.invalid/api/"
    await office.post(message())
    await office.sender().deliver_due()
    assert await office.outcomes() == [(SLACK, "retry"), (HOOK, "sent")]
    assert "cannot be reached" in (await office.ledger.receipts())[0].detail


async def test_a_post_in_doubt_is_looked_for_and_not_repeated(office: Office) -> None:
    office.slack.script("chat.postMessage", reset_after_accept())
    await office.post(message())
    await office.sender().deliver_due()
    # The channel is known by name only and nothing was ever posted there: Slack lists it.
    assert await office.outcomes() == [(SLACK, "sent")]
    assert office.in_slack() == ["m1"]


async def test_where_the_app_may_not_list_channels_the_first_post_in_doubt_leaves_by_the_fallback(
    office: Office,
) -> None:
    office.slack.missing_scopes.add("conversations.list")
    office.slack.script("chat.postMessage", reset_after_accept())
    await office.post(message())
    await office.sender().deliver_due()
    assert await office.outcomes() == [(SLACK, "retry"), (HOOK, "sent")]
    office.clock.at += timedelta(minutes=5)
    await office.post(message("m2"))
    await office.sender().deliver_due()
    office.slack.script("chat.postMessage", reset_after_accept())
    await office.post(message("m3"))
    await office.sender().deliver_due()
    assert await office.outcomes("m3") == [(SLACK, "sent")]
    assert office.in_slack() == ["m1", "m2", "m3"]


async def test_a_short_wait_is_waited_for(office: Office) -> None:
    office.slack.script("chat.postMessage", ratelimited(3))
    await office.post(message())
    await office.sender().deliver_due()
    assert await office.outcomes() == [(SLACK, "retry"), (SLACK, "sent")]
    assert office.clock.at - START >= timedelta(seconds=3)


async def test_waits_are_bounded(office: Office) -> None:
    office.slack.always("chat.postMessage", ratelimited(3))
    await office.post(message())
    await office.sender().deliver_due()
    assert await office.outcomes() == [(SLACK, "retry")] * 3 + [(HOOK, "sent")]


async def test_all_routes_down_is_never_lost(office: Office) -> None:
    office.slack.always("*", status(500))
    office.hook.always("hook", status(500))
    await office.post(message())
    sender = office.sender()
    for _ in range(20):
        assert await sender.deliver_due() == 0
        office.clock.at += timedelta(minutes=10)
    office.slack.always("*", OK)
    assert await sender.deliver_due() == 1
    assert office.in_slack() == ["m1"]
    assert office.hook.delivered == []


async def test_a_failing_platform_is_left_alone_then_probed_once(office: Office) -> None:
    office.slack.always("chat.postMessage", status(500))
    sender = office.sender(at_once=1)
    for number in range(6):
        await office.post(message(f"m{number}", audience=f"team{number}"))
    await sender.deliver_due()
    assert len(office.slack.called("chat.postMessage")) == 2
    assert await office.outcomes("m5") == [(SLACK, "skipped"), (HOOK, "sent")]
    office.clock.at += timedelta(minutes=3)
    for number in range(10, 14):
        await office.post(message(f"m{number}", audience=f"team{number}"))
    await sender.deliver_due()
    assert len(office.slack.called("chat.postMessage")) == 3
    assert len(office.hook.delivered) == 10
    office.slack.always("chat.postMessage", OK)
    office.clock.at += timedelta(minutes=3)
    await office.post(message("back"))
    await sender.deliver_due()
    assert office.in_slack() == ["back"]


async def test_a_route_that_is_gone_from_the_settings_is_told(office: Office) -> None:
    await office.post(message(), "webhook:removed", HOOK)
    await office.sender().deliver_due()
    assert await office.outcomes() == [("webhook:removed", "refused"), (HOOK, "sent")]


async def test_what_has_expired_is_not_sent(office: Office) -> None:
    await office.post(message(expires_at=START + timedelta(minutes=1)))
    office.clock.at += timedelta(minutes=2)
    await office.sender().deliver_due()
    assert (await office.receipt()).outcome == "expired"
    assert office.in_slack() == []
    assert (await office.ledger.backlog()).pending == 0


async def test_alerts_overtake_and_order_holds(office: Office) -> None:
    for number in range(3):
        await office.post(message(f"r{number}"))
    await office.post(message("reply", priority=Priority.REPLY))
    await office.post(message("alert", priority=Priority.ALERT))
    await office.sender().deliver_due()
    assert office.in_slack() == ["alert", "reply", "r0", "r1", "r2"]


async def test_order_holds_while_the_first_waits_for_its_next_round(office: Office) -> None:
    office.slack.script("chat.postMessage", status(500))
    await office.post(message("first"), SLACK)
    sender = office.sender()
    await sender.deliver_due()
    await office.post(message("second"), SLACK)
    await office.post(message("elsewhere", audience="ops"), HOOK)
    await sender.deliver_due()
    assert office.in_slack() == []
    assert office.hook.delivered == ["elsewhere"]
    office.clock.at += timedelta(minutes=1)
    await sender.deliver_due()
    assert office.in_slack() == ["first", "second"]


async def test_one_message_a_second_a_channel(office: Office) -> None:
    for number in range(4):
        await office.post(message(f"m{number}"))
    await office.sender().deliver_due()
    assert timedelta(seconds=3) <= office.clock.at - START < timedelta(seconds=4)


async def test_a_second_post_about_the_same_is_not_accepted(office: Office) -> None:
    assert await office.post(message("a", dedupe="weekly:2026-11-23"))
    assert not await office.post(message("b", dedupe="weekly:2026-11-23"))
    assert not await office.post(message("a"))
    await office.sender().deliver_due()
    assert office.in_slack() == ["a"]


async def test_two_senders_share_the_work_and_send_each_once(office: Office) -> None:
    for number in range(30):
        await office.post(message(f"m{number}", audience=f"team{number % 7}"))
    await asyncio.gather(*(office.sender().deliver_due() for _ in range(3)))
    while (await office.ledger.backlog()).pending:
        await office.sender().deliver_due()
    assert sorted(office.in_slack()) == sorted(f"m{number}" for number in range(30))


async def test_a_dead_senders_message_is_taken_over_and_looked_for(office: Office) -> None:
    await office.post(message("earlier"))
    await office.sender().deliver_due()
    await office.post(message())
    claim = (await office.ledger.claim("dead", office.clock(), timedelta(seconds=60), 1))[0]
    await office.ledger.begin_try(claim, SLACK, office.clock(), timedelta(seconds=60))
    office.slack.channel("payments").append({"ts": "9.9", "metadata": mark("m1")})  # it had left before the end
    assert await office.sender().deliver_due() == 0
    office.clock.at += timedelta(seconds=61)
    assert await office.sender().deliver_due() == 1
    assert office.in_slack() == ["earlier", "m1"]
    assert (await office.receipt()).reference == "C0PAYMENTS:9.9"


def mark(id: str) -> dict[str, Any]:
    return {"event_type": "backstay_delivery", "event_payload": {"id": id}}
