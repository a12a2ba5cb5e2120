"""The history of scores, and the facts of the last audit."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from bot.storage.engine import Store, insert
from bot.storage.tables import scores, snapshots
from checks import Outcome, PastScore, Scorecard, ServiceScore


class ScoreStore(Store):
    """The part of the ledger that scores are kept in."""

    async def save_audit(self, scorecard: Scorecard, blob: bytes) -> None:
        """Save the scores of an audit, and its facts (`blob`) in place of the previous audit's.

        An audit of the same time is not written twice.
        """
        rows = list(_rows(scorecard))
        async with self.write() as connection:
            await connection.execute(insert(connection, scores).on_conflict_do_nothing(), rows)
            await connection.execute(delete(snapshots))
            await connection.execute(snapshots.insert(), {"id": 1, "at": scorecard.generated_at, "blob": blob})

    async def last_audit_at(self) -> datetime | None:
        """When the last audit was made; None before the first."""
        async with self.read() as connection:
            at: datetime | None = (await connection.execute(select(snapshots.c.at))).scalar_one_or_none()
        return at

    async def last_audit_blob(self) -> tuple[datetime, bytes] | None:
        """When the last audit was, and its facts as `save_audit` took them; None before the first."""
        async with self.read() as connection:
            row = (await connection.execute(select(snapshots.c.at, snapshots.c.blob))).one_or_none()
        return None if row is None else (row.at, row.blob)

    async def history(self, service: str, since: datetime) -> tuple[PastScore, ...]:
        """Stored scores at or after `since`, oldest first; `service` empty: the estate's."""
        query = select(scores).where(scores.c.service == service, scores.c.at >= since).order_by(scores.c.at)
        async with self.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            PastScore(row.service, row.at, row.score, row.grade, row.coverage, row.ruleset, frozenset(row.failing))
            for row in rows
        )


def _rows(scorecard: Scorecard) -> Iterator[dict[str, Any]]:
    failing_anywhere: set[str] = set()
    for service in scorecard.services:
        failing = {finding.check.id for finding in service.findings if finding.outcome is Outcome.FAIL}
        failing_anywhere |= failing
        yield _row(scorecard, service, service.service.name, failing)
    yield _row(scorecard, scorecard, "", failing_anywhere)


def _row(scorecard: Scorecard, of: Scorecard | ServiceScore, service: str, failing: set[str]) -> dict[str, Any]:
    return {
        "service": service,
        "at": scorecard.generated_at,
        "score": of.score,
        "grade": of.grade,
        "coverage": of.coverage,
        "ruleset": scorecard.ruleset,
        "failing": sorted(failing),
    }
