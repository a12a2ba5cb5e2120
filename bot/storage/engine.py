"""Opens connections and transactions of the ledger; the only module that knows how SQLite and PostgreSQL differ."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Table, create_engine, event, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.storage.utc_column import UtcDateTime

# Our own execution option: a connection that only reads does not take SQLite's single write lock.
_READS = "backstay_reads"
_PATIENCE = "backstay_patience"

_LONGEST_STATEMENT = timedelta(minutes=2)

T = TypeVar("T")


MOVED = "this ledger has moved to "
"""The beginning of the error that a moved ledger gives to every writer. It is stored in triggers: never change it."""

FIX_MOVED = "Set `ledger:` to the new address and restart, or undo the move with `backstay ledger reopen`"


class LedgerError(Exception):
    """The ledger cannot be used. `fix` says what to do; nothing in the ledger was changed."""

    def __init__(self, problem: str, fix: str = "") -> None:
        super().__init__(f"{problem}. {fix}" if fix else problem)
        self.fix = fix


def engine_for(url: URL, patience: timedelta) -> AsyncEngine:
    """An engine that waits at most `patience` for a lock."""
    if url.get_backend_name() != "sqlite":
        return _postgresql(url, patience)
    seconds = patience.total_seconds()
    engine = create_async_engine(url, connect_args={"timeout": seconds}, execution_options={_PATIENCE: seconds})
    _prepared(engine.sync_engine)
    return engine


def _prepared(engine: Engine) -> Engine:
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(url: URL, patience: timedelta) -> AsyncEngine:
    waits = {"lock_timeout": str(int(patience.total_seconds() * 1000))}
    # A server behind a dead connection never answers: bound every statement.
    bound = _LONGEST_STATEMENT.total_seconds()
    reach = {"timeout": patience.total_seconds(), "command_timeout": bound, "server_settings": waits}
    try:
        return create_async_engine(url, pool_pre_ping=True, connect_args=reach)
    except ModuleNotFoundError:
        raise LedgerError("The PostgreSQL driver is not installed", "Run `pip install backstay[postgresql]`") from None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Turn off the driver's own BEGIN, which comes too late to cover reads before the first write."""
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: an accepted message survives a power cut. auto_vacuum must be set before the first table is created.
    for pragma in ("auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    reads = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


class _Thread:
    """A thread with its own connection to a SQLite file, so that a transaction switches threads once instead of ten times."""

    def __init__(self, engine: AsyncEngine) -> None:
        seconds = engine.sync_engine.get_execution_options()[_PATIENCE]
        url = engine.url.set(drivername="sqlite")
        self._engine = _prepared(create_engine(url, connect_args={"timeout": seconds}, pool_size=1, max_overflow=0))
        self._executor: ThreadPoolExecutor | None = None

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run one transaction. It is finished even where the caller is cancelled."""
        self._executor = self._executor or ThreadPoolExecutor(1, thread_name_prefix="ledger")
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._written, work)

    def _written(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)

    async def close(self) -> None:
        """Close the connection, in the thread that it belongs to."""
        executor, self._executor = self._executor, None
        if executor is not None:
            await asyncio.get_running_loop().run_in_executor(executor, self._engine.dispose)
            executor.shutdown()


def insert(connection: AsyncConnection | Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert for the connection's database that supports `on_conflict_do_nothing`."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def database_now(connection: AsyncConnection) -> ColumnElement[datetime]:
    """The database's clock when the statement runs, the same for every replica."""
    if connection.dialect.name == "sqlite":
        # Milliseconds, filled up to the microseconds that SQLAlchemy reads.
        return func.strftime("%Y-%m-%d %H:%M:%f000", "now", type_=UtcDateTime())
    return func.clock_timestamp(type_=UtcDateTime())


class Store:
    """A database with bounded waits, one writer at a time on SQLite, and errors that say how to fix them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        # SQLite polls for its write lock; a queue in front of it keeps writers of this process in order.
        self._writers = asyncio.Semaphore(1 if engine.dialect.name == "sqlite" else 1000)
        self._thread = _Thread(engine) if engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one consistent state and changes nothing.

        Raises:
            LedgerError: the database is locked, broken or out of reach.
        """
        async with self._connected() as connection:
            await connection.execution_options(**{_READS: True})
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: all of it or nothing.

        Raises:
            LedgerError: the database is locked, broken or out of reach.
        """
        async with self._writers, self._connected() as connection, connection.begin():
            yield connection

    async def write_at_once(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` in one transaction without awaiting anything in between: all of it or nothing.

        Raises:
            LedgerError: the database is locked, broken or out of reach.
        """
        if self._thread is None:
            async with self.write() as connection:
                return await connection.run_sync(work)
        try:
            async with self._writers:
                return await self._thread.write(work)
        except (DBAPIError, OSError) as error:
            raise clear_error(self._engine.url, error) from error

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        try:
            connection = await self._engine.connect()
        except (DBAPIError, OSError) as error:
            raise clear_error(self._engine.url, error) from error
        try:
            yield connection
        except DBAPIError as error:  # what else the block raises is its own
            raise clear_error(self._engine.url, error) from error
        finally:
            await connection.close()

    @property
    def embedded(self) -> bool:
        """Whether it is a SQLite file rather than a server."""
        return self._thread is not None

    async def check_writable(self) -> None:
        """Write to the disk without changing anything that the ledger contains.

        Raises:
            LedgerError: nothing can be written; reading may still work.
        """
        proof = (
            "SELECT pg_current_xact_id()"
            if self._thread is None
            else f"PRAGMA user_version = {secrets.randbelow(2**31)}"
        )
        await self.write_at_once(lambda connection: connection.exec_driver_sql(proof))

    async def close(self) -> None:
        """Close every connection."""
        if self._thread is not None:
            await self._thread.close()
        await self._engine.dispose()


def clear_error(url: URL, error: BaseException) -> LedgerError:
    """An error that says what went wrong and how to fix it, without the password that a URL may contain."""
    where = url.render_as_string(hide_password=True) if url.get_backend_name() != "sqlite" else (url.database or "")
    cause = str(getattr(error, "orig", None) or error).splitlines()[0]
    if MOVED in cause:
        return LedgerError(f"The ledger {where} has moved to {cause.partition(MOVED)[2]}", FIX_MOVED)
    if "locked" in cause or "lock timeout" in cause:
        return LedgerError(
            f"The ledger {where} is locked by another program",
            "Stop whatever holds it open (a second backstay, a backup, a database browser) and restart",
        )
    if "disk is full" in cause or "disk I/O error" in cause or "No space left" in cause:
        return LedgerError(
            f"The ledger {where} cannot be written: {cause}",
            "Free space on its disk; accepted messages are not lost, and backstay recovers by itself",
        )
    if "malformed" in cause or "not a database" in cause:
        return LedgerError(
            f"The ledger {where} is damaged: {cause}",
            "Move the file away to start with an empty ledger, or restore a backup; backstay has not changed it",
        )
    return LedgerError(
        f"The ledger {where} cannot be used: {cause}", "Check that it exists and that backstay may write to it"
    )
