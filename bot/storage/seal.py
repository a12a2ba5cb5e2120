"""Seals a ledger that has moved: no replica of any version can write to it, and errors name its new address."""

import asyncio
import time
from datetime import timedelta

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import utc_now
from bot.storage.engine import MOVED, LedgerError, Store
from bot.storage.tables import ledger_shape, outbox
from bot.storage.work_tables import metadata

MOVING = "backstay ledger copy"
"""Lease owner of pending messages while a ledger is being sealed."""

SENDS_END = timedelta(seconds=45)
"""How long to wait for sends in flight: a send takes at most 25 s, the lease of a dead sender 20 s."""

_LEASE = timedelta(minutes=2)
_CHECK_EVERY = 0.5
_GUARDED = tuple(table.name for table in metadata.sorted_tables if table is not ledger_shape)
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION backstay_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{MOVED}%', TG_ARGV[0]; END $$
"""


async def seal(store: Store, moved_to: str) -> None:
    """Wait for sends in flight, then stop all writing. `moved_to` is shown to people, so it must contain no password.

    Raises:
        LedgerError: the ledger is unreachable, or a send took too long. The ledger works as before.
    """
    until = time.monotonic() + SENDS_END.total_seconds()
    busy: int | LedgerError = 0
    while time.monotonic() < until:
        try:
            async with store.write() as connection:
                await _lock(connection)
                busy = await _take_leases(connection)
                if not busy:
                    return await _stop(connection, moved_to)
        except LedgerError as error:  # a replica was writing
            busy = error
        await asyncio.sleep(_CHECK_EVERY)
    if isinstance(busy, LedgerError):
        raise busy
    async with store.write() as connection:
        await _release_leases(connection)
    raise LedgerError(
        f"{busy} messages have been in flight for more than {SENDS_END.total_seconds():.0f} s",
        "Stop the replicas of the source, or try again; nothing was changed",
    )


async def unseal(store: Store) -> bool:
    """Allow writing again. False: it was not sealed."""
    async with store.write() as connection:
        moved = (await connection.execute(select(ledger_shape.c.moved_to))).scalar()
        for table in _GUARDED:
            for name in _triggers(connection, table):
                on = "" if connection.dialect.name == "sqlite" else f" ON {table}"
                await connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))
        await connection.execute(update(ledger_shape).values(moved_to=None, moved_at=None))
        await _release_leases(connection)
    return moved is not None


async def _lock(connection: AsyncConnection) -> None:
    """Lock out other writers until the transaction ends, so that nothing is posted between the check and the seal."""
    if connection.dialect.name != "sqlite":  # on SQLite this transaction is the only writer
        await connection.execute(text(f"LOCK TABLE {', '.join(_GUARDED)} IN SHARE ROW EXCLUSIVE MODE"))


async def _take_leases(connection: AsyncConnection) -> int:
    """Take the lease of every pending message, so that no new send begins; how many are in flight."""
    now = utc_now()
    free = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now, outbox.c.lease_owner == MOVING)
    pending = outbox.c.state == "pending"
    held = update(outbox).where(pending, free).values(lease_owner=MOVING, lease_until=now + _LEASE)
    await connection.execute(held)
    others = select(func.count()).select_from(outbox).where(pending, outbox.c.lease_owner != MOVING)
    return int((await connection.execute(others)).scalar_one())


async def _release_leases(connection: AsyncConnection) -> None:
    free = update(outbox).where(outbox.c.lease_owner == MOVING).values(lease_owner=None, lease_until=None)
    await connection.execute(free)


async def _stop(connection: AsyncConnection, moved_to: str) -> None:
    await connection.execute(update(ledger_shape).values(moved_to=moved_to, moved_at=utc_now()))
    where = moved_to.replace("'", "''")
    if connection.dialect.name != "sqlite":
        await connection.execute(text(_FUNCTION))
    for table in _GUARDED:
        for name in _triggers(connection, table):
            await connection.execute(text(_trigger(connection, name, table, where)).execution_options(no_cache=True))


def _triggers(connection: AsyncConnection, table: str) -> tuple[str, ...]:
    if connection.dialect.name != "sqlite":
        return ("backstay_moved",)
    return tuple(f"backstay_moved_{table}_{action}" for action in ("insert", "update", "delete"))


def _trigger(connection: AsyncConnection, name: str, table: str, where: str) -> str:
    where = where.replace(":", "\\:")  # no parameter of the statement
    if connection.dialect.name == "sqlite":
        action = name.rpartition("_")[2].upper()
        refuse = f"SELECT RAISE(ABORT, '{MOVED}{where}')"
        return f"CREATE TRIGGER {name} BEFORE {action} ON {table} BEGIN {refuse}; END"
    return (
        f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION backstay_moved('{where}')"
    )
