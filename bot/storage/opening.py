"""Opens the ledger: checks what is there before anything is written, then migrates its tables."""

import asyncio
import os
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.engine import LedgerError, clear_error, engine_for
from bot.storage.schema_version import Shape, bring_to_head, needs_migration, shape_of

_MIGRATING = 4_207_851_220  # the advisory lock that replicas on one PostgreSQL migrate under
_DDL_PATIENCE = timedelta(seconds=1)
"""How long a migration waits for the lock of a table; every later statement on it, new messages too, waits as long."""
_DDL_PAUSE = 0.5  # seconds in which the statements behind it are executed
_DDL_TRIES = timedelta(seconds=60)
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}


async def open_engine(where: str | Path, patience: timedelta, *, for_copy: bool = False) -> AsyncEngine:
    """An engine on a migrated ledger. `for_copy`: also on one that has moved, or that a copy left incomplete.

    Raises:
        LedgerError: it is locked for longer than `patience`, damaged, not a ledger, or newer than this program can use.
    """
    url = address(where)
    if url.get_backend_name() == "sqlite":
        await asyncio.to_thread(_check_file, Path(url.database or ""), patience)
    engine = engine_for(url, patience)
    try:
        await _bring_up_to_date(engine, url, patience, for_copy=for_copy)
    except (DBAPIError, OSError) as error:
        await engine.dispose()
        raise clear_error(url, error) from error
    except BaseException:
        await engine.dispose()
        raise
    return engine


async def require_existing(where: str | Path, patience: timedelta) -> None:
    """Check that a ledger exists, without creating one where its address is misspelled.

    Raises:
        LedgerError: there is none, or it cannot be read.
    """
    url = address(where)
    nothing = LedgerError(
        f"There is no ledger at {url.render_as_string(hide_password=True)}", "Check the spelling of its address"
    )
    if url.get_backend_name() == "sqlite" and not await asyncio.to_thread(Path(url.database or "").is_file):
        raise nothing
    engine = engine_for(url, patience)
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(shape_of)
    except (DBAPIError, OSError) as error:
        raise clear_error(url, error) from error
    finally:
        await engine.dispose()
    if not found.revision:
        raise nothing


def address(where: str | Path) -> URL:
    """The URL of a path, `sqlite:///path` or `postgresql://...`, with the driver that backstay uses.

    Raises:
        LedgerError: it is none of these.
    """
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite+aiosqlite", database=str(Path(where).expanduser().absolute()))
    try:
        url = make_url(where)
    except ArgumentError as error:
        raise LedgerError(
            "The ledger's address is invalid", "Set `ledger:` to a path or to postgresql://..."
        ) from error
    driver = _DRIVERS.get(url.drivername.partition("+")[0])
    if driver is None or (driver.startswith("sqlite") and url.database in (None, "", ":memory:")):
        raise LedgerError(
            f"The ledger cannot be stored in {url.render_as_string(hide_password=True)}",
            "Set `ledger:` to a path or to postgresql://...",
        )
    if "sslmode" in url.query:  # libpq's name, used by database providers; asyncpg calls it ssl
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": url.query["sslmode"]})
    return url.set(drivername=driver)


def _check_file(path: Path, patience: timedelta) -> None:
    """Check, without writing, that the file is a ledger. A missing one is created, readable by its owner alone."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        tables = _tables_in(path, patience)
    except (sqlite3.Error, OSError) as error:
        raise clear_error(URL.create("sqlite", database=str(path)), error) from error
    if tables and "alembic_version" not in tables:
        raise LedgerError(
            f"{path} is a database of another program",
            "Set `ledger:` to another file; backstay has not changed this one",
        )


def _tables_in(path: Path, patience: timedelta) -> set[str]:
    with closing(sqlite3.connect(path, timeout=patience.total_seconds(), isolation_level=None)) as connection:
        tables = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"malformed: {verdict}")
    return tables


async def _bring_up_to_date(engine: AsyncEngine, url: URL, patience: timedelta, *, for_copy: bool) -> None:
    """Migrate where needed, all or nothing. The lock of tables in use, or of a new file, is requested again and again."""
    # SQLite waits by itself, but not while another program changes a new file to WAL: there it refuses at once.
    refusal, tries = ("database is locked", patience) if _is_sqlite(engine) else ("lock timeout", _DDL_TRIES)
    until = time.monotonic() + tries.total_seconds()
    while True:
        try:
            async with engine.begin() as connection:
                found = await _read_shape(connection)
                if needs_migration(found, url, for_copy=for_copy):
                    await _limit_lock_wait(connection)
                    await connection.run_sync(bring_to_head, found)
        except DBAPIError as error:
            if refusal not in str(error) or time.monotonic() > until:
                raise
            await asyncio.sleep(_DDL_PAUSE)
        else:
            return


async def _read_shape(connection: AsyncConnection) -> Shape:
    if not _is_sqlite(connection):  # SQLite's BEGIN IMMEDIATE lets one in at a time already
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
    return await connection.run_sync(shape_of)


async def _limit_lock_wait(connection: AsyncConnection) -> None:
    if not _is_sqlite(connection):
        waits = int(_DDL_PATIENCE.total_seconds() * 1000)
        await connection.execute(text(f"SET LOCAL lock_timeout = {waits}"))


def _is_sqlite(database: AsyncEngine | AsyncConnection) -> bool:
    return database.dialect.name == "sqlite"
