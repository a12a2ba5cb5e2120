"""Signals and actions on their way to the leader: replicas write them in batches, the leader takes each once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.incident_actions import IncidentAction
from bot.model.signals import Signal
from bot.storage.engine import Store, database_now
from bot.storage.tables import asked, sightings

KEPT = timedelta(minutes=3)
"""Signals that nobody took for this long are dropped; the leader's own observations count for less time."""
BATCH = 500
"""Signals in a row of the table."""
AT_ONCE = 20_000
"""Most signals that a replica shares at a time; the newest are kept."""

_SIGNALS: TypeAdapter[list[Signal]] = TypeAdapter(list[Signal])
_ACTION: TypeAdapter[IncidentAction] = TypeAdapter(IncidentAction)
_log = structlog.get_logger(__name__)


async def queue_action(connection: AsyncConnection, action: IncidentAction) -> None:
    """Queue a person's action for the leader, within the caller's transaction."""
    row = {"incident": action.incident, "at": action.at, "body": _ACTION.dump_python(action, mode="json")}
    await connection.execute(asked.insert().values(row))


async def remove_actions(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Remove actions that are carried out, within the caller's transaction."""
    await connection.execute(delete(asked).where(asked.c.id.in_(ids)))


class ReplicaSignalStore(Store):
    """The part of the ledger in which several vantage points share their signals.

    Times in it are by the database's clock, so that the age of a signal does not depend on two clocks that agree.
    """

    async def share_signals(self, vantage: str, signals: Sequence[Signal], now: datetime) -> None:
        """Write the signals of this replica. `now`: by the clock that dates them."""
        if len(signals) > AT_ONCE:
            _log.warning("replica_signals_dropped", vantage=vantage, signals=len(signals) - AT_ONCE)
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
        """Take the signals of all replicas out of the ledger, dated by the clock of `now`."""
        async with self.read() as connection:
            if (await connection.execute(select(sightings.c.id).limit(1))).scalar() is None:
                return ()
        async with self.write() as connection:
            current: datetime = (await connection.execute(select(database_now(connection)))).scalar_one()
            rows = (await connection.execute(delete(sightings).returning(sightings))).all()
        signals: list[Signal] = []
        for row in sorted(rows, key=lambda row: row.id):
            if current - row.at <= KEPT:
                signals += _dated(row, now - max(current - row.at, timedelta(0)))
        return tuple(signals)

    async def queued_actions(self) -> dict[int, IncidentAction]:
        """The actions that people took on other replicas and that are not carried out yet, in order, by their number."""
        async with self.read() as connection:
            rows = (await connection.execute(select(asked).order_by(asked.c.id))).all()
        return {row.id: _ACTION.validate_python(row.body, strict=False) for row in rows}


def _dated(row: Any, written: datetime) -> list[Signal]:
    """The signals of a row that was written at `written`; empty where another version wrote it and it cannot be read."""
    try:
        signals = _SIGNALS.validate_python(row.body, strict=False)
    except ValidationError as error:
        _log.warning("replica_signals_unreadable", vantage=row.vantage, errors=error.error_count())
        return []
    off = written - row.seen_by
    return [replace(signal, at=signal.at + off) for signal in signals]
