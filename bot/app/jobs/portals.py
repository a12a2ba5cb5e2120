"""Pushes scores and failed checks to portals after each audit, on the one replica that holds the lease."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.audit.service import AuditService
from bot.audit.tickets.api import TrackerError
from bot.storage.leader import LeaderLease
from bot.storage.ledger import Ledger, LedgerError
from checks import Scorecard

_LOOK = timedelta(minutes=1)
_AGAIN = timedelta(minutes=30)
_log = structlog.get_logger(__name__)
Push = Callable[[Scorecard], Awaitable[Mapping[str, str]]]


class PortalJob:
    """Pushes each audit once to each portal; a portal that did not take it is tried again half an hour later.

    Args:
        pushes: name of a portal -> what pushes to it.
        audits: gives the last audit; none is started here.
        lease: of all that push.
        sleep: waits, in seconds.
    """

    def __init__(
        self,
        pushes: Mapping[str, Push],
        audits: AuditService[Ledger],
        lease: LeaderLease,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._pushes, self._audits, self._lease, self._sleep = pushes, audits, lease, sleep
        self._taken: dict[str, datetime] = {}
        self._tried: dict[str, datetime] = {}

    async def run(self) -> None:
        """Push until cancelled."""
        while True:
            try:
                await self.run_once()
            except LedgerError as error:
                _log.warning("portals_not_pushed", reason=str(error))
            await self._sleep(_LOOK.total_seconds())

    async def run_once(self) -> None:
        """Push the last audit to the portals that do not have it.

        Raises:
            LedgerError: the last audit cannot be read.
        """
        if not self._lease.held or (audit := await self._audits.latest()) is None:
            return
        now, scorecard = self._audits.clock(), audit.scorecard
        for name, push in self._pushes.items():
            waits = name in self._tried and now - self._tried[name] < _AGAIN
            if self._taken.get(name) == scorecard.generated_at or waits:
                continue
            try:
                refused = await push(scorecard)
            except TrackerError as error:
                self._tried[name] = now
                _log.warning("portal_not_pushed", portal=name, reason=str(error))
                continue
            self._taken[name] = scorecard.generated_at
            self._tried.pop(name, None)
            _log.info("portal_pushed", portal=name, services=len(scorecard.services), refused=len(refused))
