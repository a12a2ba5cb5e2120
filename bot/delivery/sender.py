"""Claims due messages from the outbox and sends several of them at once."""

import asyncio
import os
import random
import socket
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.delivery.attempt import DeliveryAttempt
from bot.delivery.context import AttemptLedger, DeliveryContext, OnUndelivered, Sleep
from bot.delivery.lease import LeaseLedger, renewing
from bot.delivery.platform_health import PlatformHealth
from bot.delivery.policy import DeliveryPolicy
from bot.delivery.problems import DeliveryProblems
from bot.delivery.rate_limit import RateLimiter
from bot.model import Clock, FeedReading, Pingable, Route, utc_now
from bot.storage.ledger import Claim, LedgerError

_log = structlog.get_logger(__name__)

_SET_BACK = timedelta(seconds=2)
"""A clock that goes back by less than this is only being corrected."""


class SenderLedger(AttemptLedger, LeaseLedger, Protocol):
    """The part of the ledger that a sender works with (`bot.storage.outbox`)."""

    @property
    def posted(self) -> asyncio.Event:
        """Set when this process posts a message; the sender waits for it and clears it."""
        ...

    async def make_due(self, now: datetime) -> None:
        """Let every pending message be due now."""
        ...

    async def claim(
        self, owner: str, now: datetime, lease: timedelta, limit: int, *, alerts_only: bool = False
    ) -> tuple[Claim, ...]:
        """Take up to `limit` due messages for the time of a lease."""
        ...

    async def claim_one(self, message: str, owner: str, now: datetime, lease: timedelta) -> Claim | None:
        """Take one message by its id. None: it is not due, or another sender has it."""
        ...

    async def next_due(self) -> datetime | None:
        """When the next message may be claimed; None: none is pending."""
        ...


class Sender:
    """Delivers the messages of a ledger. Several may work on one ledger: one sender at a time holds each message.

    `on_undelivered` is called with a message that every route refused, and the reason, once; the message stays pending
    until it expires. `routes` are all routes by name.
    """

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        ledger: SenderLedger,
        routes: Mapping[str, Route],
        *,
        policy: DeliveryPolicy | None = None,
        clock: Clock = utc_now,
        sleep: Sleep = asyncio.sleep,
        on_undelivered: OnUndelivered | None = None,
    ) -> None:
        self.owner = f"{socket.gethostname()[:40]}/{os.getpid()}/{uuid.uuid4().hex[:8]}"
        self._policy = policy or DeliveryPolicy()
        limiter = RateLimiter(self._policy.every)
        self._ledger = ledger
        self._context = DeliveryContext(
            ledger, routes, self._policy, clock, sleep, random.random, on_undelivered, limiter
        )
        self._in_flight: dict[asyncio.Task[bool], int] = {}
        self._stopping = False
        self._claimable = True
        self._last: datetime | None = None

    async def run(self) -> None:
        """Deliver until `stop` or until cancelled; then sends in flight are finished, or put back within seconds."""
        try:
            while not self._stopping:
                self._ledger.posted.clear()
                await self._handle_clock_change()
                if not await self._start_due():
                    await self._wait_for_work()
        finally:
            await self._finish()

    async def _handle_clock_change(self) -> None:
        """Make every pending message due at the start, and after the clock was set back."""
        now, before = self._context.clock(), self._last
        self._last = now
        if before is not None and before - now < _SET_BACK:
            return
        try:
            await self._ledger.make_due(now)
        except LedgerError as error:
            self._last = before
            _log.error("delivery_ledger_unreachable", error=str(error))

    def health(
        self, readings: Callable[[], Iterable[FeedReading]], chats: Mapping[str, Pingable] | None = None
    ) -> PlatformHealth:
        """A monitor of this sender's platforms. `readings` gives the latest reading of every status page."""
        return PlatformHealth(self._context, readings, chats)

    def tell_undelivered(self, tell: OnUndelivered) -> None:
        """Call `tell` in place of what was given as `on_undelivered`."""
        self._context.on_undelivered = tell

    @property
    def problems(self) -> DeliveryProblems:
        """What fails at present."""
        return self._context.problems

    def stop(self) -> None:
        """Ask `run` to end: no new send begins."""
        self._stopping = True
        self._ledger.posted.set()

    async def deliver_due(self) -> int:
        """Deliver every message that is due now, one round each; how many reached a final state."""
        ended = 0
        while claims := await self._claim():
            ended += sum(await asyncio.gather(*(self._deliver(claim) for claim in claims)))
            await asyncio.gather(*self._context.pings)
        return ended

    async def deliver_one(self, message: str) -> bool:
        """Deliver one message out of turn, one round. False: it is still pending, or was not there to be claimed."""
        claim = await self._ledger.claim_one(message, self.owner, self._context.clock(), self._policy.lease)
        return claim is not None and await self._deliver(claim)

    async def _start_due(self) -> bool:
        try:
            claims = await self._claim()
        except LedgerError as error:
            _log.error("delivery_ledger_unreachable", error=str(error))
            self._claimable = False
            return False
        self._claimable = True
        for claim in claims:
            task = asyncio.create_task(self._deliver(claim), name=f"deliver {claim.message.id}")
            self._in_flight[task] = claim.seq
            task.add_done_callback(self._task_done)
        return bool(claims)

    async def _claim(self) -> tuple[Claim, ...]:
        """Claim as many as there is room for. Where reports fill all of it, alerts have as much again for themselves."""
        room = self._room()
        if not room and len(self._in_flight) >= 2 * self._policy.ahead:
            return ()
        now, lease = self._context.clock(), self._policy.lease
        limit = room or self._policy.ahead // 4
        claims = await self._ledger.claim(self.owner, now, lease, limit, alerts_only=not room)
        # A message whose lease ran out while it waits here for its turn is in flight already: never send it twice.
        in_flight = set(self._in_flight.values())
        return tuple(claim for claim in claims if claim.seq not in in_flight)

    def _room(self) -> int:
        """How many to claim now. A query costs more than a message, so several are claimed with each."""
        free = self._policy.ahead - len(self._in_flight)
        return free if free >= max(1, self._policy.ahead // 4) else 0

    async def _deliver(self, claim: Claim) -> bool:
        try:
            async with renewing(claim, self._ledger, self._policy, self._context.clock):
                return await DeliveryAttempt(claim, self._context).run()
        except asyncio.CancelledError:
            # The try is recorded as begun, so the next sender checks first whether it was delivered.
            await self._ledger.put_back(claim, self._context.clock(), failed=False)
            raise
        except LedgerError as error:
            # The lease expires by itself; the message is not lost.
            _log.error("delivery_ledger_unreachable", message=claim.message.id, error=str(error))
            return False

    def _task_done(self, task: asyncio.Task[bool]) -> None:
        del self._in_flight[task]
        self._ledger.posted.set()  # there is room for another one
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("delivery_task_failed", error=type(error).__name__)

    async def _wait_for_work(self) -> None:
        """Wait for a new message, for the end of a send, or until the next message is due."""
        woken = asyncio.create_task(self._ledger.posted.wait())
        timer = asyncio.ensure_future(self._context.sleep(await self._seconds_to_wait()))
        try:
            await asyncio.wait({woken, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            timer.cancel()
            await asyncio.gather(woken, timer, return_exceptions=True)

    async def _seconds_to_wait(self) -> float:
        if not (self._room() and self._claimable):
            return self._policy.idle.total_seconds()  # the end of a send wakes it
        try:
            due = await self._ledger.next_due()
        except LedgerError:
            due = None
        idle = self._policy.idle
        left = idle if due is None else due - self._context.clock()
        # A due message that could not be claimed is held by another sender: no reason to spin.
        return max(min(left, idle), timedelta(milliseconds=50)).total_seconds()

    async def _finish(self) -> None:
        for ping in self._context.pings:
            ping.cancel()
        if not self._in_flight:
            return
        sends = set(self._in_flight)
        _, late = await asyncio.wait(sends, timeout=self._policy.finish.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*sends, return_exceptions=True)
