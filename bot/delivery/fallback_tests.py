"""Tests every fallback route once a month, or when somebody asks, with a message through the outbox."""

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.cards.messages.fallback_test import route_test_card
from bot.delivery import Sender
from bot.model import Audience, Clock, Message, Priority, Purpose, Receipt, utc_now

EVERY = timedelta(days=28)
"""A test is valid for 30 days; this leaves two days to repeat a failed one."""

SPREAD = timedelta(days=5)
CHECK_EVERY = timedelta(hours=1)
_WORTH = timedelta(hours=12)
_POLL = 0.5
_FINAL = ("sent", "refused", "expired")
_log = structlog.get_logger(__name__)


class FallbackTestLedger(Protocol):
    """The part of the ledger that fallback tests are posted to and recorded in."""

    async def post(self, message: Message, routes: Sequence[str], now: datetime | None = None) -> bool:
        """Accept a message for delivery. False: it was accepted before."""

    async def receipts(self, *, message: str = "") -> tuple[Receipt, ...]:
        """The receipts of a message, oldest first."""

    async def route_tests(self) -> Mapping[str, datetime]:
        """When each route last delivered a test, by the route's name."""


def message_for(audience: str, route: str, now: datetime, *, asked_by: str = "") -> Message:
    """A test message for one route. The ledger records when it was delivered.

    The monthly one is accepted once a day, however many replicas post it.
    """
    about = f"route-test:{route}/{now:%Y-%m-%d}"
    name = f"{about}/{secrets.token_hex(4)}" if asked_by else about
    card = route_test_card(audience, route, now, asked_by=asked_by).dump()
    dedupe, expires_at = "" if asked_by else about, now + _WORTH
    return Message(name, audience, card, Priority.REPLY, dedupe, now, expires_at, purpose=Purpose.FALLBACK_TEST)


async def send_test(  # noqa: PLR0913 - its edges, clock and sleep are handed in
    sender: Sender,
    ledger: FallbackTestLedger,
    audience: Audience,
    route: str,
    *,
    asked_by: str,
    wait: timedelta,
    clock: Clock = utc_now,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Receipt | None:
    """Posts a test message and waits for its receipt; any sender of the ledger may send it.

    Returns:
        The last receipt: sent or refused, else the last one within `wait`. None: there was none.
    """
    now = clock()
    message = message_for(audience.name, route, now, asked_by=asked_by)
    await ledger.post(message, [route], now)
    receipts: tuple[Receipt, ...] = ()
    while clock() - now < wait:
        await sender.deliver_one(message.id)
        receipts = await ledger.receipts(message=message.id)
        if receipts and receipts[-1].outcome in _FINAL:
            break
        await sleep(_POLL)
    return receipts[-1] if receipts else None


class FallbackTests:
    """Tests every fallback route of every audience once a month."""

    def __init__(
        self,
        ledger: FallbackTestLedger,
        audiences: Mapping[str, Audience],
        *,
        clock: Clock = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ledger, self._audiences, self._clock, self._sleep = ledger, audiences, clock, sleep

    async def run(self) -> None:
        """Post due tests every hour until cancelled; the first time within an hour after the start."""
        await self._sleep(CHECK_EVERY.total_seconds() * _share("start"))
        while True:
            await self.post_due()
            await self._sleep(CHECK_EVERY.total_seconds())

    async def post_due(self) -> int:
        """Post the tests that are due now and return how many."""
        now, tested = self._clock(), await self._ledger.route_tests()
        posted = 0
        for audience, route in self._fallbacks():
            last = tested.get(route)
            if last is not None and now - last < EVERY - SPREAD * _share(route):
                continue
            if await self._ledger.post(message_for(audience, route, now), [route], now):
                posted += 1
                _log.info(
                    "fallback_test_posted", route=route, audience=audience, last=last.isoformat() if last else None
                )
        return posted

    def _fallbacks(self) -> Iterator[tuple[str, str]]:
        """Each fallback route once, with the first audience that lists it."""
        found: dict[str, str] = {}
        for audience in self._audiences.values():
            for spec in audience.routes[1:]:
                found.setdefault(spec.name, audience.name)
        for route, name in found.items():
            yield name, route


def _share(name: str) -> float:
    """A number from 0 to 1, always the same for the same name: spreads tests over days without any state."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) / 2**32
