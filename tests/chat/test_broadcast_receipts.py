"""Who sends a broadcast sees on their own card what became of it: sent, refused, and by which route, as it comes in."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.moment import NOW
from support.builders.records import RecordsInMemory
from support.harness.ledgers import ledger_at

from bot.cards.card import Button, Buttons, Card
from bot.cards.render.text import render as to_text
from bot.catalogue import read
from bot.chat.dispatch import dispatch
from bot.model import Caller, Receipt, Role
from bot.model.delivery import ReceiptOutcome
from bot.model.records import Broadcast, BroadcastDelivery
from bot.storage.ledger import Ledger
from bot.storage.records import LedgerRecords

ADA = Caller("slack", "U1", "C1", "ada")
DRAFT = Broadcast("0123456789abcdef", "Payments are slow.", "warning", ("payments", "web"), "slack:U1", "ada", NOW)


def attempt(audience: str, route: str, outcome: ReceiptOutcome, detail: str = "", after: float = 1) -> Receipt:
    return Receipt(f"m-{audience}", audience, route, outcome, NOW + timedelta(seconds=after), detail)


WAITING = (BroadcastDelivery("payments"), BroadcastDelivery("web"))
HALF = (
    BroadcastDelivery("payments", True, (attempt("payments", "slack:#payments", "sent"),)),
    BroadcastDelivery("web", False, (attempt("web", "slack:#web", "refused", "channel_not_found"),)),
)
DONE = (
    HALF[0],
    BroadcastDelivery("web", True, (*HALF[1].attempts, attempt("web", "webhook:pager", "sent", after=9))),
)
LOST = (HALF[0], replace(HALF[1], settled=True))


async def cards_of(*states: Sequence[BroadcastDelivery], line: str = f"broadcast send {DRAFT.id}") -> list[Card]:
    records = RecordsInMemory(drafts={DRAFT.id: DRAFT}, arrived=list(states))
    if "receipts" in line:
        records.drafts[DRAFT.id] = replace(DRAFT, sent_at=NOW)
    backend = sample_backend(SampleAudits(sample_services("billing")), records=records)
    return [card async for card in dispatch(line, ADA, backend, now=lambda: NOW, role=Role.RESPONDER)]


def said(card: Card) -> str:
    return " ".join(to_text(card, 300).split())


def buttons(card: Card) -> list[Button]:
    return [button for part in card.blocks if isinstance(part, Buttons) for button in part.buttons]


async def test_the_card_of_the_sender_shows_each_receipt_as_it_comes_in() -> None:
    queued, half, done = await cards_of(WAITING, HALF, DONE)
    assert queued.summary == "Queued for 2 audiences."
    assert half.summary == "Delivered to 1 of 2 audiences, 1 waiting."
    assert "✓ sent to payments by slack:#payments, 23 Nov 2026, 12:00 UTC" in said(half)
    assert "? waiting: web; slack:#web: refused (channel_not_found)" in said(half)
    assert [button.command for button in buttons(half)] == [f"broadcast receipts {DRAFT.id}"]
    assert done.summary == "Delivered to 2 of 2 audiences."
    assert "sent to web by webhook:pager" in said(done)
    assert "slack:#web: refused (channel_not_found)" in said(done)
    assert not buttons(done)


async def test_an_audience_that_no_route_reaches_is_told_as_lost() -> None:
    *_, last = await cards_of(WAITING, LOST)
    assert last.summary == "Delivered to 1 of 2 audiences, not delivered to 1."
    assert "✗ not delivered: web; slack:#web: refused (channel_not_found)" in said(last)
    assert last.tone == "warning"


async def test_a_private_answer_of_slack_is_changed_few_times_and_ends_with_the_last_state() -> None:
    states = [(HALF[0], replace(HALF[1], attempts=HALF[1].attempts * number)) for number in range(1, 9)]
    cards = await cards_of(WAITING, *states, DONE)
    assert len(cards) <= 4
    assert cards[-1].summary == "Delivered to 2 of 2 audiences."
    unfinished = await cards_of(WAITING, *states)
    assert len(unfinished) <= 4
    assert said(unfinished[-1]).count("As of") == 1


async def test_the_receipts_can_be_asked_for_later() -> None:
    (card,) = await cards_of(DONE, line=f"broadcast receipts {DRAFT.id}")
    assert card.summary == "Delivered to 2 of 2 audiences."
    (refused,) = await cards_of(line="broadcast receipts ffffffffffffffff")
    assert refused.kind == "error"


@asynccontextmanager
async def sent_by(folder: Path, pauses: Sequence[float]) -> AsyncIterator[tuple[LedgerRecords, Ledger, list[float]]]:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    catalogue = read(
        "audiences: {payments: {routes: [{file: /tmp/a}]}, web: {routes: [{file: /tmp/b}]}}\n"
        "services: [{name: checkout, audience: payments}]\n"
    )
    async with ledger_at(folder) as ledger:
        records = LedgerRecords(catalogue, ledger, sleep, pauses)
        await records.draft(DRAFT)
        await records.broadcast(DRAFT.id, {}, NOW)
        yield records, ledger, slept


async def test_a_broadcast_is_followed_in_the_ledger_until_the_last_pause(tmp_path: Path) -> None:
    async with sent_by(tmp_path, (1, 2)) as (records, _, slept):
        found = [state async for state in records.follow(DRAFT.id)]
        assert found == [(BroadcastDelivery("payments"), BroadcastDelivery("web"))]
        assert slept == [1, 2]
        assert await records.deliveries("unknown") == ()
