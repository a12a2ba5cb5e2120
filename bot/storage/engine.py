"""Opens connections and transactions of the ledger; the only module that knows how SQLite and PostgreSQL differ."""

import asyncio
import os
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import ColumnElement, Connection, Engine, Table, create_engine, event, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.storage.disk import Disk
from bot.storage.errors import FIX_MOVED, MOVED, LedgerError, clear_error
from bot.storage.evidence_chain import keep_chained
from bot.storage.presence import Presence, readable
from bot.storage.storable import json_text, keep_storable
from bot.storage.utc_column import UtcDateTime

__all__ = ["FIX_MOVED", "MOVED", "LedgerError", "Store", "clear_error", "database_now", "engine_for", "insert"]

_log = structlog.get_logger(__name__)

# Our own execution option: a connection that only reads does not take SQLite's single write lock.
_READS = "backstay_reads"
_PATIENCE = "backstay_patience"

_LONGEST_STATEMENT = timedelta(minutes=2)

T = TypeVar("T")


def engine_for(url: URL, patience: timedelta) -> AsyncEngine:
    """An engine that waits at most `patience` for a lock."""
    if url.get_backend_name() != "sqlite":
        return _postgresql(url, patience)
    seconds = patience.total_seconds()
    options = {_PATIENCE: seconds}
    engine = create_async_engine(
        url, connect_args={"timeout": seconds}, execution_options=options, json_serializer=json_text
    )
    _prepared(engine.sync_engine)
    return engine


def _prepared(engine: Engine) -> Engine:
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    keep_storable(engine)
    keep_chained(engine)
    return engine


def _watched(engine: Engine, presence: Presence) -> None:
    """Let the engine connect only to the database that was opened."""
    if presence.path is not None:
        event.listen(engine, "do_connect", _open_existing)
    event.listen(engine, "connect", lambda connection, _record: presence.connected(connection))


def _open_existing(_dialect: Any, _record: Any, args: list[Any], options: dict[str, Any]) -> None:
    """Open the file only where it is: SQLite would create an empty one in place of one that was removed."""
    args[0], options["uri"] = readable(Path(args[0])), True


def _postgresql(url: URL, patience: timedelta) -> AsyncEngine:
    waits = {"lock_timeout": str(int(patience.total_seconds() * 1000))}
    # A server behind a dead connection never answers: bound every statement.
    bound = _LONGEST_STATEMENT.total_seconds()
    reach = {"timeout": patience.total_seconds(), "command_timeout": bound, "server_settings": waits}
    try:
        engine = create_async_engine(url, pool_pre_ping=True, connect_args=reach, json_serializer=json_text)
    except ModuleNotFoundError:
        raise LedgerError("The PostgreSQL driver is not installed", "Run `pip install backstay[postgresql]`") from None
    keep_storable(engine.sync_engine)
    keep_chained(engine.sync_engine)
    return engine


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

    def __init__(self, engine: AsyncEngine, presence: Presence) -> None:
        self._presence = presence
        seconds = engine.sync_engine.get_execution_options()[_PATIENCE]
        url = engine.url.set(drivername="sqlite")
        options = {"connect_args": {"timeout": seconds}, "json_serializer": json_text}
        self._engine = _prepared(create_engine(url, pool_size=1, max_overflow=0, **options))
        _watched(self._engine, presence)
        self._executor: ThreadPoolExecutor | None = None

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run one transaction. It is finished even where the caller is cancelled."""
        return await self._run(lambda: self._written(work))

    async def save(self, to: Path) -> None:
        """Copy the whole ledger, as this thread's connection sees it, into a new file; then leave its log behind empty.

        The log (`-wal`) lies beside the file by name: SQLite would read it into whatever file is put there next.
        """
        await self._run(lambda: self._saved(to))

    async def _run(self, work: Callable[[], T]) -> T:
        self._executor = self._executor or ThreadPoolExecutor(1, thread_name_prefix="ledger")
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _written(self, work: Callable[[Connection], T]) -> T:
        self._presence.require()
        with self._engine.begin() as connection:
            found = work(connection)
        self._presence.require()  # what went into a removed file is lost: it was not accepted
        return found

    def _saved(self, to: Path) -> None:
        os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        connection = None
        try:
            connection = self._engine.raw_connection()
            connection.cursor().execute("VACUUM INTO ?", (str(to),))
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except BaseException:
            to.unlink(missing_ok=True)
            raise
        finally:
            if connection is not None:
                connection.close()

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


async def _closed(connection: AsyncConnection) -> None:
    """Give a connection back, to the end even where the caller is cancelled: half a rollback would make it useless."""
    closing = asyncio.ensure_future(connection.close())
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await closing
        raise


class Store:
    """A database with bounded waits, one writer at a time on SQLite, and errors that say how to fix them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        # SQLite polls for its write lock; a queue in front of it keeps writers of this process in order.
        self._writers = asyncio.Semaphore(1 if engine.dialect.name == "sqlite" else 1000)
        self._presence, self._disk = Presence(engine.url), Disk(engine.url)
        self._thread = _Thread(engine, self._presence) if engine.dialect.name == "sqlite" else None
        _watched(engine.sync_engine, self._presence)
        self._verifying = asyncio.Lock()

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
        with self._disk.noting():
            async with self._writers, self._connected() as connection:
                self._presence.require()
                async with connection.begin():
                    yield connection
            self._presence.require()

    async def write_at_once(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` in one transaction without awaiting anything in between: all of it or nothing.

        Raises:
            LedgerError: the database is locked, broken or out of reach.
        """
        if self._thread is None:
            async with self.write() as connection:
                return await connection.run_sync(work)
        with self._disk.noting():
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
            await _closed(connection)

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
        self._disk.require_room()

    async def recognise(self) -> None:
        """Remember which ledger this is, so that another one in its place is noticed."""
        await self.write_at_once(self._presence.recognise)

    async def verify(self) -> None:
        """Check that this is still the ledger that was opened, and go on with it where it is back.

        Where a SQLite file is gone, what it contained is saved beside it, for it goes with its last connection.

        Raises:
            LedgerError: it is gone, or out of reach.
        """
        async with self._verifying:
            if self._thread is None:
                async with self.read() as connection:
                    self._presence.judge(await self._presence.row(connection))
            elif self._presence.moved() or self._presence.gone:
                await self._leave(self._thread)
                if await asyncio.to_thread(self._presence.back):
                    _log.warning("ledger_back", ledger=self._presence.where)
            else:
                await asyncio.to_thread(self._presence.back)
            self._presence.require()

    async def _leave(self, thread: _Thread) -> None:
        """Close every connection to a file that is gone, once its content is saved."""
        if self._presence.saved is not None:
            return
        to = self._presence.save_to()
        await self._engine.dispose()
        try:
            await thread.save(to)
            self._presence.saved = str(to)
        except (DBAPIError, sqlite3.Error, OSError, LedgerError) as error:
            self._presence.saved = ""
            _log.error("ledger_not_saved", ledger=self._presence.where, error=str(error))
        else:
            _log.error("ledger_saved", ledger=self._presence.where, to=str(to))
        await thread.close()

    def recent_failure(self) -> LedgerError | None:
        """What kept the disk from taking something a moment ago; None: nothing."""
        return self._disk.recent_failure()

    async def close(self) -> None:
        """Close every connection."""
        if self._thread is not None:
            await self._thread.close()
        await self._engine.dispose()
