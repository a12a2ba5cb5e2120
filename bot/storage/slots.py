"""The slots of schedules. Each is taken once, however many replicas run and however often they restart."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.engine import Store, insert
from bot.storage.tables import slots

SlotState = Literal["begun", "taken", "made_up", "missed"]
"""What became of a slot; `begun` marks the time from which a schedule's slots count."""


async def take(connection: AsyncConnection, schedule: str, slot: datetime, state: SlotState, now: datetime) -> bool:
    """Take a slot within the caller's transaction; False when it was taken before."""
    row = {"schedule": schedule, "slot": slot, "state": state, "at": now}
    taken = insert(connection, slots).values(row).on_conflict_do_nothing().returning(slots.c.id)
    return (await connection.execute(taken)).scalar() is not None


class SlotStore(Store):
    """The part of the ledger that the slots of schedules are kept in."""

    async def begin_schedule(self, schedule: str, now: datetime) -> datetime:
        """The last settled slot of a schedule; `now` for a new schedule, which is recorded."""
        newest = select(func.max(slots.c.slot)).where(slots.c.schedule == schedule)
        async with self.write() as connection:
            found: datetime | None = (await connection.execute(newest)).scalar()
            if found is None:
                await take(connection, schedule, now, "begun", now)
        return found or now

    async def slots(self, schedule: str, since: datetime) -> Mapping[datetime, SlotState]:
        """The slots of a schedule at or after `since` and what became of them, oldest first."""
        query = select(slots.c.slot, slots.c.state).where(slots.c.schedule == schedule, slots.c.slot >= since)
        async with self.read() as connection:
            rows = (await connection.execute(query.order_by(slots.c.slot))).all()
        return {row.slot: row.state for row in rows if row.state != "begun"}
