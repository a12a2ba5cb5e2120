"""`backstay ledger verify` and `adopt` as a user runs them, and the rows that a migration finds."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

from support.builders.evidence import AT, DAY, after
from support.harness.ledgers import ledger_at
from typer.testing import CliRunner

from bot.app.cli.app import app
from bot.storage.copy import copy
from bot.storage.engine import engine_for
from bot.storage.evidence_chain import ChainHead
from bot.storage.evidence_verification import verify_chain
from bot.storage.ledger import AuditLogEntry, Ledger
from bot.storage.opening import address
from bot.storage.schema_version import migrate


def run(*words: str) -> tuple[int, str, str]:
    """A command in this process: exit code, answer, and what it says beside it."""
    ran = CliRunner().invoke(app, ["ledger", *words])
    return ran.exit_code, ran.stdout, ran.stderr


def test_verify_says_what_it_found_by_its_exit_code(intact: tuple[bytes, ChainHead], tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(intact[0])
    code, out, _ = run("verify", str(path), "--head", str(intact[1]))
    assert (code, "19 rows are as they were written" in out) == (0, True)
    assert f"chain head: {intact[1]}" in out
    asyncio.run(after(intact[0], tmp_path, "DELETE FROM waivers"))
    code, out, _ = run("verify", str(path))
    assert (code, out.splitlines()[0]) == (1, "waivers row 1: missing")
    code, out, _ = run("verify", str(path), "--format", "json")
    said = json.loads(out)
    assert (code, said["intact"], said["problems"]) == (1, False, ["waivers row 1: missing"])
    code, _, told = run("verify", str(path), "--head", "12")
    assert (code, "write SEQ:HASH" in told) == (2, True)
    code, _, told = run("verify", str(tmp_path / "other.db"))
    assert (code, "There is no ledger at" in told) == (2, True)


def test_a_head_that_retention_deleted_cannot_be_compared(intact: tuple[bytes, ChainHead], tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(intact[0])
    asyncio.run(_pruned(path))
    code, out, told = run("verify", str(path), "--head", f"3:{intact[1].hash}")
    assert (code, "older than what is kept" in told) == (3, True)
    assert "deleted by retention: links up to" in out


async def _pruned(path: Path) -> None:
    async with ledger_at(str(path)) as ledger:
        await ledger.prune(AT + 3 * DAY, AT + 9 * DAY)


def test_adopt_needs_a_reason_and_keeps_it(intact: tuple[bytes, ChainHead], tmp_path: Path) -> None:
    done = "INSERT INTO waivers SELECT 9, service, 'BK02', resource, reason, by, at, until FROM waivers"
    asyncio.run(after(intact[0], tmp_path, done))
    path = str(tmp_path / "ledger.db")
    assert run("adopt", path)[0] == 2
    assert run("adopt", path, "--reason", "rolling upgrade")[:2] == (0, "1 row chained\n")
    code, out, _ = run("verify", path)
    assert (code, "chained later than written: 1 rows" in out) == (0, True)
    assert asyncio.run(_logged(path)).detail == {"rows": 1, "reason": "rolling upgrade"}


async def _logged(path: str) -> AuditLogEntry:
    async with ledger_at(path) as ledger:
        return (await ledger.entries(AT))[-1]


async def test_rows_of_before_are_chained_by_the_migration(on_both: str) -> None:
    engine = engine_for(address(on_both), timedelta(seconds=10))
    async with engine.begin() as connection:
        await connection.run_sync(migrate, "0016")
        line = (
            "INSERT INTO audit_log (at, actor, action, detail) VALUES ('2026-10-21 07:00:00.000000', 'ada', 'n', '{}')"
        )
        await connection.exec_driver_sql(line)
    await engine.dispose()
    ledger = await Ledger.open(on_both)
    try:
        found = await verify_chain(ledger)
    finally:
        await ledger.close()
    assert (found.problems, found.links, found.adopted) == ((), 1, 1)


async def test_a_copied_ledger_has_the_same_chain(
    intact: tuple[bytes, ChainHead], tmp_path: Path, database: str
) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(intact[0])
    await copy(str(path), database, move=False, resume=False, progress=lambda _: None)
    async with ledger_at(database) as ledger:
        found = await verify_chain(ledger, intact[1])
    assert (found.problems, found.head) == ((), intact[1])
