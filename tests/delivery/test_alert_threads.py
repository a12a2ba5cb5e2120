from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.posts import message
from support.builders.signals import minutes
from support.fakes.misbehaving import reset_after_accept, status
from support.harness.office import HOOK, SLACK, Office, open_office
from support.harness.watching import broken, watching, well

from bot.model import Priority
from bot.model.incidents import Phase


async def deliver(office: Office) -> None:
    await office.sender(every=timedelta(0)).deliver_due()


async def test_the_channel_has_the_answer_and_the_thread_the_detail(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(2), broken)
        (alert,) = here.office.slack.top("payments")
        (detail,) = here.office.slack.under("payments", alert["ts"])
        assert "confirmed by our own observations" not in str(alert["blocks"])
        assert "confirmed by our own observations" in str(detail["blocks"])
        assert "no answer" in str(detail["blocks"])
        assert "aws/us-east-1/dynamodb" in str(detail["text"])
        assert here.office.slack.violations == []


async def test_both_are_kept_up_to_date_in_place(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(5), broken)
        await here.pass_by(minutes(5), well)
        assert (await here.only()).phase is Phase.MONITORING
        (alert,) = here.office.slack.top("payments")
        (detail,) = here.office.slack.under("payments", alert["ts"])
        assert alert["text"].startswith("Recovering: ")
        assert "recovering: no failure observed any more" in str(detail["blocks"])


async def test_what_people_do_in_one_second_is_all_shown_and_at_once(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(1), broken)
        one = await here.only()
        await here.watch.acknowledge(one.id, "Ada")
        await here.watch.assign(one.id, "Grace", "Ada")
        await here.watch.mute(one.id, timedelta(hours=1), "Ada")
        await deliver(here.office)
        (alert,) = here.office.slack.top("payments")
        assert all(word in str(alert["blocks"]) for word in ("Grace", "acknowledged by", "Ada", "Muted until"))
        (detail,) = here.office.slack.under("payments", alert["ts"])
        assert all(
            word in str(detail["blocks"])
            for word in ("acknowledged the incident", "assigned the incident to Grace", "muted notifications")
        )


async def test_what_went_by_a_fallback_without_threads_has_no_detail_and_the_receipt_says_so(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        here.office.slack.always("*", status(503))
        await here.pass_by(minutes(2), broken)
        (received,) = here.office.hook.received
        alert = (await here.office.ledger.receipts(audience="payments"))[0].message
        (left_out,) = await here.office.ledger.receipts(message=f"{alert}/detail")
        assert (left_out.outcome, left_out.detail) == ("left_out", f"{HOOK} has no threads")
        assert received.json["card"]["kind"] == "alert"


async def test_a_detail_in_doubt_is_looked_for_in_its_thread(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.post(message("alert", priority=Priority.ALERT), SLACK)
        await deliver(office)
        office.slack.script("chat.postMessage", reset_after_accept())
        await office.post(message("detail", under="alert"), SLACK)
        await deliver(office)
        (parent,) = office.slack.top("payments")
        assert len(office.slack.under("payments", parent["ts"])) == 1
        assert (await office.receipt("detail")).outcome == "sent"
        assert len(office.slack.called("conversations.replies")) == 1
        assert office.slack.called("conversations.replies")[0]["ts"] == parent["ts"]


async def test_a_detail_waits_for_what_it_belongs_under(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        office.slack.always("chat.postMessage", status(500))
        await office.post(message("alert", priority=Priority.ALERT), SLACK)
        await office.post(message("detail", under="alert"), SLACK)
        for _ in range(8):  # long past the rounds in which the alert holds up those behind it
            await deliver(office)
            office.clock.at += minutes(10)
        assert {receipt.outcome for receipt in await office.ledger.receipts(message="detail")} == set()
        office.slack.always("chat.postMessage")
        for _ in range(3):
            await deliver(office)
            office.clock.at += minutes(10)
        (parent,) = office.slack.top("payments")
        assert len(office.slack.under("payments", parent["ts"])) == 1


async def test_a_detail_that_waits_holds_nobody_up_for_long(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        office.slack.always("chat.postMessage", status(500))
        await office.post(message("alert", priority=Priority.ALERT), SLACK)
        await office.post(message("detail", under="alert", priority=Priority.REPLY), SLACK)
        await office.post(message("report"), HOOK)
        for _ in range(20):
            await deliver(office)
            office.clock.at += minutes(10)
        assert office.hook.delivered == ["report"]


async def test_where_the_parent_was_never_delivered_neither_is_its_detail(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        office.slack.archived.add("C0PAYMENTS")
        until = office.clock() + minutes(30)
        await office.post(message("alert", priority=Priority.ALERT, expires_at=until), SLACK)
        await office.post(message("detail", under="alert"), SLACK)
        await deliver(office)
        assert (await office.ledger.backlog()).pending == 2, "the alert is tried again, and its detail waits for it"
        office.clock.at += minutes(31)
        await deliver(office)
        office.clock.at += minutes(1)
        await deliver(office)
        receipt = await office.receipt("detail")
        assert (receipt.outcome, receipt.detail) == ("left_out", "alert was not delivered")
        assert (await office.ledger.backlog()).pending == 0


@pytest.mark.parametrize("tried", [False, True])
async def test_of_several_changes_only_the_last_one_leaves(tmp_path: Path, *, tried: bool) -> None:
    async with open_office(tmp_path) as office:
        await office.post(message("alert", priority=Priority.ALERT), SLACK)
        await deliver(office)
        office.slack.always("chat.update", status(500))
        await office.post(message("u1", replaces="alert", priority=Priority.ALERT), SLACK)
        if tried:
            await deliver(office)
        await office.post(message("u2", replaces="alert", priority=Priority.ALERT), SLACK)
        office.slack.always("chat.update")
        office.clock.at += minutes(1)
        await deliver(office)
        last = await office.receipt("u1")
        assert (last.outcome, last.detail) == ("superseded", "superseded by u2, a later change")
        assert (await office.receipt("u2")).outcome == "sent"
        assert len(office.slack.called("chat.update")) == 1 + tried


async def test_a_change_that_is_overtaken_in_flight_ends_before_its_next_byte(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.post(message("alert", priority=Priority.ALERT), SLACK)
        await deliver(office)
        await office.post(message("u1", replaces="alert"), SLACK)
        (claim,) = await office.ledger.claim("other", office.clock(), timedelta(seconds=60), 1)
        await office.post(message("u2", replaces="alert"), SLACK)
        assert await office.outcomes("u1") == []  # it is in somebody's hands
        office.clock.at += minutes(2)  # which are dead by now
        await deliver(office)
        assert claim.message.id == "u1"
        assert (await office.receipt("u1")).outcome == "superseded"
        assert (await office.receipt("u2")).outcome == "sent"


async def test_what_has_not_left_yet_leaves_as_it_is_now(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.post(message("alert", title="Broken", priority=Priority.ALERT), SLACK)
        await office.post(message("u1", title="Looks better", replaces="alert", priority=Priority.ALERT), SLACK)
        await deliver(office)
        (post,) = office.slack.top("payments")
        assert post["text"].startswith("Looks better")
        assert office.slack.called("chat.update") == []
        assert (await office.receipt("u1")).outcome == "superseded"


async def test_an_alert_of_what_is_over_before_it_could_leave_is_not_sent_as_one(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        here.office.slack.always("*", status(503))
        here.office.hook.always("*", status(503))
        await here.pass_by(minutes(3), broken)
        await here.pass_by(minutes(25), well)
        assert (await here.only()).phase is Phase.RESOLVED
        here.office.slack.always("*")
        here.office.hook.always("*")
        await here.pass_by(minutes(10), well)
        (only,) = here.texts()
        assert only.startswith("Resolved: ")
        assert here.office.hook.received == []
        told = await here.office.ledger.receipts(audience="payments", limit=1000)
        (dropped,) = [
            receipt for receipt in told if receipt.outcome == "superseded" and receipt.message.endswith(":opened:1:1")
        ]
        assert "resolved" in dropped.detail
