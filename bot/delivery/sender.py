"""The sender: claims what is due from the outbox and has several messages on their way at once."""

import asyncio
import os
import random
import socket
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

import structlog

from bot.delivery.attempt import DeliveryAttempt, DeliveryContext, Sleep, Tell
from bot.delivery.lease import held
from bot.delivery.platform_health import PlatformHealth
from bot.delivery.policy import DeliveryPolicy
from bot.delivery.rate_limit import RateLimiter
from bot.model import Clock, FeedReading, Route
from bot.storage.ledger import Claim, Ledger, LedgerError

_log = structlog.get_logger(__name__)

_SET_BACK = timedelta(seconds=2)
"""Less than this between two looks is a clock that is being corrected bit by bit."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Sender:
    """Delivers the messages of a ledger. Several may work on one ledger: each message is one sender's at a time.

    `tell` is called with a message that every route refused, and why. `routes` are all routes by name.
    """

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        ledger: Ledger,
        routes: Mapping[str, Route],
        *,
        policy: DeliveryPolicy | None = None,
        clock: Clock = _utc_now,
        sleep: Sleep = asyncio.sleep,
        tell: Tell | None = None,
    ) -> None:
        self.owner = f"{socket.gethostname()[:40]}/{os.getpid()}/{uuid.uuid4().hex[:8]}"
        self._policy = policy or DeliveryPolicy()
        self._means = DeliveryContext(
            ledger, routes, self._policy, clock, sleep, random.random, tell, RateLimiter(self._policy.every)
        )
        self._in_flight: dict[asyncio.Task[bool], int] = {}
        self._stopping = False
        self._last: datetime | None = None

    async def run(self) -> None:
        """Deliver until `stop` or until cancelled; then what is in flight is finished, or put back within seconds."""
        try:
            while not self._stopping:
                self._means.ledger.posted.clear()
                await self._mind_the_clock()
                if not await self._start_due():
                    await self._rest()
        finally:
            await self._finish()

    async def _mind_the_clock(self) -> None:
        """At the start, and after the clock was set back: what waits for a later moment is tried now."""
        now, before = self._means.clock(), self._last
        self._last = now
        if before is not None and before - now < _SET_BACK:
            return
        try:
            await self._means.ledger.make_due(now)
        except LedgerError as error:
            self._last = before
            _log.error("delivery.ledger_out_of_reach", error=str(error))

    def health(self, readings: Callable[[], Iterable[FeedReading]]) -> PlatformHealth:
        """What keeps an eye on the platforms while nobody posts. `readings`: the latest of every status page."""
        return PlatformHealth(self._means, readings)

    def stop(self) -> None:
        """Ask `run` to end: nothing new is begun."""
        self._stopping = True
        self._means.ledger.posted.set()

    async def deliver_due(self) -> int:
        """Deliver all that is due now, each over one round; how many messages' ways have ended."""
        ended = 0
        while claims := await self._claim():
            ended += sum(await asyncio.gather(*(self._deliver(claim) for claim in claims)))
        return ended

    async def deliver_one(self, message: str) -> bool:
        """Deliver one message out of turn, over one round. False: it waits, has ended, or is in another sender's hands."""
        ledger, policy = self._means.ledger, self._policy
        claim = await ledger.claim_one(message, self.owner, self._means.clock(), policy.lease)
        return claim is not None and await self._deliver(claim)

    async def _start_due(self) -> bool:
        try:
            claims = await self._claim()
        except LedgerError as error:
            _log.error("delivery.ledger_out_of_reach", error=str(error))
            return False
        for claim in claims:
            task = asyncio.create_task(self._deliver(claim), name=f"deliver {claim.message.id}")
            self._in_flight[task] = claim.seq
            task.add_done_callback(self._landed)
        return bool(claims)

    async def _claim(self) -> tuple[Claim, ...]:
        """What there is room for. Where reports take all of it, there is as much again for alerts alone."""
        room = self._room()
        if not room and len(self._in_flight) >= 2 * self._policy.ahead:
            return ()
        now, lease = self._means.clock(), self._policy.lease
        limit = room or self._policy.ahead // 4
        claims = await self._means.ledger.claim(self.owner, now, lease, limit, alerts_only=not room)
        # Whose lease ran out while it waits here for its turn goes on; a second time would be twice.
        flying = set(self._in_flight.values())
        return tuple(claim for claim in claims if claim.seq not in flying)

    def _room(self) -> int:
        """How many to claim now: one look at the outbox costs more than a message, so several are taken with each."""
        free = self._policy.ahead - len(self._in_flight)
        return free if free >= max(1, self._policy.ahead // 4) else 0

    async def _deliver(self, claim: Claim) -> bool:
        try:
            async with held(claim, self._means.ledger, self._policy, self._means.clock):
                return await DeliveryAttempt(claim, self._means).run()
        except asyncio.CancelledError:
            # The try is on record as begun, so whoever sends it next looks whether it arrived.
            await self._means.ledger.put_back(claim, self._means.clock(), failed=False)
            raise
        except LedgerError as error:
            # The lease runs out by itself; the message is not lost.
            _log.error("delivery.ledger_out_of_reach", message=claim.message.id, error=str(error))
            return False

    def _landed(self, task: asyncio.Task[bool]) -> None:
        del self._in_flight[task]
        self._means.ledger.posted.set()  # there is room for another, and one that waited behind it may go
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("delivery.broke", error=type(error).__name__)

    async def _rest(self) -> None:
        """Wait for a post, for a landing, or until the next message is due."""
        rung = asyncio.create_task(self._means.ledger.posted.wait())
        nap = asyncio.ensure_future(self._means.sleep(await self._nap_seconds()))
        try:
            await asyncio.wait({rung, nap}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            rung.cancel()
            nap.cancel()
            await asyncio.gather(rung, nap, return_exceptions=True)

    async def _nap_seconds(self) -> float:
        if not self._room():
            return self._policy.idle.total_seconds()  # the next landing wakes it
        try:
            due = await self._means.ledger.next_due()
        except LedgerError:
            due = None
        idle = self._policy.idle
        left = idle if due is None else due - self._means.clock()
        # Something due that could not be claimed is in another sender's hands: no reason to spin.
        return max(min(left, idle), timedelta(milliseconds=50)).total_seconds()

    async def _finish(self) -> None:
        if not self._in_flight:
            return
        flying = set(self._in_flight)
        _, late = await asyncio.wait(flying, timeout=self._policy.finish.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)
