"""Audits in units: who asks twice gets one run, nothing is read twice, and whoever dies leaves nothing that hangs."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.posts import START
from support.harness.ledgers import ledger_at

from bot.storage.audit_units import JOIN_WITHIN, ORDER_WITHIN
from bot.storage.ledger import Ledger

ACCOUNTS = ("1", "2", "3")
PLACES = frozenset({("aws_tables", "1", "us-east-1")})
MOMENT = timedelta(seconds=1)


@pytest.fixture(params=["sqlite", "postgresql"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    where = tmp_path if request.param == "sqlite" else request.getfixturevalue("database")
    async with ledger_at(where) as opened:
        yield opened


async def test_who_asks_at_the_same_time_gets_one_run_and_one_hands_it_out(ledger: Ledger) -> None:
    runs = await asyncio.gather(*(ledger.open_run(ACCOUNTS, None, START) for _ in range(4)))
    assert len({run.id for run in runs}) == 1
    assert [run.to_order for run in runs].count(True) == 1
    assert all(run.accounts == ACCOUNTS for run in runs)
    other = await ledger.open_run(("1",), PLACES, START)
    assert other.id != runs[0].id
    assert (await ledger.begin_unit(other.id, "1", "me")) is not None


async def test_a_run_that_nobody_handed_out_is_handed_out_by_the_next(ledger: Ledger) -> None:
    run = await ledger.open_run(ACCOUNTS, None, START)
    assert not (await ledger.open_run(ACCOUNTS, None, START + ORDER_WITHIN)).to_order
    late = await ledger.open_run(ACCOUNTS, None, START + ORDER_WITHIN + MOMENT)
    assert (late.id, late.to_order) == (run.id, True)
    await ledger.run_ordered(run.id)
    again = await ledger.open_run(ACCOUNTS, None, START + 3 * ORDER_WITHIN)
    assert (again.id, again.to_order) == (run.id, False)


async def test_what_is_done_or_old_is_begun_anew_and_forgotten_in_the_end(ledger: Ledger) -> None:
    run = await ledger.open_run(ACCOUNTS, None, START)
    await ledger.save_unit(run.id, "1", b"facts")
    await ledger.close_run(run.id)
    fresh = await ledger.open_run(ACCOUNTS, None, START + MOMENT)
    assert fresh.id != run.id
    kept = await ledger.unit(run.id, "1")
    assert kept is not None, "somebody may still be putting it together"
    assert kept.blob == b"facts"
    later = await ledger.open_run(ACCOUNTS, None, START + 2 * JOIN_WITHIN)
    assert later.id not in (run.id, fresh.id)
    assert await ledger.unit(run.id, "1") is None


async def test_an_account_is_read_once_and_tried_again_until_it_is_given_up(ledger: Ledger) -> None:
    run = await ledger.open_run(ACCOUNTS, PLACES, START)
    errand = await ledger.begin_unit(run.id, "1", "w1")
    assert errand is not None
    assert errand.only == PLACES
    await ledger.unit_failed(run.id, "1", "throttled", again=True)
    assert await ledger.begin_unit(run.id, "1", "w2") is not None
    assert await ledger.accounts_being_read(run.id) == ("1",)
    await ledger.save_unit(run.id, "1", b"facts")
    assert await ledger.begin_unit(run.id, "1", "w1") is None
    await ledger.unit_failed(run.id, "1", "too late", again=False)
    await ledger.unit_failed(run.id, "2", "denied", again=False)
    assert await ledger.begin_unit(run.id, "2", "w1") is None
    assert await ledger.unit_states(run.id) == {"read": 1, "failed": 1, "waiting": 1}
    assert await ledger.begin_unit("nosuch", "1", "w1") is None
