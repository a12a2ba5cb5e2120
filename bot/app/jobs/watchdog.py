"""Watches over backstay itself: a dead route, an outbox or a schedule that stands still is told to those who run it."""

import asyncio
import hashlib
import socket
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Protocol

import structlog

from bot.cards.card import Card
from bot.cards.messages.self_check import clock_card, dead_route_card, standstill_card, unread_card
from bot.delivery.scheduler import due
from bot.model import Audience, Clock, Message, Priority, Purpose, Schedule, utc_now
from bot.storage.diverted import RefusedDelivery
from bot.storage.ledger import Ledger, LedgerError

LOOK_EVERY = timedelta(minutes=1)
STANDS_STILL = timedelta(minutes=15)
"""So long may the oldest post wait, or a slot be late, before it counts as a standstill."""

CLOCK_OFF = timedelta(seconds=5)
"""A quarter of the lease under which a replica sends a post."""

_LOOK_BACK = timedelta(days=1)
_WORTH = timedelta(days=1)
_log = structlog.get_logger(__name__)


class Polling(Protocol):
    """The reading of status pages, as far as it is watched over. `feed_room.FeedRoom` is the real one."""

    def unreadable(self) -> Mapping[str, str]:
        """Feeds that our services need and that could not be read for long: name -> a sentence on it."""
        ...

    def standstill(self) -> str:
        """A sentence where nothing is asked any more, else empty."""
        ...


class Watchdog:
    """Looks once a minute. What it finds goes to `admins` through the outbox, once a day each; without them into the log."""

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        ledger: Ledger,
        schedules: Callable[[], Awaitable[Iterable[Schedule]]],
        admins: Audience | None,
        *,
        patience: timedelta = STANDS_STILL,
        clock: Clock = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        polling: Polling | None = None,
    ) -> None:
        self._polling, self._unread = polling, set[tuple[str, date]]()
        self._ledger, self._schedules, self._admins = ledger, schedules, admins
        self._patience, self._clock, self._sleep = patience, clock, sleep

    async def run(self) -> None:
        """Look until cancelled. The first look comes after a minute, so that what waited through a stop can leave."""
        while True:
            await self._sleep(LOOK_EVERY.total_seconds())
            await self.look()

    async def look(self) -> None:
        """Tell of dead routes, unread feeds, a clock that is off, and standstills."""
        await self._dead_routes()
        await self._unread_feeds()
        await self._clock_off()
        troubles = await self.troubles()
        if troubles:
            await self._tell(f"standstill:{self._clock():%Y-%m-%d}", standstill_card(troubles))

    async def troubles(self) -> list[str]:
        """What stands still now, a sentence each; empty: outbox and schedules go on."""
        now = self._clock()
        try:
            found = [*await self._outbox(now), *await self._slots(now)]
            await self._ledger.check_writable()  # a full disk lets everything be read as before
        except LedgerError as error:
            return [f"The ledger is out of reach: {error}"]
        polling = self._polling.standstill() if self._polling else ""
        return [*found, polling] if polling else found

    async def _outbox(self, now: datetime) -> list[str]:
        backlog = await self._ledger.backlog()
        if backlog.oldest is None or now - backlog.oldest <= self._patience:
            return []
        waits = int((now - backlog.oldest).total_seconds() // 60)
        return [f"The oldest of {backlog.pending} posts in the outbox has waited for {waits} minutes."]

    async def _clock_off(self) -> None:
        """Of two replicas whose clocks differ by a lease, one takes posts from the other while it sends them."""
        try:
            ahead = await self._ledger.clock_ahead(self._clock)
        except LedgerError:
            return  # told as a trouble of its own
        if abs(ahead) >= CLOCK_OFF:
            host = socket.gethostname()[:60]
            await self._tell(f"clock:{host}:{self._clock():%Y-%m-%d}", clock_card(host, ahead))

    async def _slots(self, now: datetime) -> list[str]:
        late = []
        for schedule in await self._schedules():
            settled = await self._ledger.begin_schedule(schedule.id, now)
            missing = due(schedule, settled, now - self._patience)
            if missing:
                late.append(f"The schedule {schedule.id} has not run since {missing[0]:%Y-%m-%d %H:%M} UTC.")
        return late

    async def _unread_feeds(self) -> None:
        """A page that cannot be read is no standstill of ours, but whoever relies on it has to know: once a day each."""
        unread, today = self._polling.unreadable() if self._polling else {}, self._clock().date()
        fresh = {(name, today) for name in unread} - self._unread
        if fresh:
            names = " ".join(sorted(unread))
            about = f"feeds-unread:{today}:{hashlib.blake2b(names.encode(), digest_size=6).hexdigest()}"
            await self._tell(about, unread_card(unread))
            self._unread = {one for one in self._unread if one[1] == today} | fresh

    async def _dead_routes(self) -> None:
        lost = {message.id for message in await self._ledger.undelivered()}
        found: dict[str, list[RefusedDelivery]] = defaultdict(list)
        for one in await self._ledger.refusals(self._clock() - _LOOK_BACK):
            found[one.route].append(one)
        for route, cases in found.items():
            audiences = list(dict.fromkeys(one.audience for one in cases))
            gone = len({one.message for one in cases} & lost)
            card = dead_route_card(route, cases[-1].reason, audiences, gone)
            await self._tell(f"dead-route:{route}:{cases[-1].at:%Y-%m-%d}", card)

    async def _tell(self, about: str, card: Card) -> None:
        now = self._clock()
        if self._admins is None:
            _log.error("trouble", about=about, said=card.summary)
            return
        message = Message(
            about, self._admins.name, card.dump(), Priority.ALERT, about, now, now + _WORTH, purpose=Purpose.SELF_CHECK
        )
        if await self._ledger.post(message, [route.name for route in self._admins.routes], now):
            _log.error("trouble_told", about=about, audience=self._admins.name)
