"""A ledger moves between SQLite and PostgreSQL, also while it is in use: whole, checked, and nothing is sent twice."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from support.builders.posts import START, message
from support.builders.scorecards import sample_estate
from support.harness.command_line import CommandLine, command_line
from support.harness.ledgers import deliver_fallback_test, ledger_at

from bot.model import Progress, Receipt
from bot.storage.audit_log import AuditLogEntry
from bot.storage.copy import Copied, copy, reopen
from bot.storage.ledger import Ledger, LedgerError
from bot.storage.schema_version import mark_filling

LEASE = timedelta(seconds=20)


@pytest.fixture(params=["sqlite to postgresql", "postgresql to sqlite"])
def ways(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> tuple[str, str]:
    file = str(tmp_path / "backstay.db")
    return (file, database) if request.param == "sqlite to postgresql" else (database, file)


async def lived_in(ledger: Ledger) -> None:
    """A bit of everything; two posts wait, one was sent."""
    for number in range(3):
        await ledger.post(message(f"m{number}", audience=f"team{number}", created_at=START), ["slack:#payments"], START)
    (sent,) = await ledger.claim("me", START, LEASE, 1)
    receipt = Receipt("m0", "team0", "slack:#payments", "sent", START, "", "C0PAYMENTS:1")
    assert await ledger.settle(sent, "sent", receipt, START)
    await ledger.save_audit(sample_estate(5), b"\x00facts\xff")
    await ledger.begin_schedule("payments/scorecard", START)
    async with ledger.begin() as transaction:
        await transaction.log(AuditLogEntry(START, "ada", "waive", {"zürich": ["ü", 1.5, None]}))


async def done(source: str, target: str, *, move: bool = False, resume: bool = False) -> Copied:
    return await copy(source, target, move=move, resume=resume, progress=lambda _: None)


async def waiting(ledger: Ledger) -> list[str]:
    return sorted(claim.message.id for claim in await ledger.claim("look", datetime.now(UTC), LEASE, 10))


async def test_a_copy_leaves_the_source_and_what_it_sends_alone(ways: tuple[str, str]) -> None:
    source, target = ways
    async with ledger_at(source) as old:
        await lived_in(old)
        copied = await done(source, target)
        assert copied.on_their_way == 2
        async with ledger_at(target) as new:
            assert await new.last_audit_blob() == await old.last_audit_blob()
            assert await new.history("", START) == await old.history("", START)
            assert [entry.detail for entry in await new.entries(START)] == [{"zürich": ["ü", 1.5, None]}]
            assert await new.receipts() == await old.receipts()
            assert await waiting(new) == []
            assert await new.post(message("fresh"), ["slack:#payments"])  # its numbers go on behind the copied ones
            assert not await new.post(message("m0"), ["slack:#payments"])
            await deliver_fallback_test(new, "slack:#ops", START)
        assert await waiting(old) == ["m1", "m2"]
        assert await old.post(message("fresh"), ["slack:#payments"])


async def test_a_move_takes_along_what_waits_and_ends_the_source(ways: tuple[str, str]) -> None:
    source, target = ways
    async with ledger_at(source) as old:
        await lived_in(old)
        (flying,) = await old.claim("replica", datetime.now(UTC), LEASE, 1)
        moving = asyncio.create_task(done(source, target, move=True))
        await asyncio.sleep(0.7)
        assert not moving.done(), "what is being sent is waited for"
        assert await old.settle(flying, "sent", None, datetime.now(UTC))
        copied = await asyncio.wait_for(moving, 60)
        assert copied.on_their_way == 0
        for change in writes(old):
            with pytest.raises(LedgerError, match="has moved to") as told:
                await change()
            assert "Set `ledger:` to the new address" in str(told.value)
        assert await waiting(old) == []
        assert len(await old.receipts()) == 1  # it may still be read
    with pytest.raises(LedgerError, match="has moved to"):
        await Ledger.open(source)
    async with ledger_at(target) as new:
        assert await waiting(new) == sorted({"m1", "m2"} - {flying.message.id})


def writes(ledger: Ledger) -> list[Callable[[], Awaitable[object]]]:
    now = datetime.now(UTC)
    return [
        lambda: ledger.post(message("late"), ["slack:#payments"]),
        lambda: ledger.begin_schedule("late", now),
        lambda: ledger.save_audit(sample_estate(1), b""),
    ]


async def test_a_move_can_be_taken_back(ways: tuple[str, str]) -> None:
    source, target = ways
    async with ledger_at(source) as old:
        await lived_in(old)
        await done(source, target, move=True)
        assert await reopen(source)
        assert await waiting(old) == ["m1", "m2"]
        assert not await reopen(source)


async def test_a_move_that_fails_lets_the_source_go_on(ways: tuple[str, str]) -> None:
    source, target = ways

    def stop(progress: Progress) -> None:
        if progress.doing.startswith("checking"):
            raise KeyboardInterrupt

    async with ledger_at(source) as old:
        await lived_in(old)
        with suppress(KeyboardInterrupt):
            await copy(source, target, move=True, resume=False, progress=stop)
        assert await waiting(old) == ["m1", "m2"]
    with pytest.raises(LedgerError, match="is incomplete: `backstay ledger copy` is running or was interrupted"):
        await Ledger.open(target)
    with pytest.raises(LedgerError, match="An earlier copy into the target was interrupted"):
        await done(source, target)
    async with ledger_at(source) as old:  # whose look has taken the posts meanwhile: they are let go
        for audience in ("m1", "m2"):
            await old.post(message(f"{audience}b", audience=audience), ["slack:#payments"])
    await done(source, target, resume=True)
    async with ledger_at(target) as new:
        assert len(await new.receipts()) == 1


async def test_rows_that_a_broken_off_copy_left_are_replaced(ways: tuple[str, str]) -> None:
    source, target = ways
    async with ledger_at(source) as old:
        await lived_in(old)
        async with ledger_at(target) as half, half.write() as connection:
            stale = {"route": "slack:#ops", "tested_at": "2026-01-01 00:00:00+00", "detail": "stale"}
            said = f"INSERT INTO route_tests VALUES ('{stale['route']}', '{stale['tested_at']}', '{stale['detail']}')"  # noqa: S608
            await connection.execute(text(said))
            await connection.run_sync(lambda sync: mark_filling(sync, filling=True))
        await deliver_fallback_test(old, "slack:#ops", START)
        await done(source, target, resume=True)
        async with ledger_at(target) as new:
            assert await new.route_tests() == {"slack:#ops": START}


async def test_a_target_with_somebodys_rows_is_left_alone(ways: tuple[str, str]) -> None:
    source, target = ways
    async with ledger_at(source) as old, ledger_at(target) as new:
        await lived_in(old)
        await new.begin_schedule("ops/scorecard", START)
        with pytest.raises(LedgerError, match=r"not empty \(slots\); nothing was changed"):
            await done(source, target, move=True)
        assert await old.post(message("goes on"), ["slack:#payments"])
        assert await new.receipts() == ()
    with pytest.raises(LedgerError, match="the same ledger"):
        await done(source, source)


async def test_a_source_that_is_not_there_is_told_and_not_made(tmp_path: Path, database: str) -> None:
    gone, target = tmp_path / "backstya.db", tmp_path / "new.db"
    for source in (str(gone), database):
        for doing in (done(source, str(target)), done(source, str(target), move=True), reopen(source)):
            with pytest.raises(LedgerError, match="There is no ledger at"):
                await doing
    backstay = line(tmp_path)
    for arguments in (("copy", str(gone), str(target)), ("info", str(gone)), ("reopen", str(gone))):
        said = await backstay.run("ledger", *arguments)
        assert said.code == 2
        assert "There is no ledger at" in said.err
    assert not gone.exists()
    assert not target.exists()


async def test_one_state_is_copied_whatever_is_written_meanwhile(ways: tuple[str, str]) -> None:
    source, target = ways
    async with ledger_at(source) as old:
        await lived_in(old)
        for number in range(50):
            await old.begin_schedule(f"team{number:03}/scorecard", START)
        writing = asyncio.create_task(_write_on(old))
        await asyncio.sleep(0.05)
        await done(source, target)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        async with ledger_at(target) as new:
            kept = await new.receipts(limit=10_000)
            logged = await new.entries(START, limit=10_000)
        assert 1 < len(logged) < len(await old.entries(START, limit=10_000))
        assert len(kept) == len(logged), "a receipt and its line were written together, and arrived together"


async def _write_on(ledger: Ledger) -> None:
    from bot.storage.tables import receipts  # noqa: PLC0415

    for number in range(10_000):
        async with ledger.begin() as transaction:
            await transaction.log(AuditLogEntry(START, "ada", f"n{number}", {}))
            row = {"message": f"n{number}", "audience": "a", "route": "r", "outcome": "sent", "at": START}
            inserting = receipts.insert().values(**row, detail="", reference="")
            await transaction._connection.execute(inserting)  # noqa: SLF001
        await asyncio.sleep(0)


def line(folder: Path) -> CommandLine:
    return command_line(folder, "http://127.0.0.1:9")


async def test_on_the_command_line(tmp_path: Path, database: str) -> None:
    source = str(tmp_path / "old.db")
    async with ledger_at(source) as old:
        await lived_in(old)
    backstay, secret = line(tmp_path), database.replace("backstay@", "backstay:hunter2@")
    ran = await backstay.run("ledger", "copy", source, "env:NEW", "--move", NEW=secret)
    assert ran.code == 0, ran.err
    assert "counts and checksums agree" in ran.out
    assert "copying: " in ran.err
    assert "The source now refuses every change" in ran.out
    again = await backstay.run("ledger", "copy", source, "env:NEW", "--move", NEW=secret)
    assert (again.code, "not empty" in again.err) == (2, True)
    known = await backstay.run("ledger", "info", "env:NEW", NEW=secret)
    assert "messages not yet sent: 2" in known.out
    old_one = await backstay.run("ledger", "info", source)
    assert (old_one.code, "has moved to postgresql" in " ".join(old_one.err.split())) == (2, True)
    back = await backstay.run("ledger", "reopen", source)
    assert back.code == 0
    twice = await backstay.run("ledger", "reopen", source)
    assert (twice.code, "was never moved" in twice.err) == (2, True)
    unset = await backstay.run("ledger", "copy", source, "env:NOWHERE")
    assert (unset.code, "NOWHERE is not set" in unset.err) == (2, True)
    for said in (ran, again, known, old_one, back):
        assert "hunter2" not in said.out + said.err
