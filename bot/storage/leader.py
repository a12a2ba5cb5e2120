"""Elects a leader among replicas: takes a lease that is free or expired, renews it, and releases it at the end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from bot.storage.ledger import Lease, Ledger, LedgerError, Transaction

LEASE = 15.0
"""Seconds without a heartbeat after which a leader counts as dead. Checked every `EVERY`, so a successor takes over within 20 s."""
EVERY = 4.0
"""Seconds between two heartbeats, and between two checks of another replica's."""
_RELEASE_TIMEOUT = 2.0
_log = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class LeaderLease:
    """Whether this replica is the leader for `name`. Check `held` before the work, and `fence` every transaction of it.

    `holder` names this process and no other. `now` is a monotonic clock (seconds), so that a wall clock that jumps by an
    hour neither prolongs a lease nor ends one.
    """

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        ledger: Ledger,
        name: str,
        *,
        holder: str,
        lease: float = LEASE,
        every: float = EVERY,
        now: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._ledger, self.name, self.holder = ledger, name, holder
        self._lease, self._every, self._now, self._sleep = lease, every, now, sleep
        self._mine: Lease | None = None
        self._until = 0.0
        self._last_seen: Lease | None = None
        self._unchanged_since: float | None = None

    @property
    def held(self) -> bool:
        """Whether this replica holds the lease for now. Writes must be fenced all the same."""
        return self._mine is not None and self._now() < self._until

    @property
    def term(self) -> int:
        """The term of our lease, 0 without one. A new term means that others may have written meanwhile."""
        return self._mine.term if self._mine else 0

    async def fence(self, transaction: Transaction) -> None:
        """Make the transaction fail unless this replica still holds the lease when it commits.

        Raises:
            LeadershipLostError: it does not.
        """
        await transaction.require_lease(self.name, self._mine or Lease(self.holder, 0, 0))

    async def run(self) -> None:
        """Hold the lease, or wait for it, until cancelled; then release it."""
        try:
            while True:
                try:
                    await self.attend()
                except LedgerError as error:
                    _log.error("leader_ledger_unreachable", lease=self.name, error=str(error))
                await self._sleep(self._every)
        finally:
            await self._release()

    async def attend(self) -> None:
        """Renew the lease where it is ours, else take it where it is free or expired.

        Raises:
            LedgerError: the ledger is unreachable; our lease expires by itself.
        """
        started = self._now()
        if self._mine is not None:
            if await self._renewed(started):
                self._until = started + self._lease
                return
            _log.warning("leader_lease_lost", lease=self.name, term=self._mine.term)
            self._mine = None
        current = await self._ledger.current_lease(self.name)
        if self._unchanged_since is None or current != self._last_seen:
            self._last_seen, self._unchanged_since = current, self._now()
        expired = self._now() - self._unchanged_since >= self._lease
        if current is None or not current.holder or expired:
            self._mine = await self._ledger.take_lease(self.name, self.holder, current)
            if self._mine is not None:
                self._until = started + self._lease
                _log.info(
                    "leader_lease_taken",
                    lease=self.name,
                    term=self._mine.term,
                    before=current.holder if current else "",
                )

    async def _renewed(self, started: float) -> bool:
        """Renew the lease. While the disk of a SQLite file is full it goes on: another process could not take it either."""
        if self._mine is None:
            return False
        try:
            return await self._ledger.renew_lease(self.name, self._mine)
        except LedgerError as error:
            if error.disk and self._ledger.embedded and self.held:
                self._until = started + self._lease
            raise

    async def _release(self) -> None:
        mine, self._mine = self._mine, None
        if mine is not None:
            with suppress(LedgerError, TimeoutError):  # then it expires
                async with asyncio.timeout(_RELEASE_TIMEOUT):
                    await self._ledger.release_lease(self.name, mine)
