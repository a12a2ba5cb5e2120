"""The audit log (who did what and when), and when each route last delivered a test."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.engine import Store
from bot.storage.evidence_chain import insert_evidence
from bot.storage.tables import audit_log, route_tests


@dataclass(frozen=True, slots=True)
class AuditLogEntry:
    """One line of the audit log. `actor` is who did it (`slack:U123`, `cli:alice`), `action` what was done."""

    at: datetime
    actor: str
    action: str
    detail: Mapping[str, Any]


async def write(connection: AsyncConnection, entry: AuditLogEntry) -> None:
    """Write a line within the caller's transaction."""
    row = {"at": entry.at, "actor": entry.actor, "action": entry.action, "detail": dict(entry.detail)}
    await connection.run_sync(insert_evidence, "audit_log", [row])


def record_test(connection: Connection, route: str, at: datetime, detail: str) -> None:
    """Record within the caller's transaction that a route delivered a test message."""
    connection.execute(delete(route_tests).where(route_tests.c.route == route))
    connection.execute(route_tests.insert().values(route=route, tested_at=at, detail=detail))


class AuditLog(Store):
    """The part of the ledger that the audit log is kept in."""

    async def log(self, entry: AuditLogEntry) -> None:
        """Write a line of the audit log. `detail` contains JSON, never a secret."""
        async with self.write() as connection:
            await write(connection, entry)

    async def entries(self, since: datetime, limit: int = 1000) -> tuple[AuditLogEntry, ...]:
        """The newest `limit` lines at or after `since`, oldest first."""
        query = select(audit_log).where(audit_log.c.at >= since).order_by(audit_log.c.id.desc()).limit(limit)
        async with self.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(AuditLogEntry(row.at, row.actor, row.action, row.detail) for row in reversed(rows))

    async def route_tests(self) -> Mapping[str, datetime]:
        """When each route last delivered a test, by the route's name; routes that never did are left out."""
        async with self.read() as connection:
            rows = (await connection.execute(select(route_tests.c.route, route_tests.c.tested_at))).all()
        return {row.route: row.tested_at for row in rows}
