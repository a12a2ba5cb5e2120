import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.posts import START, message
from support.harness.ledgers import deliver_fallback_test

from bot.audit.workers.queue import psycopg_conninfo
from bot.storage.ledger import Ledger, LedgerError
from bot.storage.opening import address
from bot.storage.schema_version import HEAD, head_of_migrations
from bot.storage.tables import metadata

SOON = timedelta(milliseconds=200)


async def open_and_close(where: Path | str) -> None:
    ledger = await Ledger.open(where, patience=SOON)
    await ledger.close()


async def test_a_new_ledger_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "backstay.db"
    await open_and_close(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_migrations_lead_to_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    assert head_of_migrations() == HEAD
    await open_and_close(tmp_path / "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as found:
        for table in metadata.tables.values():
            columns = {row[1]: bool(row[3]) for row in found.execute(f"PRAGMA table_info({table.name})")}
            assert columns == {column.name: not column.nullable for column in table.columns}, table.name


async def test_opens_again_and_keeps_what_was_there(tmp_path: Path) -> None:
    ledger = await Ledger.open(f"sqlite:///{tmp_path}/a.db")
    await deliver_fallback_test(ledger, "slack:#ops", START)
    await ledger.close()
    ledger = await Ledger.open(tmp_path / "a.db")
    assert await ledger.route_tests() == {"slack:#ops": START}
    await ledger.close()


async def test_a_locked_file_is_waited_for_then_told(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await open_and_close(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerError, match=r"a\.db is locked by another program.*Stop whatever holds it"):
            await Ledger.open(path, patience=SOON)
        other.execute("COMMIT")
    await open_and_close(path)


async def test_a_writer_that_holds_the_lock_is_told_while_open(tmp_path: Path) -> None:
    ledger = await Ledger.open(tmp_path / "a.db", patience=SOON)
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="locked"):
            await ledger.post(message(), ["slack:#ops"])
        assert await ledger.receipts() == ()  # reading goes on
        other.execute("ROLLBACK")
    assert await ledger.post(message(), ["slack:#ops"])
    await ledger.close()


@pytest.mark.parametrize("damage", ["header", "text", "middle"])
async def test_a_damaged_file_is_told_and_left_alone(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.db"
    if damage == "text":
        path.write_text("organisation: Acme\n" * 50)
    else:
        await open_and_close(path)
        content = bytearray(path.read_bytes())
        start = 0 if damage == "header" else 4096
        content[start : start + 8000] = b"\xaa" * 8000
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(LedgerError, match=r"a\.db is damaged.*Move the file away"):
        await Ledger.open(path, patience=SOON)
    assert path.read_bytes() == before


async def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "browser.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="of another program"):
        await Ledger.open(path, patience=SOON)
    assert path.read_bytes() == before


async def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be used"):
        await Ledger.open(tmp_path / "file" / "a.db", patience=SOON)


@pytest.mark.parametrize("where", ["mysql://u:hunter2@h/db", "sqlite://", "sqlite:///:memory:"])
async def test_an_address_that_is_no_ledger_shows_no_password(where: str) -> None:
    with pytest.raises(LedgerError) as told:
        await Ledger.open(where)
    assert "hunter2" not in str(told.value)


def test_either_word_for_tls_is_understood() -> None:
    assert address("postgres://u@h/db?sslmode=require").query == {"ssl": "require"}
    assert address("postgresql://u@h/db?ssl=verify-full").query == {"ssl": "verify-full"}
    assert psycopg_conninfo("postgresql://u:p@h/db?ssl=require") == "postgresql://u:p@h/db?sslmode=require"
