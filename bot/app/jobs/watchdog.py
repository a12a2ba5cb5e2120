"""Checks backstay itself: dead routes, unread feeds, a wrong clock, a stalled outbox or schedule are reported to its operators."""

import asyncio
import hashlib
import socket
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

import structlog

from bot.cards.card import Card
from bot.cards.messages.self_check import clock_card, dead_route_card, deaf_chat_card, standstill_card, unread_card
from bot.chat.reception import Reception
from bot.delivery.scheduler import due
from bot.model import Audience, Clock, Message, Priority, Purpose, Schedule, utc_now
from bot.storage.diverted import RefusedDelivery
from bot.storage.ledger import LedgerError
from bot.storage.outbox import Backlog

CHECK_EVERY = timedelta(minutes=1)
STALLED_AFTER = timedelta(minutes=15)
"""How long the oldest message may wait, or a scheduled post be late, before it counts as stalled."""

CLOCK_OFF = timedelta(seconds=5)
"""A quarter of the lease under which a replica sends a post."""

_REFUSALS_WITHIN = timedelta(days=1)
_EXPIRES_AFTER = timedelta(days=1)
_log = structlog.get_logger(__name__)


class Polling(Protocol):
    """What the watchdog asks of the reading of status pages; `FeedMonitor` is the real one."""

    def unreadable(self) -> Mapping[str, str]:
        """Feeds that the services need and that could not be read for long: name -> a sentence about it."""
        ...

    def standstill(self) -> str:
        """A sentence if status pages are no longer read, else empty."""
        ...


class WatchdogLedger(Protocol):
    """The parts of the ledger that the self-check reads, and the outbox for its posts."""

    async def backlog(self) -> Backlog:
        """How many messages are pending, and how many failed."""
        ...

    async def begin_schedule(self, schedule: str, now: datetime) -> datetime:
        """The last settled slot of a schedule; `now` for a new schedule, which is recorded."""
        ...

    async def check_writable(self) -> None:
        """Write to the disk without changing anything that the ledger contains."""
        ...

    async def clock_ahead(self, clock: Callable[[], datetime]) -> timedelta:
        """How far `clock` is ahead of the database's, accurate to the time of one query; zero on SQLite."""
        ...

    async def post(self, message: Message, routes: Sequence[str], now: datetime | None = None) -> bool:
        """Accept a message for delivery in its own transaction. False: its id or dedupe was accepted before."""
        ...

    async def refusals(self, since: datetime) -> tuple[RefusedDelivery, ...]:
        """The newest 1,000 messages that routes refused at or after `since`, oldest first."""
        ...

    async def undelivered(self, limit: int = 100) -> tuple[Message, ...]:
        """The newest `limit` messages that every route refused, oldest first."""
        ...


class Watchdog:
    """Checks once a minute. Problems go to `admins` through the outbox, once a day each; without `admins` they go to the log."""

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        ledger: WatchdogLedger,
        schedules: Callable[[], Awaitable[Iterable[Schedule]]],
        admins: Audience | None,
        *,
        patience: timedelta = STALLED_AFTER,
        clock: Clock = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        polling: Polling | None = None,
        reception: Callable[[], Mapping[str, Reception]] = dict,
    ) -> None:
        self._reception = reception
        self._polling, self._unread = polling, set[tuple[str, date]]()
        self._ledger, self._schedules, self._admins = ledger, schedules, admins
        self._patience, self._clock, self._sleep = patience, clock, sleep

    async def run(self) -> None:
        """Check until cancelled. The first check comes after a minute, so that messages that waited during a stop can be sent."""
        while True:
            await self._sleep(CHECK_EVERY.total_seconds())
            await self.check()

    async def check(self) -> None:
        """Report dead routes, unread feeds, a wrong clock, and anything that is stalled.

        Without the ledger nothing can be reported through the outbox; `LedgerGuard` tells that.
        """
        try:
            await self._check()
        except LedgerError as error:
            _log.error("self_check_without_ledger", error=str(error))

    async def _check(self) -> None:
        await self._report_dead_routes()
        await self._report_unread_feeds()
        await self._report_wrong_clock()
        await self._report_deaf_chat()
        stalled = await self._stalled()
        if stalled:
            await self._report(f"standstill:{self._clock():%Y-%m-%d}", standstill_card(stalled))

    async def problems(self) -> list[str]:
        """What is stalled or deaf now, a sentence each; empty if messages, schedules, status pages and chat are processed."""
        deaf = [f"{name.capitalize()} cannot be heard: {reason}" for name, reason in self._deaf().items()]
        return [*await self._stalled(), *deaf]

    def _deaf(self) -> dict[str, str]:
        """The chat platforms from which nothing arrives -> why."""
        return {name: found.state for name, found in self._reception().items() if found.deaf}

    async def _report_deaf_chat(self) -> None:
        """People who get no answer in chat have nobody there to ask: once a day for each platform and reason."""
        for name, reason in self._deaf().items():
            digest = hashlib.blake2b(reason.encode(), digest_size=6).hexdigest()
            await self._report(f"deaf:{name}:{digest}:{self._clock():%Y-%m-%d}", deaf_chat_card(name, reason))

    async def _stalled(self) -> list[str]:
        now = self._clock()
        try:
            found = [*await self._stalled_outbox(now), *await self._late_schedules(now)]
            await self._ledger.check_writable()  # a full disk lets everything be read as before
        except LedgerError as error:
            return [f"The ledger cannot be reached: {error}"]
        polling = self._polling.standstill() if self._polling else ""
        return [*found, polling] if polling else found

    async def _stalled_outbox(self, now: datetime) -> list[str]:
        backlog = await self._ledger.backlog()
        if backlog.oldest is None or now - backlog.oldest <= self._patience:
            return []
        waits = int((now - backlog.oldest).total_seconds() // 60)
        return [f"The oldest of {backlog.pending} messages in the outbox has waited for {waits} min."]

    async def _report_wrong_clock(self) -> None:
        """If the clocks of two replicas differ by a lease, one takes messages from the other while those are being sent."""
        try:
            ahead = await self._ledger.clock_ahead(self._clock)
        except LedgerError:
            return  # `problems` reports it
        if abs(ahead) >= CLOCK_OFF:
            host = socket.gethostname()[:60]
            await self._report(f"clock:{host}:{self._clock():%Y-%m-%d}", clock_card(host, ahead))

    async def _late_schedules(self, now: datetime) -> list[str]:
        late = []
        for schedule in await self._schedules():
            settled = await self._ledger.begin_schedule(schedule.id, now)
            missing = due(schedule, settled, now - self._patience)
            if missing:
                late.append(f"Schedule {schedule.id} has not run since {missing[0]:%Y-%m-%d %H:%M} UTC.")
        return late

    async def _report_unread_feeds(self) -> None:
        """An unread page does not stop backstay, but operators have to know: once a day for each page."""
        unread, today = self._polling.unreadable() if self._polling else {}, self._clock().date()
        fresh = {(name, today) for name in unread} - self._unread
        if fresh:
            names = " ".join(sorted(unread))
            about = f"feeds-unread:{today}:{hashlib.blake2b(names.encode(), digest_size=6).hexdigest()}"
            await self._report(about, unread_card(unread))
            self._unread = {(name, day) for name, day in self._unread if day == today} | fresh

    async def report_refused(self, message: Message, why: str) -> None:  # noqa: ARG002 - `Sender.tell_undelivered` says why
        """Report at once the routes that refused a message which no other route took."""
        if message.purpose is not Purpose.SELF_CHECK:
            await self._report_dead_routes()

    async def _report_dead_routes(self) -> None:
        lost = {message.id for message in await self._ledger.undelivered()}
        found: dict[str, list[RefusedDelivery]] = defaultdict(list)
        for refusal in await self._ledger.refusals(self._clock() - _REFUSALS_WITHIN):
            found[refusal.route].append(refusal)
        for route, refusals in found.items():
            audiences = list(dict.fromkeys(refusal.audience for refusal in refusals))
            undelivered = len({refusal.message for refusal in refusals} & lost)
            card = dead_route_card(route, refusals[-1].reason, audiences, undelivered)
            await self._report(f"dead-route:{route}:{refusals[-1].at:%Y-%m-%d}", card)

    async def _report(self, about: str, card: Card) -> None:
        now = self._clock()
        if self._admins is None:
            _log.error("self_check_failed", about=about, problem=card.summary)
            return
        message = Message(
            about,
            self._admins.name,
            card.dump(),
            Priority.ALERT,
            about,
            now,
            now + _EXPIRES_AFTER,
            purpose=Purpose.SELF_CHECK,
        )
        if await self._ledger.post(message, [route.name for route in self._admins.routes], now):
            _log.error("self_check_reported", about=about, audience=self._admins.name)
