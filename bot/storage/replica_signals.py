"""What replicas see and people ask for, on its way to the replica that judges: written in batches, taken out once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.incident_actions import IncidentAction
from bot.model.incidents import Signal
from bot.storage.engine import Store, database_now
from bot.storage.tables import asked, sightings

KEPT = timedelta(minutes=3)
"""What nobody took out for so long is no news any more: an own observation counts for less than that."""
BATCH = 500
"""Signals in a row of the table."""
AT_ONCE = 20_000
"""Signals that one replica may pass on at a time; its newest are kept."""

_SIGNALS: TypeAdapter[list[Signal]] = TypeAdapter(list[Signal])
_ACTION: TypeAdapter[IncidentAction] = TypeAdapter(IncidentAction)
_log = structlog.get_logger(__name__)


async def queue_action(connection: AsyncConnection, action: IncidentAction) -> None:
    """Leave what somebody did for whoever judges, within the caller's transaction."""
    row = {"incident": action.incident, "at": action.at, "body": _ACTION.dump_python(action, mode="json")}
    await connection.execute(asked.insert().values(row))


async def remove_actions(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """These are done, within the caller's transaction."""
    await connection.execute(delete(asked).where(asked.c.id.in_(ids)))


class ReplicaSignalStore(Store):
    """The part of the ledger by which several vantage points come to one judgement.

    Moments in it are by the database's clock: how old a sighting is never hangs on two clocks that agree.
    """

    async def share_signals(self, vantage: str, signals: Sequence[Signal], now: datetime) -> None:
        """Write down what this replica saw. `now`: by the clock that the signals are dated by."""
        if len(signals) > AT_ONCE:
            _log.warning("sightings.dropped", vantage=vantage, signals=len(signals) - AT_ONCE)
            signals = signals[-AT_ONCE:]
        async with self.write() as connection:
            clock = database_now(connection)
            current: datetime = (await connection.execute(select(clock))).scalar_one()
            await connection.execute(delete(sightings).where(sightings.c.at < current - KEPT))
            rows = [
                {
                    "vantage": vantage,
                    "at": current,
                    "seen_by": now,
                    "body": _SIGNALS.dump_python(list(signals[at : at + BATCH]), mode="json", exclude_defaults=True),
                }
                for at in range(0, len(signals), BATCH)
            ]
            if rows:
                await connection.execute(sightings.insert(), rows)

    async def take_shared_signals(self, now: datetime) -> tuple[Signal, ...]:
        """What all replicas saw since the last time, dated by the clock of `now`; it is gone from the ledger then."""
        async with self.read() as connection:
            if (await connection.execute(select(sightings.c.id).limit(1))).scalar() is None:
                return ()
        async with self.write() as connection:
            current: datetime = (await connection.execute(select(database_now(connection)))).scalar_one()
            rows = (await connection.execute(delete(sightings).returning(sightings))).all()
        found: list[Signal] = []
        for row in sorted(rows, key=lambda one: one.id):
            if current - row.at <= KEPT:
                found += _dated(row, now - max(current - row.at, timedelta(0)))
        return tuple(found)

    async def queued_actions(self) -> dict[int, IncidentAction]:
        """What people did on replicas that do not judge and is not carried out yet, in order."""
        async with self.read() as connection:
            rows = (await connection.execute(select(asked).order_by(asked.c.id))).all()
        return {row.id: _ACTION.validate_python(row.body, strict=False) for row in rows}


def _dated(row: Any, written: datetime) -> list[Signal]:
    """The signals of a row that was written at `written`. A row of another version that cannot be read is left out."""
    try:
        signals = _SIGNALS.validate_python(row.body, strict=False)
    except ValidationError as error:
        _log.warning("sightings.unreadable", vantage=row.vantage, errors=error.error_count())
        return []
    off = written - row.seen_by
    return [replace(one, at=one.at + off) for one in signals]
