"""Stores alerts of other monitoring in the ledger and hands them to the replica that evaluates incidents."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.incidents.ledger import AlertLedger
from bot.model import Clock
from bot.model.signals import Signal
from bot.model.thresholds import Thresholds
from bot.storage.ledger import LedgerError

EVERY = timedelta(seconds=5)
"""How often the leader polls for alerts that other replicas received."""
_OVERLAP = timedelta(minutes=2)
"""Clocks of replicas differ, and a transaction may end late: a signal that is read twice counts once."""
_log = structlog.get_logger(__name__)


class ExternalAlertInbox:
    """Writes down alerts before anybody acts on them, and passes on the alerts that any replica has written down.

    `observe` takes each signal. `is_leader`: whether this replica evaluates incidents; only then does it poll.
    """

    def __init__(
        self,
        ledger: AlertLedger,
        observe: Callable[[Signal], None],
        *,
        clock: Clock,
        is_leader: Callable[[], bool] = lambda: True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ledger, self._observe, self._clock, self._sleep = ledger, observe, clock, sleep
        self._is_leader = is_leader
        self._polled_at: datetime | None = None

    async def accept(self, hook: str, signals: Sequence[Signal]) -> None:
        """Take in the alerts of one request.

        Raises:
            LedgerError: they could not be written down: nothing was taken in, and the sender must send them again.
        """
        combined = await self._ledger.save_alerts(hook, signals, self._clock())
        if self._is_leader():
            for signal in combined:
                self._observe(signal)

    async def run(self) -> None:
        """Poll until cancelled; at first, and whenever this replica becomes the leader, read everything that still counts."""
        while True:
            try:
                await self.poll()
            except LedgerError as error:
                _log.error("external_alerts_ledger_unavailable", error=str(error))
            await self._sleep(EVERY.total_seconds())

    async def poll(self) -> None:
        """Pass on what was written down since the last poll.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        if not self._is_leader():
            self._polled_at = None
            return
        now = self._clock()
        since = now - Thresholds().hook_lasts if self._polled_at is None else self._polled_at - _OVERLAP
        for signal in await self._ledger.alert_signals(since):
            self._observe(signal)
        self._polled_at = now
