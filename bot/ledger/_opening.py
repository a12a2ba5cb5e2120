"""Opens the ledger: looks at what is there before anything is written, then brings its tables up to date."""

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.ledger._store import LedgerError, clear_error, engine_for

HEAD = "0004"
"""The migration which this code was written for."""

_KNOWN = {"0001", "0002", "0003", "0004"}
_MIGRATING = 4_207_851_220  # the advisory lock that replicas on one PostgreSQL migrate under
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}


async def open_engine(where: str | Path, patience: timedelta) -> AsyncEngine:
    """An engine on an up-to-date ledger.

    Raises:
        LedgerError: it is locked for longer than `patience`, damaged, not a ledger, or newer than this program.
    """
    url = _address(where)
    if url.get_backend_name() == "sqlite":
        await asyncio.to_thread(_look_at_file, Path(url.database or ""), patience)
    engine = engine_for(url, patience)
    try:
        async with engine.begin() as connection:
            await _bring_up_to_date(connection, url)
    except (DBAPIError, OSError) as error:
        await engine.dispose()
        raise clear_error(url, error) from error
    except BaseException:
        await engine.dispose()
        raise
    return engine


def _address(where: str | Path) -> URL:
    """A path, `sqlite:///path` or `postgresql://...` with the driver that we use."""
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite+aiosqlite", database=str(Path(where).expanduser().absolute()))
    try:
        url = make_url(where)
    except ArgumentError as error:
        raise LedgerError("The ledger's address cannot be read", "Write a path or postgresql://...") from error
    driver = _DRIVERS.get(url.drivername.partition("+")[0])
    if driver is None or (driver.startswith("sqlite") and url.database in (None, "", ":memory:")):
        raise LedgerError(
            f"The ledger cannot live in {url.render_as_string(hide_password=True)}", "Write a path or postgresql://..."
        )
    return url.set(drivername=driver)


def _look_at_file(path: Path, patience: timedelta) -> None:
    """See, without writing, that the file is a ledger or not there yet. A new one is readable by its owner alone."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        tables = _tables_in(path, patience)
    except (sqlite3.Error, OSError) as error:
        raise clear_error(URL.create("sqlite", database=str(path)), error) from error
    if tables and "alembic_version" not in tables:
        raise LedgerError(
            f"{path} is a database of some other program",
            "Name another file for the ledger; backstay has not changed this one",
        )


def _tables_in(path: Path, patience: timedelta) -> set[str]:
    with closing(sqlite3.connect(path, timeout=patience.total_seconds(), isolation_level=None)) as connection:
        tables = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"malformed: {verdict}")
    return tables


async def _bring_up_to_date(connection: AsyncConnection, url: URL) -> None:
    if connection.dialect.name != "sqlite":  # SQLite's BEGIN IMMEDIATE lets one in at a time already
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
    revision = await connection.run_sync(_revision)
    if revision == HEAD:
        return
    if revision is not None and revision not in _KNOWN:
        raise LedgerError(
            f"The ledger {url.render_as_string(hide_password=True)} was written by a newer backstay ({revision})",
            "Run that version, or name another ledger",
        )
    await connection.run_sync(_upgrade)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a tenth of a second that an up-to-date ledger need not pay
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    command.upgrade(config, HEAD)


def head_of_migrations() -> Any:
    """The newest migration on disk, which `HEAD` must name."""
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()
