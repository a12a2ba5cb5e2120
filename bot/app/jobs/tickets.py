"""Keeps tickets in line with the last audit while serving, on the one replica that holds the lease."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import structlog

from bot.audit.service import AuditService
from bot.audit.tickets.api import TrackerError
from bot.audit.tickets.sync import TicketSync
from bot.storage.leader import LeaderLease
from bot.storage.ledger import Ledger, LedgerError

_LOOK = timedelta(minutes=1)
_log = structlog.get_logger(__name__)


class TicketJob:
    """Syncs every `every`, and never twice with the same audit.

    Args:
        open_sync: the sync, open for one run.
        audits: gives the last audit; none is started here.
        lease: the lease of all that sync.
        every: time between two runs.
        sleep: waits, in seconds.
    """

    def __init__(
        self,
        open_sync: Callable[[], AbstractAsyncContextManager[TicketSync]],
        audits: AuditService[Ledger],
        lease: LeaderLease,
        every: timedelta,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._open, self._audits, self._lease, self._every, self._sleep = open_sync, audits, lease, every, sleep
        self._ran_at: datetime | None = None
        self._of: datetime | None = None

    async def run(self) -> None:
        """Sync until cancelled."""
        while True:
            try:
                await self.run_once()
            except (LedgerError, TrackerError) as error:
                _log.warning("tickets_not_synced", reason=str(error))
            await self._sleep(_LOOK.total_seconds())

    async def run_once(self) -> bool:
        """Sync if it is time and there is a newer audit; whether it did.

        Raises:
            LedgerError, TrackerError: nothing could be listed.
        """
        now = self._audits.clock()
        if not self._lease.held or (self._ran_at is not None and now - self._ran_at < self._every):
            return False
        audit = await self._audits.latest()
        if audit is None or audit.scorecard.generated_at == self._of:
            return False
        self._ran_at = now
        async with self._open() as sync:
            done = await sync.run(audit.scorecard, held=lambda: self._lease.held)
        self._of = audit.scorecard.generated_at
        counts = Counter(step.step.value for step in done.steps)
        _log.info("tickets_synced", failed=len(done.problems), left=done.left, **counts)
        return True
