"""A ledger that commit 27d6bb4 wrote is read whole, and goes on being used, by this version."""

import json
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.harness.ledgers import ledger_at
from support.samples.stored import ALERT, AT, DAY, HOUR, MINUTE, NOW, OPEN, OVER, PAGER, SLACK, Stored

from bot.audit import facts_codec
from bot.delivery.catch_up import CatchUp
from bot.delivery.fallback_tests import message_for
from bot.model import Audience, Purpose, RouteSpec
from bot.model.incidents import Incident, NotificationReceipt, Phase
from bot.storage.ledger import Claim, LeadershipLostError, Lease, Ledger, Transaction
from bot.storage.schema_version import HEAD
from bot.storage.statistics import ledger_statistics
from checks import Datastore, Gap, PastScore

LATER = AT + HOUR
made = Stored(NOW)


@pytest.fixture
async def ledger(left_behind: str) -> AsyncIterator[Ledger]:
    async with ledger_at(left_behind) as opened:
        yield opened


async def by_id(ledger: Ledger) -> dict[str, Claim]:
    """Everything that can be claimed an hour later, by the message's id."""
    found: dict[str, Claim] = {}
    while claims := await ledger.claim("now", LATER, MINUTE, 100):
        found |= {claim.message.id: claim for claim in claims}
        for claim in claims:
            await ledger.settle(claim, "sent", made.receipt(claim.message.id, claim.routes[0], "sent"), LATER)
    return found


async def test_it_is_brought_up_to_date_and_replicas_of_before_may_stay(ledger: Ledger) -> None:
    found = await ledger_statistics(ledger)
    assert (found.shape, found.usable_from) == (HEAD, "0004")
    assert found.on_their_way == 5
    assert [name for name, rows in found.rows.items() if not rows] == [
        "checklist_ticks",
        "checklists",
        "drills",
        "guess_decisions",
        "handled_requests",
        "sightings",
        "slo_states",
        "target_records",
        "tickets",
    ]


async def test_receipts(ledger: Ledger) -> None:
    assert await ledger.receipts(message="weekly:payments") == (
        made.receipt("weekly:payments", SLACK, "retry", "slack answered with 503"),
        made.receipt("weekly:payments", PAGER, "sent"),
    )
    assert await ledger.last_reference(SLACK) == "C1:17.5"
    assert [(refusal.message, refusal.reason) for refusal in await ledger.refusals(AT)] == [
        ("lost", "Slack says is_archived"),
        ("tried", "no such channel"),
    ]
    assert await ledger.route_tests() == {PAGER: AT + MINUTE}


async def test_messages_that_wait_are_sent_with_what_is_known_of_them(ledger: Ledger) -> None:
    assert [message.id for message in await ledger.undelivered()] == ["lost"]
    backlog = await ledger.backlog()
    assert (backlog.pending, backlog.failed, backlog.oldest) == (5, 1, AT)
    waiting = await by_id(ledger)
    assert waiting.keys() == {
        f"{ALERT}/detail",
        "tried",
        "of a dead sender",
        "route-test:email:team/2026-11-23",
        "catch-up:payments:weekly:payments",
    }
    tried = waiting["tried"]
    assert tried.message == made.message("tried", "ops")
    assert (tried.routes, dict(tried.tries), tried.refused, tried.rounds) == (
        (SLACK, PAGER),
        {PAGER: 1},
        frozenset({SLACK}),
        1,
    )
    assert waiting[f"{ALERT}/detail"].message.under == ALERT
    assert (await ledger.backlog()).pending == 0


async def test_what_a_message_is_for_is_read_from_its_id(ledger: Ledger) -> None:
    waiting = await by_id(ledger)
    detail = waiting[f"{ALERT}/detail"].message
    assert (detail.purpose, detail.incident, detail.reason) == (Purpose.ALERT_DETAIL, OPEN, "opened")
    digest = waiting["catch-up:payments:weekly:payments"].message
    assert (digest.purpose, digest.incident, digest.reason) == (Purpose.CATCH_UP, "", "")
    assert waiting["tried"].message.purpose is None
    assert await ledger.route_tests() == {PAGER: AT + MINUTE, "email:team": AT + MINUTE}


async def test_what_was_accepted_before_is_not_accepted_again(ledger: Ledger) -> None:
    assert not await ledger.post(made.message("another", dedupe="weekly:payments"), [SLACK], LATER)
    assert not await ledger.post(made.message(ALERT), [SLACK], LATER)
    assert not await ledger.post(message_for("payments", PAGER, AT), [PAGER], LATER)


async def test_an_alert_is_changed_where_it_was_posted(ledger: Ledger) -> None:
    change = made.message("change", priority="alert", replaces=ALERT)
    assert await ledger.post(change, [SLACK, PAGER], LATER)
    claim = await ledger.claim_one("change", "now", LATER, MINUTE)
    assert claim is not None
    target = await ledger.target_state(claim, LATER)
    assert (target.state, target.references) == ("delivered", {SLACK: "C1:17.5"})


async def test_the_digest_that_waits_is_rewritten(ledger: Ledger) -> None:
    assert [passed.message for passed in await ledger.diverted("payments", SLACK, AT)] == ["weekly:payments"]
    last = await ledger.last_digest("payments")
    assert last is not None
    assert (last.id, last.until, last.waits) == ("catch-up:payments:weekly:payments", AT + MINUTE, True)
    await ledger.post(made.message("news"), [SLACK, PAGER], LATER)
    news = await ledger.claim_one("news", "now", LATER, MINUTE)
    assert news is not None
    await ledger.add_receipt(news, replace(made.receipt("news", SLACK, "skipped"), at=LATER))
    await ledger.settle(news, "sent", replace(made.receipt("news", PAGER, "sent"), at=LATER), LATER)
    routes = (RouteSpec("slack", SLACK), RouteSpec("webhook", PAGER))
    await CatchUp(ledger, {"payments": Audience("payments", routes)}, clock=lambda: LATER).update()
    (digest,) = (claim.message for claim in (await by_id(ledger)).values() if claim.message.id.startswith("catch-up:"))
    assert [line["title"] for line in digest.card["data"]["missed"]] == ["Title of weekly:payments", "Title of news"]


async def test_incidents_and_what_audiences_know_of_them(ledger: Ledger) -> None:
    assert await ledger.incidents_since(AT - 9 * DAY) == (made.resolved(), made.incident())
    assert await ledger.incidents_since(AT) == (made.incident(),)
    assert await ledger.notification_states(OPEN) == (made.told(),)
    assert await ledger.notification_receipts(OPEN) == (
        NotificationReceipt("payments", "opened", AT, AT + MINUTE, SLACK, ""),
    )
    assert await ledger.notification_receipts(OVER) == ()
    over: Incident = replace(made.incident(), phase=Phase.RESOLVED, resolved_at=LATER)
    (waits,) = (await ledger.queued_actions()).items()
    assert waits[1] == made.action()
    async with ledger.begin() as transaction:
        await transaction.save_incident(over)
        await transaction.save_notification_state(replace(made.told(), phase=Phase.RESOLVED))
        await transaction.remove_actions([waits[0]])
    assert await ledger.incidents_since(LATER) == (over,)
    assert not (await ledger.notification_states())[0].open
    assert await ledger.queued_actions() == {}


async def test_alerts_of_monitoring(ledger: Ledger) -> None:
    bad = made.signal("hook:prometheus", detail="prometheus: HighErrorRate; and 1 more")
    assert await ledger.alert_signals(AT) == (bad,)
    good = replace(made.signal(), at=AT + MINUTE, state=made.Health.GOOD)
    await ledger.save_alerts("prometheus", [good], LATER)
    (signal,) = await ledger.save_alerts("prometheus", [replace(good, source="prometheus/2")], LATER)
    assert signal.state is made.Health.GOOD


async def test_readings_of_feeds(ledger: Ledger) -> None:
    assert await ledger.saved_readings() == {"stripe/payments": made.reading()}
    older = replace(made.reading(), reading=replace(made.reading().reading, read_at=AT - HOUR))
    await ledger.save_readings([older], LATER)
    assert await ledger.saved_readings() == {"stripe/payments": made.reading()}


async def test_the_leader_of_before_is_seen_and_replaced(ledger: Ledger) -> None:
    async def save_as(transaction: Transaction, lease: Lease) -> None:
        await transaction.require_lease("watch", lease)

    before = await ledger.current_lease("watch")
    assert before == Lease("before", 1, 2)
    async with ledger.begin() as transaction:
        await save_as(transaction, before)
    seen = await ledger.current_lease("watch")
    taken = await ledger.take_lease("watch", "now", seen)
    assert taken is not None
    assert (taken.holder, taken.term) == ("now", 2)
    with pytest.raises(LeadershipLostError):
        async with ledger.begin() as transaction:
            await save_as(transaction, before)


def _with_fields_of(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """The facts with the fields that were there before; others came later."""
    return {
        kind: {
            "fields": before[kind]["fields"],
            "rows": [[row[table["fields"].index(name)] for name in before[kind]["fields"]] for row in table["rows"]],
        }
        for kind, table in now.items()
    }


async def test_scores_and_the_facts_of_the_last_audit(ledger: Ledger) -> None:
    failing = frozenset({"RG01", "RG03"})
    assert await ledger.history("", AT) == (
        PastScore("", AT, 62.41830065359476, "C", 0.7829131652661065, "5a3f0c9d1e77", failing),
    )
    assert await ledger.history("service-000", AT) == (
        PastScore("service-000", AT, 55.55555555555555, "D", 0.8333333333333334, "5a3f0c9d1e77", failing),
    )
    kept = await ledger.last_audit_blob()
    assert kept is not None
    at, blob = kept
    collected, written = facts_codec.decode(blob), json.loads(zlib.decompress(blob))
    assert at == AT
    assert len(written["facts"]) == 30, "one of every kind"
    packed = facts_codec.pack(collected.facts, collected.gaps)
    assert packed.pop("gap_details") == [], "gaps of single resources came later"
    assert packed["gaps"] == written["gaps"]
    assert _with_fields_of(written["facts"], packed["facts"]) == written["facts"], "all that was written is read"
    assert facts_codec.unpack(written)[2] == [], "nothing was skipped"
    reason = "AccessDenied"
    assert collected.gaps == [Gap("aws_test", "aws", "111122223333", "us-east-1", reason, (Datastore,), "test:List")]
    assert (collected.read, collected.accounts) == ((("aws_tables", "1", "us-east-1"),), ("1",))


async def test_a_run_whose_accounts_are_being_read(ledger: Ledger) -> None:
    place = ("aws_tables", "1", "us-east-1")
    run = await ledger.open_run(["1", "2"], frozenset({place}), AT + MINUTE)
    assert (run.accounts, run.to_order) == (("1", "2"), False)
    unit = await ledger.unit(run.id, "1")
    assert unit is not None
    assert (unit.state, unit.blob) == ("read", b"facts")
    request = await ledger.begin_unit(run.id, "2", "now")
    assert request is not None
    assert request.only == frozenset({place})


async def test_what_people_left(ledger: Ledger) -> None:
    assert await ledger.attestations() == (made.attestation(),)
    assert await ledger.waivers(AT) == (made.waiver(),)
    assert await ledger.subscriptions("slack", "C0TEAM") == (made.subscription(),)
    assert await ledger.entries(AT) == (made.entry(),)
    assert await ledger.conversations() == (made.conversation(),)
    assert await ledger.runbooks() == {"checkout": made.runbook()}
    assert await ledger.drafted("b1") == made.draft()
    async with ledger.begin() as transaction:
        assert await transaction.take_broadcast("b0", LATER) is None, "it was sent before"
        assert await transaction.take_broadcast("b1", LATER) == replace(made.draft(), sent_at=LATER)
        assert not await transaction.subscribe(made.subscription())
        assert await transaction.unsubscribe("slack", "C0TEAM", "scorecard") == 1


async def test_slots_of_schedules(ledger: Ledger) -> None:
    assert await ledger.begin_schedule("weekly", LATER) == AT + 7 * DAY
    assert await ledger.slots("weekly", AT) == {AT + 7 * DAY: "made_up"}
    async with ledger.begin() as transaction:
        assert not await transaction.take_slot("weekly", AT + 7 * DAY, "taken", LATER)
        assert await transaction.take_slot("weekly", AT + 14 * DAY, "taken", LATER)


async def test_old_rows_are_pruned(ledger: Ledger) -> None:
    assert await ledger.prune(AT + timedelta(days=400), AT + timedelta(days=400)) > 10
    assert await ledger.receipts() == ()
    assert (await ledger.backlog()).pending == 5
    assert await ledger.incidents_since(AT - 9 * DAY) == (made.incident(),)
