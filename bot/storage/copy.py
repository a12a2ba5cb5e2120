"""Carries a whole ledger to another database: a batch at a time, one consistent state, and checked row by row at the end."""

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
from bot.storage.audit_units import audit_runs, audit_units
from bot.storage.engine import LedgerError, Store, insert
from bot.storage.opening import address, open_engine, require_existing
from bot.storage.schema_version import Shape, mark_filling, shape_of
from bot.storage.seal import seal, unseal
from bot.storage.tables import ledger_shape, messages, metadata, outbox

BATCH = 2_000
"""Rows in memory at a time, and in one transaction of the target."""

_PATIENCE = timedelta(seconds=10)
# An audit under way is begun anew by whoever wants it.
_STAYS = (ledger_shape, audit_runs, audit_units)
_TABLES = tuple(table for table in metadata.sorted_tables if table not in _STAYS)
_MEND_TARGET = "Name an empty database or a new file"


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy came to: rows by table, each table's checksum, posts that were left with the source."""

    rows: dict[str, int] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    on_their_way: int = 0


class DiffersError(LedgerError):
    """What arrived is not what was sent off, after a second try."""


async def copy(
    source: str | Path, target: str | Path, *, move: bool, resume: bool, progress: Callable[[Progress], None]
) -> Copied:
    """Copy everything. The target cannot be used before the end, and is known as half filled until then.

    Args:
        source: path or address; a secret when it holds a password.
        target: path or address of an empty database.
        move: stop the source for good, so that what waits in its outbox can go along; on any failure it goes on as before.
            Else the source goes on, and keeps what waits: nothing may be sent twice.
        resume: go on with a copy that was broken off.
        progress: told how far it is, in rows.

    Raises:
        LedgerError: one of them cannot be used, the target is not empty, or a row does not fit. `DiffersError`: it does not
            match in the end.
    """
    if address(source) == address(target):
        raise LedgerError("Source and target are the same ledger", _MEND_TARGET)
    await require_existing(source, _PATIENCE)
    async with AsyncExitStack() as stack:
        old = await stack.enter_async_context(_opened(source))
        await _refuse_moved(old, address(target).render_as_string(hide_password=True) if move else "")
        new = await stack.enter_async_context(_opened(target))
        await _claim_target(new, resume=resume)
        if move:
            return await _moved(old, new, address(target).render_as_string(hide_password=True), progress)
        async with _one_state(old) as reading:
            copied = await _all(reading, new, progress, everything=False)
        await _finish(new)
        return copied


async def reopen(where: str | Path) -> bool:
    """Take a move back: everybody may write again. False: it had not moved."""
    await require_existing(where, _PATIENCE)
    async with _opened(where) as store:
        return await unseal(store)


async def _moved(old: Store, new: Store, to: str, progress: Callable[[Progress], None]) -> Copied:
    if not (await _shape(old)).moved_to:
        progress(Progress(0, 0, "letting the source finish what it sends"))
        await seal(old, to)
    try:
        async with _one_state(old) as reading:
            copied = await _all(reading, new, progress, everything=True)
    except BaseException:
        await unseal(old)
        raise
    await _finish(new)  # from here on there is no way back: the target may be in use the next moment
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
    """A source that has moved is copied only by the very move that was broken off."""
    found = await _shape(old)
    if found.newer:
        raise LedgerError(f"The source was written by a newer backstay ({found.revision})", "Copy it with that version")
    if found.filling:
        raise LedgerError("The source is itself a copy that was broken off", "Finish that copy first, with --resume")
    if found.moved_to and found.moved_to != to:
        mend = "Copy from there, or take the move back with `backstay ledger reopen`"
        raise LedgerError(f"The source has moved to {found.moved_to}", mend)


async def _claim_target(new: Store, *, resume: bool) -> None:
    """Mark the target as being filled, unless somebody's rows are in it.

    Raises:
        LedgerError: it is not empty.
    """
    async with new.write() as connection:
        filling = (await connection.run_sync(shape_of)).filling
        full = [table.name for table in _TABLES if (await connection.execute(select(table).limit(1))).first()]
        if full and not filling:
            raise LedgerError(f"The target is not empty ({', '.join(full)}); nothing was changed", _MEND_TARGET)
        if filling and not resume:
            raise LedgerError("A copy into the target was broken off", "Go on with it: --resume")
        await connection.run_sync(lambda sync: mark_filling(sync, filling=True))


async def _finish(new: Store) -> None:
    """The target is whole: its own counters go on behind what it was given, and it may be used."""
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
    """A connection that sees the source as it is now, however long the copy takes and whoever writes meanwhile."""
    async with old.read() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield connection  # SQLite: one read transaction sees one state (WAL)


async def _all(
    reading: AsyncConnection, new: Store, progress: Callable[[Progress], None], *, everything: bool
) -> Copied:
    queries = {table: _query(table, everything=everything) for table in _TABLES}
    counts = {table: await _count(reading, query) for table, query in queries.items()}
    total, before = 2 * sum(counts.values()), 0  # each row is copied, and read again to be checked
    copied = Copied(on_their_way=0 if everything else await _count(reading, _waiting()))
    for table, query in queries.items():

        def report(rows: int, doing: str, *, table: Table = table, before: int = before) -> None:
            progress(Progress(before + rows, total, f"{doing} {table.name}"))

        copied.rows[table.name], copied.checksums[table.name] = await _table(reading, new, table, query, report)
        before += 2 * counts[table]
    return copied


async def _table(
    reading: AsyncConnection, new: Store, table: Table, query: Select[Any], report: Callable[[int, str], None]
) -> tuple[int, str]:
    """Copy one table and compare; where a broken-off copy left other rows, empty it and copy it again."""
    for again in (False, True):
        if again:
            async with new.write() as connection:
                await connection.execute(table.delete())
        sent = await _sent(reading, new, table, query, report)
        async with _one_state(new) as arrived:
            got = _Sum()
            async for rows in _batches(arrived, select(table)):
                got.add(rows)
                report(sent.rows + got.rows, "checking")
        if got == sent:
            return sent.rows, f"{sent.digest:016x}"
    raise DiffersError(
        f"{table.name}: {sent.rows} rows with checksum {sent.digest:016x} left, {got.rows} with {got.digest:016x} arrived",
        "Nothing uses the target yet: empty it and copy again",
    )


async def _sent(
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
            raise LedgerError(f"{table.name}, in the {len(rows)} rows from {keys} on: {error}") from error
        sent.add(rows, values)
        report(sent.rows, "copying")
    return sent


async def _batches(connection: AsyncConnection, query: Select[Any]) -> AsyncIterator[Sequence[Row[Any]]]:
    try:
        found = await connection.stream(query.execution_options(yield_per=BATCH))
        async for rows in found.partitions():
            yield rows
    except DBAPIError as error:
        raise LedgerError(f"The ledger could not be read on: {type(error.orig).__name__}", "Try again") from error


def _query(table: Table, *, everything: bool) -> Select[Any]:
    """All rows of a table, in the order of its keys. Not `everything`: without what is still on its way."""
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
    """A row as it is to arrive: nobody sends it there yet."""
    free = {"lease_owner": None, "lease_until": None} if table is outbox else {}
    return {**row._mapping, **free}  # noqa: SLF001 - public in spite of its name


@dataclass(slots=True)
class _Sum:
    """How many rows, and a checksum that does not hang on their order: databases sort text each in its own way."""

    rows: int = 0
    digest: int = 0

    def add(self, rows: Sequence[Row[Any]], values: Sequence[dict[str, Any]] | None = None) -> None:
        for row in values or [dict(row._mapping) for row in rows]:  # noqa: SLF001 - public in spite of its name
            plain = json.dumps(row, sort_keys=True, default=_plain)
            self.digest += int.from_bytes(hashlib.blake2b(plain.encode(), digest_size=8).digest())
        self.digest %= 1 << 64
        self.rows += len(rows)


def _plain(value: Any) -> str:
    """What JSON does not know: moments and bytes."""
    if isinstance(value, datetime):
        return value.isoformat()
    return hashlib.sha256(value).hexdigest()
