"""`backstay ledger verify` and `adopt` as a user runs them, and the rows that a migration finds."""

import json
from datetime import timedelta
from pathlib import Path

from support.builders.evidence import AT, after
from support.harness.command_line import command_line
from support.harness.ledgers import ledger_at

from bot.storage.engine import engine_for
from bot.storage.evidence_chain import ChainHead
from bot.storage.evidence_verification import verify_chain
from bot.storage.ledger import Ledger
from bot.storage.opening import address
from bot.storage.schema_version import migrate


async def test_verify_says_what_it_found_by_its_exit_code(intact: tuple[bytes, ChainHead], tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(intact[0])
    backstay = command_line(tmp_path, "http://127.0.0.1:9")
    whole = await backstay.run("ledger", "verify", str(path), "--head", str(intact[1]))
    assert (whole.code, "19 rows are as they were written" in whole.out) == (0, True)
    assert f"chain head: {intact[1]}" in whole.out
    await after(intact[0], tmp_path, "DELETE FROM waivers")
    broken = await backstay.run("ledger", "verify", str(path))
    assert (broken.code, broken.out.splitlines()[0]) == (1, "waivers row 1: missing")
    told = await backstay.run("ledger", "verify", str(path), "--format", "json")
    said = json.loads(told.out)
    assert (told.code, said["intact"], said["problems"]) == (1, False, ["waivers row 1: missing"])
    wrong = await backstay.run("ledger", "verify", str(path), "--head", "12")
    assert (wrong.code, "write SEQ:HASH" in wrong.err) == (2, True)
    nowhere = await backstay.run("ledger", "verify", str(tmp_path / "other.db"))
    assert (nowhere.code, "There is no ledger at" in nowhere.err) == (2, True)


async def test_adopt_needs_a_reason_and_keeps_it(intact: tuple[bytes, ChainHead], tmp_path: Path) -> None:
    done = "INSERT INTO waivers SELECT 9, service, 'BK02', resource, reason, by, at, until FROM waivers"
    await after(intact[0], tmp_path, done)
    backstay, path = command_line(tmp_path, "http://127.0.0.1:9"), str(tmp_path / "ledger.db")
    assert (await backstay.run("ledger", "adopt", path)).code == 2
    adopted = await backstay.run("ledger", "adopt", path, "--reason", "rolling upgrade")
    assert (adopted.code, adopted.out.strip()) == (0, "1 rows chained")
    verified = await backstay.run("ledger", "verify", path)
    assert (verified.code, "chained later than written: 1 rows" in verified.out) == (0, True)
    async with ledger_at(path) as ledger:
        assert (await ledger.entries(AT))[-1].detail == {"rows": 1, "reason": "rolling upgrade"}


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
