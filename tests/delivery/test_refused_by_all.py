"""Every route refuses a message: it is told at once, kept, and delivered as soon as one of them takes it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.posts import START, message
from support.fakes.misbehaving import OK, error, status
from support.harness.office import HOOK, SLACK, Office, open_office

from bot.model import Priority, Purpose

# docs.slack.dev/reference/methods/chat.postMessage, errors that are about access: each may be over in a moment.
PASSING = ("invalid_auth", "token_expired", "not_in_channel", "ekm_access_denied", "accesslimited")
ARCHIVED = f"m1: {SLACK}: Slack refused: is_archived; {HOOK}: 127.0.0.1 answered 410"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


async def go_on(office: Office, lasts: timedelta) -> None:
    """Let time pass, second by second, while a sender delivers."""
    end, sender = office.clock() + lasts, office.sender(every=timedelta(0))
    while office.clock() < end:
        office.clock.at += timedelta(seconds=1)
        await sender.deliver_due()


@pytest.mark.parametrize("code", PASSING)
async def test_slack_refuses_for_three_seconds_and_nothing_else_leads_there(office: Office, code: str) -> None:
    office.slack.always("chat.postMessage", error(code))
    await office.post(message(priority=Priority.ALERT), SLACK)
    await go_on(office, timedelta(seconds=3))
    assert office.in_slack() == []
    assert office.told == [f"m1: {SLACK}: Slack refused: {code}"], "told at once, and once"
    office.slack.always("chat.postMessage", OK)
    await go_on(office, timedelta(seconds=5))
    assert office.in_slack() == ["m1"]
    assert (await office.ledger.backlog()).pending == 0


@pytest.mark.parametrize("code", [404, 401, 403, 410])
async def test_a_receiver_that_is_deployed_anew_refuses_for_three_seconds(office: Office, code: int) -> None:
    office.hook.always("hook", status(code))
    await office.post(message(priority=Priority.ALERT), HOOK)
    await go_on(office, timedelta(seconds=3))
    office.hook.always("hook", OK)
    await go_on(office, timedelta(seconds=5))
    assert office.hook.delivered == ["m1"]


async def test_it_is_pending_shown_as_undelivered_and_not_taken_for_a_standstill(office: Office) -> None:
    office.slack.archived.add("C0PAYMENTS")
    office.hook.always("hook", status(410))
    await office.post(message())
    await office.sender().deliver_due()
    assert await office.outcomes() == [(SLACK, "refused"), (HOOK, "refused")]
    assert [undelivered.id for undelivered in await office.ledger.undelivered()] == ["m1"]
    assert office.told == [ARCHIVED]
    backlog = await office.ledger.backlog()
    assert (backlog.pending, backlog.failed, backlog.oldest) == (1, 0, None)


async def test_after_a_day_it_is_given_up(office: Office) -> None:
    office.slack.archived.add("C0PAYMENTS")
    await office.post(message(), SLACK)
    sender = office.sender()
    for _ in range(300):
        await sender.deliver_due()
        office.clock.at += timedelta(minutes=5)
    assert (await office.ledger.backlog()).failed == 1
    assert len(office.slack.called("chat.postMessage")) < 320, "now and then"
    assert len(office.told) == 1


async def test_it_expires_as_any_other(office: Office) -> None:
    office.slack.archived.add("C0PAYMENTS")
    await office.post(message(expires_at=START + timedelta(minutes=10)), SLACK)
    await go_on(office, timedelta(minutes=16))
    assert (await office.receipt()).outcome == "expired"
    assert (await office.ledger.backlog()).pending == 0


async def test_it_keeps_back_nothing_behind_it(office: Office) -> None:
    office.slack.script("chat.postMessage", error("msg_too_long"))
    await office.post(message(priority=Priority.ALERT), SLACK)
    await office.post(message("m2", priority=Priority.ALERT), SLACK)
    await go_on(office, timedelta(seconds=1))
    assert office.in_slack() == ["m2"]


async def test_a_restart_tries_again_and_tells_no_second_time(office: Office) -> None:
    office.slack.always("chat.postMessage", error("invalid_auth"))
    await office.post(message(), SLACK)
    await go_on(office, timedelta(seconds=10))
    await go_on(office, timedelta(minutes=2))
    assert len(office.told) == 1
    office.slack.always("chat.postMessage", OK)
    await go_on(office, timedelta(minutes=2))
    assert office.in_slack() == ["m1"]


async def test_a_route_that_refused_is_tried_where_the_other_is_down(office: Office) -> None:
    office.slack.always("chat.postMessage", error("token_expired"))
    office.hook.always("hook", status(503))
    await office.post(message())
    await go_on(office, timedelta(seconds=4))
    office.slack.always("chat.postMessage", OK)
    await go_on(office, timedelta(seconds=20))
    assert office.in_slack() == ["m1"]
    assert office.hook.delivered == []


async def test_a_change_waits_for_access_and_not_for_a_post_that_is_gone(office: Office) -> None:
    await office.post(message(priority=Priority.ALERT), SLACK)
    await go_on(office, timedelta(seconds=2))
    office.slack.always("chat.update", error("invalid_auth"))
    await office.post(message("over", title="Over", replaces="m1", priority=Priority.ALERT), SLACK)
    await go_on(office, timedelta(seconds=3))
    office.slack.always("chat.update", OK)
    await go_on(office, timedelta(seconds=5))
    assert "Over" in str(office.slack.channel("payments")[0]["blocks"])
    office.slack.always("chat.update", error("message_not_found"))
    await office.post(message("later", title="Later", replaces="m1", priority=Priority.ALERT), SLACK)
    await go_on(office, timedelta(seconds=3))
    assert (await office.receipt("later")).outcome == "left_out"
    assert office.told == []


async def test_the_result_of_a_fallback_test_is_the_refusal(office: Office) -> None:
    office.hook.always("hook", status(404))
    await office.post(message(purpose=Purpose.FALLBACK_TEST), HOOK)
    await go_on(office, timedelta(seconds=2))
    backlog = await office.ledger.backlog()
    assert (backlog.pending, backlog.failed) == (0, 1)
