"""Watches the ledger itself: gone, replaced, full or out of reach. Operators are told over routes that do without it."""

import asyncio
import socket
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.cards.card import Card
from bot.cards.messages.ledger_trouble import ledger_trouble_card, ledger_works_card
from bot.model import Audience, Clock, Message, Priority, Purpose, Route, Sent, utc_now
from bot.storage.errors import LedgerError
from bot.storage.outbox import Backlog

CHECK_EVERY = timedelta(seconds=5)
TOLD_AFTER = 2
"""Checks in a row that must fail: a database that changes its leader may fail one."""
SEND_SECONDS = 20.0
WRITES_EVERY = 1.0
"""Seconds for which a write that readiness tried holds: anybody may ask for it."""
_log = structlog.get_logger(__name__)


class GuardedLedger(Protocol):
    """The part of the ledger that is watched."""

    @property
    def embedded(self) -> bool:
        """Whether it is a SQLite file, whose alerts are sent from memory while its disk is full."""
        ...

    async def verify(self) -> None:
        """Check that this is still the ledger that was opened, and go on with it where it is back."""
        ...

    async def check_writable(self) -> None:
        """Write to the disk without changing anything that the ledger contains."""
        ...

    def recent_failure(self) -> LedgerError | None:
        """What kept the disk from taking something a moment ago; None: nothing."""
        ...

    async def backlog(self) -> Backlog:
        """How many messages are pending, and how many failed."""
        ...


class LedgerGuard:
    """Checks the ledger every few seconds.

    Args:
        ledger: what is watched.
        tell: sends a card without the ledger, and says whether it arrived.
        refresh: reads again what `tell` must have in memory; called while all is well.
        clock: UTC now.
        sleep: waits between two checks.
    """

    def __init__(
        self,
        ledger: GuardedLedger,
        tell: Callable[[Card], Awaitable[bool]],
        *,
        refresh: Callable[[], Awaitable[object]] | None = None,
        clock: Clock = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._refresh = refresh
        self._ledger, self._tell, self._clock, self._sleep = ledger, tell, clock, sleep
        self.problem = ""
        """What is wrong at the last check; empty: nothing."""
        self._host, self._failed = socket.gethostname()[:60], 0
        self._since: datetime | None = None
        self._told = False
        self._pending: int | None = None
        self._written_at = float("-inf")

    async def run(self) -> None:
        """Check until cancelled; the ledger has just been opened, so the first check can wait."""
        while True:
            await self._sleep(CHECK_EVERY.total_seconds())
            await self.check()

    async def check(self) -> None:
        """Check once, and tell what began or ended."""
        error = await self._error()
        if error is None:
            await self._well()
            return
        if not self.problem:
            _log.error("ledger_trouble", problem=error.problem, fix=error.fix)
        self.problem, self._failed = error.problem, self._failed + 1
        self._since = self._since or self._clock()
        if self._failed >= TOLD_AFTER and not self._told:
            card = ledger_trouble_card(
                error.problem,
                error.fix,
                host=self._host,
                since=self._since,
                pending=self._pending,
                alerts_go=error.disk and self._ledger.embedded,
            )
            self._told = await self._tell(card)

    async def ready(self) -> None:
        """For readiness: look and write now, and do not forget what the last check found.

        Raises:
            LedgerError: the ledger cannot be used.
        """
        await self._ledger.verify()
        if self.problem:
            raise LedgerError(self.problem)
        if failure := self._ledger.recent_failure():
            raise failure
        if time.monotonic() - self._written_at >= WRITES_EVERY:
            await self._ledger.check_writable()
            self._written_at = time.monotonic()

    async def _error(self) -> LedgerError | None:
        try:
            await self._ledger.verify()
            await self._ledger.check_writable()
            self._pending = (await self._ledger.backlog()).pending
            if self._refresh is not None:
                await self._refresh()
        except LedgerError as error:
            return error
        return self._ledger.recent_failure()

    async def _well(self) -> None:
        since = self._since
        if self.problem:
            _log.warning("ledger_works", since=str(since))
        self.problem, self._failed = "", 0
        if self._told and since is not None:
            self._told = not await self._tell(ledger_works_card(host=self._host, since=since, now=self._clock()))
        if not self._told:
            self._since = None


class DirectPosts:
    """Sends a card to an audience over its routes in order, without the ledger: no receipt, no repeat by another replica."""

    def __init__(self, audience: Audience | None, routes: Sequence[Route], clock: Clock = utc_now) -> None:
        self._audience, self._routes, self._clock = audience, routes, clock

    async def send(self, card: Card) -> bool:
        """Send it by the first route that takes it; whether one did. Without an audience it goes to the log."""
        if self._audience is None:
            _log.error("self_check_failed", about=card.kind, problem=card.summary)
            return True
        name = f"{card.kind}:{uuid.uuid4().hex[:12]}"
        message = Message(
            name, self._audience.name, card.dump(), Priority.ALERT, name, self._clock(), purpose=Purpose.SELF_CHECK
        )
        for route in self._routes:
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    result = await route.send(message, 1)
            except Exception as error:  # noqa: BLE001 - whatever a route does, the next one is tried
                _log.warning("self_check_not_sent", route=route.name, error=type(error).__name__)
                continue
            if isinstance(result, Sent):
                _log.error("self_check_reported", about=card.kind, audience=self._audience.name, route=route.name)
                return True
            _log.warning("self_check_not_sent", route=route.name, error=result.reason)
        return False
