"""Writes incidents and their notifications in one transaction; while the disk is full, in memory and later in the ledger."""

from collections.abc import Collection, Iterable
from datetime import datetime

import structlog

from bot.incidents.changes import write
from bot.incidents.ledger import IncidentLedger
from bot.incidents.notifier import NotificationPlan
from bot.model.incidents import Incident
from bot.storage.leader import LeaderLease
from bot.storage.ledger import AuditLogEntry, LedgerError
from bot.storage.outbox_writes import OutboxPost

_log = structlog.get_logger(__name__)


class Publication:
    """Writes for the leader. What the disk of a SQLite ledger did not take is written with the next thing that it takes."""

    def __init__(self, ledger: IncidentLedger, lease: LeaderLease | None) -> None:
        self._ledger, self._lease = ledger, lease
        self._changed: dict[str, Incident] = {}
        self._plans: list[NotificationPlan] = []

    async def publish(
        self,
        changed: Iterable[Incident],
        plan: NotificationPlan,
        now: datetime,
        entry: AuditLogEntry | None = None,
        applied: Collection[int] = (),
    ) -> None:
        """Write changed incidents and the plan of their notifications. `applied`: queued actions to remove.

        Raises:
            LedgerError: nothing was written. What people do is never kept in memory: they are told.
            LeadershipLostError: another replica leads by now.
        """
        changed = list(changed)
        if not (changed or plan.posts or plan.moved or entry or applied or self._plans):
            return
        try:
            await self._write(changed, plan, now, entry, applied)
        except LedgerError as error:
            if not error.disk or not self._ledger.embedded or entry is not None or applied:
                raise
            await self._keep(changed, plan, now, error)

    async def _write(
        self,
        changed: Iterable[Incident],
        plan: NotificationPlan,
        now: datetime,
        entry: AuditLogEntry | None,
        applied: Collection[int],
    ) -> None:
        latest = {**self._changed, **{incident.id: incident for incident in changed}}
        async with self._ledger.begin() as transaction:
            if self._lease is not None:
                await self._lease.fence(transaction)
            await write(transaction, latest.values(), NotificationPlan(), now)
            for each_plan in (*self._plans, plan):
                await write(transaction, (), each_plan, now)
            if entry is not None:
                await transaction.log(entry)
            if applied:
                await transaction.remove_actions(list(applied))
        self._changed, self._plans = {}, []

    async def _keep(
        self, changed: Iterable[Incident], plan: NotificationPlan, now: datetime, error: LedgerError
    ) -> None:
        if not self._plans:
            _log.error("incidents_kept_in_memory", error=str(error))
        await self._ledger.keep([OutboxPost(post.message, post.routes, now) for post in plan.posts if not post.if_open])
        self._changed |= {incident.id: incident for incident in changed}
        self._plans.append(plan)
