"""Alerts of hooks -> the ledger -> the watch that judges: on this replica at once, on another one with its next look."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.model import Clock
from bot.model.incidents import Signal
from bot.model.thresholds import Thresholds
from bot.storage.ledger import Ledger, LedgerError

EVERY = timedelta(seconds=5)
"""How often a replica looks for what hooks told another one."""
_OVERLAP = timedelta(minutes=2)
"""Clocks of replicas differ, and a transaction may end late: a signal that is told twice counts once."""
_log = structlog.get_logger(__name__)


class ExternalAlertInbox:
    """Writes down what hooks say before anybody acts on it, and tells the watch what any replica has written down.

    `judges`: whether the watch of this replica does; it then reads for itself, so nothing is handed on between them.
    """

    def __init__(
        self,
        ledger: Ledger,
        tell: Callable[[Signal], None],
        *,
        clock: Clock,
        judges: Callable[[], bool] = lambda: True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ledger, self._tell, self._clock, self._sleep = ledger, tell, clock, sleep
        self._judges = judges
        self._seen: datetime | None = None

    async def accept(self, hook: str, signals: Sequence[Signal]) -> None:
        """Take in the alerts of one body.

        Raises:
            LedgerError: they could not be written down: nothing was taken in, and the sender is to send them again.
        """
        words = await self._ledger.save_alerts(hook, signals, self._clock())
        if self._judges():
            for word in words:
                self._tell(word)

    async def run(self) -> None:
        """Look until cancelled; at first, and whenever this replica begins to judge, at all that still stands."""
        while True:
            try:
                await self.poll()
            except LedgerError as error:
                _log.error("hearing.ledger_out_of_reach", error=str(error))
            await self._sleep(EVERY.total_seconds())

    async def poll(self) -> None:
        """Tell the watch what has been written down since the last look.

        Raises:
            LedgerError: nothing is known of it now.
        """
        if not self._judges():
            self._seen = None
            return
        now = self._clock()
        since = now - Thresholds().hook_lasts if self._seen is None else self._seen - _OVERLAP
        for word in await self._ledger.alert_signals(since):
            self._tell(word)
        self._seen = now
