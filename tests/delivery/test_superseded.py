"""Posts that newer ones overtake, while several senders work on one ledger: what stands at the end is the newest."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.posts import message
from support.fakes.misbehaving import reset_after_accept, status
from support.fakes.receivers import Receiver
from support.fakes.slack import FakeSlack
from support.harness.ledgers import ledger_at
from support.harness.office import SLACK, Office, open_office

from bot.model import Priority

ALERT = Priority.ALERT
CHANGES = 25


@asynccontextmanager
async def office_on(where: str, folder: Path) -> AsyncIterator[Office]:
    """A team on SQLite, or on the PostgreSQL database of this address."""
    if not where:
        async with open_office(folder) as office:
            yield office
        return
    async with ledger_at(where) as ledger, FakeSlack().running() as slack, Receiver().running() as hook:
        yield Office(ledger, slack, hook)


async def storm_of_changes(office: Office) -> None:
    """Changes come while three senders deliver and Slack fails now and then."""
    chance = random.Random(7)  # noqa: S311 - an order, no secret
    await office.post(message("alert", title="state 0", priority=ALERT), SLACK)
    for number in range(1, CHANGES + 1):
        if chance.random() < 0.4:
            office.slack.script("chat.update", chance.choice((status(500), reset_after_accept())))
        change = message(f"u{number}", title=f"state {number}", replaces="alert", priority=ALERT)
        senders = [office.sender(every=timedelta(0)).deliver_due() for _ in range(3)]
        await asyncio.gather(office.post(change, SLACK), *senders)
        office.clock.at += timedelta(seconds=chance.uniform(0, 5))
    for _ in range(10):
        await office.sender(every=timedelta(0)).deliver_due()
        office.clock.at += timedelta(minutes=10)


async def check(office: Office) -> None:
    (post,) = office.slack.top("payments")
    assert post["text"].startswith(f"state {CHANGES}:")
    said = [int(call["text"].split(":")[0].removeprefix("state ")) for call in office.slack.called("chat.update")]
    assert said == sorted(said)  # nothing older ever follows something newer
    ends = [(await office.receipt(f"u{number}")).outcome for number in range(1, CHANGES + 1)]
    assert set(ends) <= {"sent", "superseded"}
    assert ends[-1] == "sent"
    assert "superseded" in ends
    assert (await office.ledger.backlog()).pending == 0


async def test_nothing_older_follows_something_newer(tmp_path: Path) -> None:
    async with office_on("", tmp_path) as office:
        await storm_of_changes(office)
        await check(office)


async def test_nor_on_postgresql(database: str, tmp_path: Path) -> None:
    async with office_on(database, tmp_path) as office:
        await storm_of_changes(office)
        await check(office)


async def test_what_waits_ends_in_the_transaction_of_what_tells_it_better(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.post(message("alert", priority=ALERT), SLACK)
        await office.post(message("end", outdates="alert", priority=ALERT), SLACK)
        told = await office.receipt("alert")
        assert (told.outcome, told.detail) == ("superseded", "superseded by end")
        await office.sender(every=timedelta(0)).deliver_due()
        assert office.in_slack() == ["end"]


@pytest.mark.parametrize("begun", [False, True])
async def test_what_is_in_somebodys_hands_ends_before_its_next_byte(tmp_path: Path, *, begun: bool) -> None:
    lease = timedelta(seconds=60)
    async with open_office(tmp_path) as office:
        await office.post(message("alert", priority=ALERT), SLACK)
        (claim,) = await office.ledger.claim("other", office.clock(), lease, 1)
        if begun:  # it may have arrived: nobody sends it again all the same
            await office.ledger.begin_try(claim, SLACK, office.clock(), lease)
        await office.post(message("end", outdates="alert", priority=ALERT), SLACK)
        await office.ledger.put_back(claim, office.clock() + timedelta(minutes=5))
        await office.sender(every=timedelta(0)).deliver_due()
        assert office.in_slack() == ["end"]
        assert (await office.receipt("alert")).outcome == "superseded"


async def test_what_has_arrived_stays_and_its_change_follows(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.post(message("alert", title="Broken", priority=ALERT), SLACK)
        await office.sender(every=timedelta(0)).deliver_due()
        await office.post(message("end", title="Over now", outdates="alert", priority=ALERT), SLACK)
        await office.post(message("u1", title="Over", replaces="alert", priority=ALERT), SLACK)
        await office.sender(every=timedelta(0)).deliver_due()
        assert [post["text"].split(":")[0] for post in office.slack.top("payments")] == ["Over", "Over now"]
