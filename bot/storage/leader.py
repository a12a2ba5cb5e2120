"""One replica's hold on a duty: takes it where nobody has it or whoever had it has gone silent, and gives it back in the end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from bot.storage.ledger import Lease, Ledger, LedgerError, Transaction

LEASE = 15.0
"""Seconds of silence after which a holder is taken for dead. With one look in `EVERY`, a successor is there within 20 s."""
EVERY = 4.0
"""Seconds between signs of life, and between looks at those of another."""
_GIVING_BACK = 2.0
_log = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class LeaderLease:
    """Whether this replica is the one that does `name`. Ask `held` before the work, and `fence` what the work writes.

    `holder` names this process and no other. `now` is a clock that only runs forward (seconds): a wall clock that jumps by an
    hour neither prolongs a hold nor ends one.
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
        self._seen: Lease | None = None
        self._unmoved_since: float | None = None

    @property
    def held(self) -> bool:
        """Whether it is ours for the moment. What is written under it is fenced all the same."""
        return self._mine is not None and self._now() < self._until

    @property
    def term(self) -> int:
        """The number of our hold, 0 without one. Another number than before: others may have written meanwhile."""
        return self._mine.term if self._mine else 0

    async def fence(self, transaction: Transaction) -> None:
        """Let the transaction hold only if the duty is still ours when it is written.

        Raises:
            DutyLostError: it is not.
        """
        await transaction.require_lease(self.name, self._mine or Lease(self.holder, 0, 0))

    async def run(self) -> None:
        """Keep it, or wait for it, until cancelled; then give it back."""
        try:
            while True:
                try:
                    await self.attend()
                except LedgerError as error:
                    _log.error("duty.ledger_out_of_reach", duty=self.name, error=str(error))
                await self._sleep(self._every)
        finally:
            await self._give_back()

    async def attend(self) -> None:
        """Give a sign of life where it is ours, else see whether it is to be had.

        Raises:
            LedgerError: nothing is known of it now; a hold ends by itself after the lease.
        """
        begun = self._now()
        if self._mine is not None:
            if await self._ledger.renew_lease(self.name, self._mine):
                self._until = begun + self._lease
                return
            _log.warning("duty.lost", duty=self.name, term=self._mine.term)
            self._mine = None
        seen = await self._ledger.current_lease(self.name)
        if self._unmoved_since is None or seen != self._seen:
            self._seen, self._unmoved_since = seen, self._now()
        silent = self._now() - self._unmoved_since >= self._lease
        if seen is None or not seen.holder or silent:
            self._mine = await self._ledger.take_lease(self.name, self.holder, seen)
            if self._mine is not None:
                self._until = begun + self._lease
                _log.info("duty.taken", duty=self.name, term=self._mine.term, before=seen.holder if seen else "")

    async def _give_back(self) -> None:
        mine, self._mine = self._mine, None
        if mine is not None:
            with suppress(LedgerError, TimeoutError):  # then it lapses
                async with asyncio.timeout(_GIVING_BACK):
                    await self._ledger.release_lease(self.name, mine)
