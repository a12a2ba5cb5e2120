"""The database is removed or replaced under an open ledger: noticed at the next write, saved, and taken up again."""

import asyncio
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy.engine import URL
from support.builders.posts import message
from support.harness import postgres

from bot.storage.errors import clear_error
from bot.storage.ledger import Ledger, LedgerError

ODD = "a b?%25#.db"
"""A name that means something else in a URI."""


async def accepts(ledger: Ledger, name: str) -> bool:
    """Whether a message is accepted; the ledger must say so itself where it is not."""
    try:
        return await ledger.post(message(name), ["x"])
    except LedgerError:
        return False


async def sound(ledger: Ledger) -> str:
    """Empty where the ledger is the one that was opened, else what it says."""
    try:
        await ledger.verify()
    except LedgerError as error:
        return str(error)
    return ""


async def pending(ledger: Ledger) -> int:
    return (await ledger.backlog()).pending


def saved_beside(path: Path) -> list[Path]:
    return [found for found in path.parent.iterdir() if found.name.startswith(f"{path.name}.saved-")]


@pytest.mark.parametrize("back", ["moved", "copied", "saved"])
@pytest.mark.parametrize("seen", [True, False], ids=["noticed", "within one check"])
async def test_a_file_that_was_moved_away_comes_back(tmp_path: Path, back: str, seen: bool) -> None:
    path, away = tmp_path / ODD, tmp_path / "away"
    ledger = await Ledger.open(path)
    assert await accepts(ledger, "first")
    path.rename(away)
    assert not await accepts(ledger, "lost")
    if seen or back != "moved":
        assert "was removed" in await sound(ledger)
        assert not await accepts(ledger, "lost again")
        assert not path.exists(), "nothing makes an empty one in its place"
        [saved] = saved_beside(path)
        assert saved.stat().st_mode & 0o077 == 0
    if back == "moved":
        away.rename(path)
    elif back == "copied":
        shutil.copy(away, path)
    else:
        saved.rename(path)
    assert await sound(ledger) == ""
    assert await accepts(ledger, "second")
    assert await pending(ledger) == 2
    await ledger.close()
    again = await Ledger.open(path)
    assert await pending(again) == 2
    await again.close()


@pytest.mark.parametrize("sudden", [True, False], ids=["at once", "noticed between"])
async def test_another_ledger_in_its_place_is_refused(tmp_path: Path, sudden: bool) -> None:
    path, other = tmp_path / "ledger.db", tmp_path / "other.db"
    ledger, stranger = await Ledger.open(path), await Ledger.open(other)
    await stranger.close()
    assert await accepts(ledger, "first")
    if not sudden:
        path.unlink()
        assert "was removed" in await sound(ledger)
    other.replace(path)
    assert not await accepts(ledger, "lost")
    assert "was replaced" in await sound(ledger)
    assert not await accepts(ledger, "lost")
    [saved] = saved_beside(path)
    saved.replace(path)
    assert await sound(ledger) == ""
    assert await pending(ledger) == 1
    await ledger.close()


async def test_a_file_that_was_written_over_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    first = await Ledger.open(path)
    assert await accepts(first, "first")
    await first.close()
    ledger = await Ledger.open(path)
    path.write_bytes(b"")
    assert not await accepts(ledger, "lost")
    assert await sound(ledger)
    await ledger.close()


@pytest.mark.parametrize("kept", [0, 4096], ids=["from its first byte", "behind its first page"])
async def test_a_file_that_is_damaged_is_not_called_replaced_nor_full(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "ledger.db"
    ledger = await Ledger.open(path)
    assert await accepts(ledger, "first")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sound_bytes = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(kept)
        file.write(b"\xa5" * (len(sound_bytes) - kept))
    assert not await accepts(ledger, "lost")
    with pytest.raises(LedgerError) as caught:
        await ledger.verify()
    assert "is damaged" in str(caught.value)
    assert "restore a backup" in str(caught.value)
    assert not caught.value.disk
    await ledger.close()


@pytest.mark.parametrize(
    ("code", "disk"), [("SQLITE_IOERR_WRITE", True), ("SQLITE_IOERR_SHORT_READ", False), ("SQLITE_IOERR_READ", False)]
)
def test_an_error_of_reading_is_not_told_as_a_full_disk(code: str, disk: bool) -> None:
    cause = sqlite3.OperationalError("disk I/O error")
    cause.sqlite_errorname = code
    error = clear_error(URL.create("sqlite", database="/x/ledger.db"), cause)
    assert error.disk is disk
    assert ("Free space" in error.fix) is disk


def test_a_server_that_never_answers_is_an_error_of_the_ledger() -> None:
    error = clear_error(URL.create("postgresql", host="db"), TimeoutError())
    assert str(error).startswith("The ledger postgresql://db cannot be used: no answer in time")


def sql(url: str, statement: str) -> None:
    program, at = postgres.programs(), urlsplit(url)
    assert program is not None
    where = ["-h", str(at.hostname), "-p", str(at.port), "-U", str(at.username), "-d", at.path.removeprefix("/")]
    subprocess.run([str(program / "psql"), *where, "-q", "-c", statement], check=True)  # noqa: S603 - arguments are ours


@pytest.mark.parametrize("anew", [False, True], ids=["empty", "with new tables"])
async def test_a_database_that_was_made_anew_is_refused(postgresql: str, anew: bool) -> None:
    url = postgres.new_database(postgresql)
    name = urlsplit(url).path.removeprefix("/")
    ledger = await Ledger.open(url)
    assert await accepts(ledger, "first")
    assert await sound(ledger) == ""
    await asyncio.to_thread(sql, postgresql, f"DROP DATABASE {name} WITH (FORCE)")
    assert not await accepts(ledger, "lost")
    assert await sound(ledger)
    await asyncio.to_thread(sql, postgresql, f"CREATE DATABASE {name}")
    if anew:
        other = await Ledger.open(url)
        await other.close()
    assert not await accepts(ledger, "lost")
    assert await sound(ledger)
    await ledger.close()


async def test_tables_that_were_made_anew_are_refused_and_the_old_ones_taken_up_again(postgresql: str) -> None:
    url = postgres.new_database(postgresql)
    ledger = await Ledger.open(url)
    assert await accepts(ledger, "first")
    await asyncio.to_thread(sql, url, "ALTER SCHEMA public RENAME TO away; CREATE SCHEMA public")
    other = await Ledger.open(url)
    await other.close()
    assert "was replaced" in await sound(ledger)
    assert not await accepts(ledger, "lost")
    await asyncio.to_thread(sql, url, "DROP SCHEMA public CASCADE; ALTER SCHEMA away RENAME TO public")
    assert await sound(ledger) == ""
    assert await accepts(ledger, "second")
    assert await pending(ledger) == 2
    await ledger.close()
