"""Broadcasts: drafted, confirmed by their author, and sent at most once."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.records import Broadcast
from bot.storage.engine import Store
from bot.storage.tables import broadcasts


async def take(connection: AsyncConnection, id: str, now: datetime) -> Broadcast | None:
    """Mark a draft as sent within the caller's transaction; None where it was sent before, or there is none."""
    unsent = (broadcasts.c.id == id) & broadcasts.c.sent_at.is_(None)
    marked = await connection.execute(update(broadcasts).where(unsent).values(sent_at=now))
    return await _found(connection, id) if marked.rowcount == 1 else None


class BroadcastStore(Store):
    """The part of the ledger that broadcasts are kept in."""

    async def draft(self, broadcast: Broadcast) -> None:
        """Save a broadcast that waits for its confirmation."""
        row = {name: getattr(broadcast, name) for name in Broadcast.__dataclass_fields__}
        async with self.write() as connection:
            await connection.execute(broadcasts.insert().values(row | {"audiences": list(broadcast.audiences)}))

    async def drafted(self, id: str) -> Broadcast | None:
        """A broadcast by its id, sent or not."""
        async with self.read() as connection:
            return await _found(connection, id)


async def _found(connection: AsyncConnection, id: str) -> Broadcast | None:
    row = (await connection.execute(select(broadcasts).where(broadcasts.c.id == id))).one_or_none()
    if row is None:
        return None
    audiences = tuple(row.audiences)
    return Broadcast(row.id, row.text, row.gravity, audiences, row.actor, row.by, row.at, row.sent_at)
