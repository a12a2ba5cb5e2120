"""Copies or moves a whole ledger to another database, in batches, from one consistent state, with checksums."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Integer, Row, Select, Table, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Progress
from bot.net.failures import failure_words
from bot.storage.audit_units import audit_runs, audit_units
from bot.storage.engine import LedgerError, Store, insert
from bot.storage.opening import address, open_engine, require_existing
from bot.storage.schema_version import Shape, mark_filling, shape_of
from bot.storage.seal import seal, unseal
from bot.storage.tables import ledger_shape, messages, outbox
from bot.storage.work_tables import metadata

BATCH = 2_000
"""Rows in memory at a time, and in one transaction of the target."""

_PATIENCE = timedelta(seconds=10)
# Running audits are not copied; they are started again.
_NOT_COPIED = (ledger_shape, audit_runs, audit_units)
_TABLES = tuple(table for table in metadata.sorted_tables if table not in _NOT_COPIED)
_FIX_TARGET = "Give an empty database or a new file as the target"


@dataclass(frozen=True, slots=True)
class Copied:
    """The result of a copy: rows and checksum by table, and how many pending messages stayed with the source."""

    rows: dict[str, int] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    on_their_way: int = 0


class DiffersError(LedgerError):
    """A table of the target differs from the source after a second try."""


async def copy(
    source: str | Path, target: str | Path, *, move: bool, resume: bool, progress: Callable[[Progress], None]
) -> Copied:
    """Copies every table. The target is marked as incomplete, and cannot be used, until the end.

    Args:
        source: path or address; a secret when it holds a password.
        target: path or address of an empty database.
        move: stop the source for good, so that its pending messages can be copied too; on any failure it works as before.
            Else the source stays in use and keeps its pending messages, so that nothing is sent twice.
        resume: continue a copy that was interrupted.
        progress: called with the number of rows done.

    Raises:
        LedgerError: one of them cannot be used, the target is not empty, or a row does not fit.
        DiffersError: the checksums do not match in the end.
    """
    if address(source) == address(target):
        raise LedgerError("Source and target are the same ledger", _FIX_TARGET)
    await require_existing(source, _PATIENCE)
    async with AsyncExitStack() as stack:
        old = await stack.enter_async_context(_opened(source))
        await _refuse_moved(old, address(target).render_as_string(hide_password=True) if move else "")
        new = await stack.enter_async_context(_opened(target))
        await _claim_target(new, resume=resume)
        if move:
            return await _move(old, new, address(target).render_as_string(hide_password=True), progress)
        async with _one_state(old) as reading:
            copied = await _copy_tables(reading, new, progress, everything=False)
        await _finish(new)
        return copied


async def reopen(where: str | Path) -> bool:
    """Undo a move, so that the ledger can be written again. False: it had not moved."""
    await require_existing(where, _PATIENCE)
    async with _opened(where) as store:
        return await unseal(store)


async def _move(old: Store, new: Store, to: str, progress: Callable[[Progress], None]) -> Copied:
    if not (await _shape(old)).moved_to:
        progress(Progress(0, 0, "waiting for messages that the source is sending"))
        await seal(old, to)
    try:
        async with _one_state(old) as reading:
            copied = await _copy_tables(reading, new, progress, everything=True)
    except BaseException:
        await unseal(old)
        raise
    await _finish(new)  # cannot be undone from here on: the target may be in use already
    return copied


@asynccontextmanager
async def _opened(where: str | Path) -> AsyncIterator[Store]:
    store = Store(await open_engine(where, _PATIENCE, for_copy=True))
    try:
        yield store
    finally:
        await store.close()


async def _shape(store: Store) -> Shape:
    async with store.read() as connection:
        return await connection.run_sync(shape_of)


async def _refuse_moved(old: Store, to: str) -> None:
    """Refuse a source that has moved, unless this is the same move after an interruption."""
    found = await _shape(old)
    if found.newer:
        raise LedgerError(
            f"The source was written by a newer backstay ({found.revision})",
            "Run `backstay ledger copy` of that version",
        )
    if found.filling:
        raise LedgerError("The source is an incomplete copy", "Finish that copy first, with `--resume`")
    if found.moved_to and found.moved_to != to:
        fix = "Copy from there, or undo the move with `backstay ledger reopen`"
        raise LedgerError(f"The source has moved to {found.moved_to}", fix)


async def _claim_target(new: Store, *, resume: bool) -> None:
    """Mark the target as being filled, unless it contains rows.

    Raises:
        LedgerError: it is not empty.
    """
    async with new.write() as connection:
        filling = (await connection.run_sync(shape_of)).filling
        full = [table.name for table in _TABLES if (await connection.execute(select(table).limit(1))).first()]
        if full and not filling:
            raise LedgerError(f"The target is not empty ({', '.join(full)}); nothing was changed", _FIX_TARGET)
        if filling and not resume:
            raise LedgerError("An earlier copy into the target was interrupted", "Continue it with `--resume`")
        await connection.run_sync(lambda sync: mark_filling(sync, filling=True))


async def _finish(new: Store) -> None:
    """Mark the target as complete, and set its counters behind the copied rows."""
    async with new.write() as connection:
        if connection.dialect.name == "postgresql":
            for table in _TABLES:
                for column in table.primary_key.columns:
                    if isinstance(column.type, Integer) and column.autoincrement is not False:
                        await connection.execute(text(_SEQUENCE.format(table=table.name, column=column.name)))
        await connection.run_sync(lambda sync: mark_filling(sync, filling=False))


_SEQUENCE = (
    "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), COALESCE(max({column}), 0) + 1, false) FROM {table}"
)


@asynccontextmanager
async def _one_state(old: Store) -> AsyncIterator[AsyncConnection]:
    """A connection that sees the source as it is now, however long the copy takes."""
    async with old.read() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield connection  # on SQLite a read transaction sees one state (WAL)


async def _copy_tables(
    reading: AsyncConnection, new: Store, progress: Callable[[Progress], None], *, everything: bool
) -> Copied:
    queries = {table: _query(table, everything=everything) for table in _TABLES}
    counts = {table: await _count(reading, query) for table, query in queries.items()}
    total, before = 2 * sum(counts.values()), 0  # each row is copied, then read again for the checksum
    copied = Copied(on_their_way=0 if everything else await _count(reading, _waiting()))
    for table, query in queries.items():

        def report(rows: int, doing: str, *, table: Table = table, before: int = before) -> None:
            progress(Progress(before + rows, total, f"{doing} {table.name}"))

        copied.rows[table.name], copied.checksums[table.name] = await _copy_table(reading, new, table, query, report)
        before += 2 * counts[table]
    return copied


async def _copy_table(
    reading: AsyncConnection, new: Store, table: Table, query: Select[Any], report: Callable[[int, str], None]
) -> tuple[int, str]:
    """Copy one table and compare checksums; where an interrupted copy left other rows, empty it and copy it again."""
    for again in (False, True):
        if again:
            async with new.write() as connection:
                await connection.execute(table.delete())
        sent = await _copy_rows(reading, new, table, query, report)
        async with _one_state(new) as arrived:
            got = _Sum()
            async for rows in _batches(arrived, select(table)):
                got.add(rows)
                report(sent.rows + got.rows, "checking")
        if got == sent:
            return sent.rows, f"{sent.digest:016x}"
    raise DiffersError(
        f"Table {table.name} differs: {sent.rows} rows (checksum {sent.digest:016x}) were copied, "
        f"{got.rows} ({got.digest:016x}) were read back",
        "Empty the target, which nothing uses yet, and copy again",
    )


async def _copy_rows(
    reading: AsyncConnection, new: Store, table: Table, query: Select[Any], report: Callable[[int, str], None]
) -> "_Sum":
    sent = _Sum()
    async for rows in _batches(reading, query):
        values = [_row(table, row) for row in rows]
        try:
            async with new.write() as connection:
                await connection.execute(insert(connection, table).on_conflict_do_nothing(), values)
        except LedgerError as error:
            keys = ", ".join(str(getattr(rows[0], column.name)) for column in table.primary_key.columns)
            raise LedgerError(
                f"Could not write table {table.name}, {len(rows)} rows from key {keys}: {error}"
            ) from error
        sent.add(rows, values)
        report(sent.rows, "copying")
    return sent


async def _batches(connection: AsyncConnection, query: Select[Any]) -> AsyncIterator[Sequence[Row[Any]]]:
    try:
        found = await connection.stream(query.execution_options(yield_per=BATCH))
        async for rows in found.partitions():
            yield rows
    except DBAPIError as error:
        raise LedgerError(
            f"The source could not be read to its end ({failure_words(error.orig or error, 'the database gave up')})",
            "Try again",
        ) from error


def _query(table: Table, *, everything: bool) -> Select[Any]:
    """All rows of a table, in the order of its keys; without pending messages unless `everything`."""
    query = select(table).order_by(*table.primary_key.columns)
    if everything or table not in (messages, outbox):
        return query
    return query.where(table.c.seq.not_in(select(outbox.c.seq).where(outbox.c.state == "pending")))


def _waiting() -> Select[Any]:
    return select(outbox.c.seq).where(outbox.c.state == "pending")


async def _count(connection: AsyncConnection, query: Select[Any]) -> int:
    counted = select(func.count()).select_from(query.order_by(None).subquery())
    return int((await connection.execute(counted)).scalar_one())


def _row(table: Table, row: Row[Any]) -> dict[str, Any]:
    """A row as the target gets it, without the lease of a sender."""
    free = {"lease_owner": None, "lease_until": None} if table is outbox else {}
    return {**row._mapping, **free}  # noqa: SLF001 - public in spite of its name


@dataclass(slots=True)
class _Sum:
    """The number of rows and a checksum that is independent of their order, since databases sort text differently."""

    rows: int = 0
    digest: int = 0

    def add(self, rows: Sequence[Row[Any]], values: Sequence[dict[str, Any]] | None = None) -> None:
        for row in values or [dict(row._mapping) for row in rows]:  # noqa: SLF001 - public in spite of its name
            plain = json.dumps(row, sort_keys=True, default=_plain)
            self.digest += int.from_bytes(hashlib.blake2b(plain.encode(), digest_size=8).digest())
        self.digest %= 1 << 64
        self.rows += len(rows)


def _plain(value: Any) -> str:
    """Text for values that JSON has no type for: datetimes and bytes."""
    if isinstance(value, datetime):
        return value.isoformat()
    return hashlib.sha256(value).hexdigest()
