"""Drills that CI sent, and decisions about guessed dependencies."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.drills import DrillRecord, GuessDecision
from bot.storage.engine import Store
from bot.storage.evidence_chain import insert_evidence
from bot.storage.work_tables import drills, guess_decisions
from checks import RehearsalKind, RehearsalResult

MOST = 5_000
"""Drills that are read at most, the newest: more than any period of a check holds."""


async def record_drill(connection: AsyncConnection, drill: DrillRecord) -> bool:
    """Save a drill within the caller's transaction. False: the same run of the same source is there already."""
    row = {
        **{name: getattr(drill, name) for name in ("source", "key", "service", "name", "scope", "link", "at")},
        "kind": str(drill.kind),
        "result": str(drill.result),
        "rto": _seconds(drill.rto),
        "rpo": _seconds(drill.rpo),
        "recorded_at": drill.recorded_at,
    }
    return bool(await connection.run_sync(insert_evidence, "drills", [row], ("source", "key")))


async def decide(connection: AsyncConnection, decision: GuessDecision) -> None:
    """Save a decision within the caller's transaction; the newest about a dependency counts."""
    row = {name: getattr(decision, name) for name in decision.__dataclass_fields__} | {"hard": int(decision.hard)}
    await connection.execute(guess_decisions.insert().values(row))


class DrillStore(Store):
    """The part of the ledger that drills and decisions about guesses are kept in."""

    async def drills(self, since: datetime) -> tuple[DrillRecord, ...]:
        """The drills that ended at or after `since` (UTC), oldest first."""
        query = select(drills).where(drills.c.at >= since).order_by(drills.c.at.desc(), drills.c.id.desc()).limit(MOST)
        async with self.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(_drill(row) for row in reversed(rows))

    async def guess_decisions(self) -> dict[tuple[str, str], GuessDecision]:
        """The newest decision about each dependency, by service and target."""
        query = select(guess_decisions).order_by(guess_decisions.c.id)
        async with self.read() as connection:
            rows = (await connection.execute(query)).all()
        return {
            (row.service, row.target): GuessDecision(
                row.service, row.target, row.decision, row.by, row.actor, row.at, row.evidence, bool(row.hard)
            )
            for row in rows
        }


def _drill(row: Row[Any]) -> DrillRecord:
    return DrillRecord(
        source=row.source,
        key=row.key,
        service=row.service,
        kind=RehearsalKind(row.kind),
        result=RehearsalResult(row.result),
        at=row.at,
        recorded_at=row.recorded_at,
        name=row.name,
        scope=row.scope,
        link=row.link,
        rto=_length(row.rto),
        rpo=_length(row.rpo),
    )


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _length(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
