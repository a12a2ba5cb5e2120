"""What people leave is in the ledger as they left it, on SQLite and on PostgreSQL."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.moment import NOW
from support.harness import postgres
from support.harness.ledgers import ledger_at

from bot.model.checklists import Checklist, Tick
from bot.model.records import AttestationRecord, Broadcast, RunbookCopy, Subscription
from bot.model.runbooks import PageDetails
from bot.model.tickets import KeptTicket, TicketState
from bot.storage.ledger import Ledger
from checks import Waiver


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    programs = postgres.programs()
    if programs is None:
        assert os.environ.get("CI") != "true", "CI must have PostgreSQL"
        pytest.skip("no PostgreSQL server on this machine")
    with postgres.running(programs) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    where: Path | str = tmp_path if request.param == "sqlite" else request.getfixturevalue("server")
    async with ledger_at(where) as opened:
        yield opened


async def test_words_waivers_and_copies(ledger: Ledger) -> None:
    word = AttestationRecord("checkout", "training", "Ada", NOW, NOW + timedelta(days=365), "https://wiki.example/t")
    first = Waiver("checkout", "RG03", "comes later", "Ada", NOW + timedelta(days=30))
    second = replace(first, reason="comes much later", until=NOW + timedelta(days=60))
    other = replace(first, resource="arn:aws:s3:::b", until=NOW + timedelta(days=1))
    async with ledger.begin() as transaction:
        await transaction.attest(word)
        for waiver in (first, other, second):
            await transaction.waive(waiver, NOW)
    assert await ledger.attestations() == (word,)
    assert await ledger.waivers(NOW) == (other, second)
    assert await ledger.waivers(NOW + timedelta(days=1)) == (second,)
    copy = RunbookCopy("checkout", "https://wiki.example/c", NOW, NOW, "1. look", ("look",))
    await ledger.save_runbooks([replace(copy, text="old"), copy])
    assert await ledger.runbooks() == {"checkout": copy}


async def test_subscriptions(ledger: Ledger) -> None:
    wanted = Subscription("slack", "C1", "scorecard", "0 9 * * MON", "Europe/Berlin", "Ada", NOW)
    async with ledger.begin() as transaction:
        assert await transaction.subscribe(wanted)
        assert not await transaction.subscribe(wanted)
        assert await transaction.subscribe(replace(wanted, cron="0 8 * * FRI"))
        assert await transaction.subscribe(replace(wanted, channel="C2"))
    assert [(subscription.channel, subscription.cron) for subscription in await ledger.subscriptions()] == [
        ("C1", "0 8 * * FRI"),
        ("C2", "0 9 * * MON"),
    ]
    async with ledger.begin() as transaction:
        assert await transaction.unsubscribe("slack", "C1", "other") == 0
        assert await transaction.unsubscribe("slack", "C1", "") == 1
    assert await ledger.subscriptions("slack", "C1") == ()


async def test_a_draft_is_taken_once_by_whoever_comes_first(ledger: Ledger) -> None:
    draft = Broadcast("0123456789abcdef", "Tills are slow", "warning", ("web",), "slack:U1", "Ada", NOW)
    await ledger.draft(draft)

    async def take() -> Broadcast | None:
        async with ledger.begin() as transaction:
            return await transaction.take_broadcast(draft.id, NOW)

    taken = [broadcast for broadcast in await asyncio.gather(*(take() for _ in range(8))) if broadcast]
    assert taken == [replace(draft, sent_at=NOW)]
    assert await ledger.drafted(draft.id) == taken[0]
    assert await ledger.drafted("nothing") is None


async def test_what_is_over_is_forgotten_in_time(ledger: Ledger) -> None:
    old = NOW - timedelta(days=500)
    async with ledger.begin() as transaction:
        await transaction.attest(AttestationRecord("payroll", "training", "Ada", old, old + timedelta(days=1)))
        await transaction.waive(Waiver("payroll", "RG03", "for a day", "Ada", old + timedelta(days=1)), old)
    await ledger.prune(NOW - timedelta(days=400))
    assert not [attestation for attestation in await ledger.attestations() if attestation.service == "payroll"]
    assert not [waiver for waiver in await ledger.waivers(old) if waiver.service == "payroll"]


async def test_checklists_and_tickets(ledger: Ledger) -> None:
    begun = await ledger.begin_checklist(
        Checklist("inc-1", "checkout", "https://wiki.example/c", ("look", "shift"), NOW)
    )
    assert await ledger.begin_checklist(replace(begun, steps=("other",))) == begun, "who was first counts"
    ticks = [
        Tick(1, done, "Ada", "slack:U1", NOW + timedelta(minutes=number))
        for number, done in enumerate((True, True, False))
    ]
    assert [await ledger.tick("inc-1", "checkout", tick) for tick in ticks] == [True, False, True]
    assert (await ledger.checklists("inc-1"))[0].ticks == (ticks[0], ticks[2])
    others = (ledger.tick("inc-1", "checkout", Tick(2, True, f"p{number}", "slack:U", NOW)) for number in range(4))
    assert sorted(await asyncio.gather(*others)) == [False, False, False, True]
    ticket = KeptTicket("k" * 24, "jira:OPS", "checkout", "RG03", TicketState.CREATING, NOW, NOW, due_on="2026-12-24")
    made = replace(ticket, state=TicketState.OPEN, number="OPS-1", url="https://acme.example/OPS-1", content="c" * 64)
    for state in (ticket, made):
        await ledger.save_ticket(state)
    assert await ledger.tickets() == {ticket.key: made}
    details = PageDetails(NOW, "Ada", "shop", ("https://a.example",), (), 2, {"text": "too long"}, NOW, ("aws",))
    copy = RunbookCopy("search", "https://wiki.example/s", NOW, NOW, "1. look", ("look",), details=details)
    await ledger.save_runbooks([copy])
    assert (await ledger.runbooks())["search"] == copy
