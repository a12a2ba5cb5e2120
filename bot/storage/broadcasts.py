"""Broadcasts: drafted, confirmed by their author, and sent at most once."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Receipt
from bot.model.records import Broadcast, BroadcastDelivery
from bot.storage.engine import Store
from bot.storage.tables import broadcasts, messages, outbox, receipts


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

    async def broadcast_deliveries(self, id: str) -> tuple[BroadcastDelivery, ...]:
        """What became of a broadcast so far, by its receipts; an audience whose message is not stored yet has none."""
        async with self.read() as connection:
            sent = await _found(connection, id)
            names = {broadcast_message(id, name): name for name in sent.audiences} if sent else {}
            states = select(messages.c.id, outbox.c.state).join(outbox, outbox.c.seq == messages.c.seq)
            rows = (await connection.execute(states.where(messages.c.id.in_(names)))).all()
            tried = select(receipts).where(receipts.c.message.in_(names)).order_by(receipts.c.id)
            attempts = (await connection.execute(tried)).all()
        settled = {row.id for row in rows if row.state != "pending"}
        found = [
            Receipt(row.message, row.audience, row.route, row.outcome, row.at, row.detail, row.reference)
            for row in attempts
        ]
        return tuple(
            BroadcastDelivery(name, about in settled, tuple(receipt for receipt in found if receipt.message == about))
            for about, name in names.items()
        )


def broadcast_message(id: str, audience: str) -> str:
    """The id of the message that brings a broadcast to an audience."""
    return f"broadcast:{id}:{audience}"


async def _found(connection: AsyncConnection, id: str) -> Broadcast | None:
    row = (await connection.execute(select(broadcasts).where(broadcasts.c.id == id))).one_or_none()
    if row is None:
        return None
    audiences = tuple(row.audiences)
    return Broadcast(row.id, row.text, row.gravity, audiences, row.actor, row.by, row.at, row.sent_at)
