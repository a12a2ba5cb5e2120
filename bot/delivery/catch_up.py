"""Posts one digest of diverted messages when the primary route is back, instead of a burst of stale messages."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from bot.cards.messages.catch_up import MissedPost, catch_up_card
from bot.cards.sanitise import cut
from bot.model import Audience, Clock, Message, Priority, Purpose, utc_now
from bot.storage.diverted import Diverted, LastDigest

CHECK_EVERY = timedelta(seconds=30)
MAX_AGE = timedelta(days=2)
"""Older diverted messages are left out, and a digest that waits longer expires."""
_TITLE = 160
_log = structlog.get_logger(__name__)


class CatchUpLedger(Protocol):
    """The part of the ledger that digests are made from."""

    async def diverted(self, audience: str, primary: str, since: datetime) -> Sequence[Diverted]:
        """The messages that an audience got by a fallback after `since`."""

    async def last_digest(self, audience: str) -> LastDigest | None:
        """The newest digest of an audience."""

    async def rewrite(self, id: str, card: Mapping[str, Any], now: datetime) -> bool:
        """Replace the card of a pending message."""

    async def post(self, message: Message, routes: Sequence[str], now: datetime | None = None) -> bool:
        """Accept a message for delivery."""


class CatchUp:
    """Keeps one digest for each audience in the outbox, for its primary route alone and after everything else.

    It is retried like any message, so it is sent as soon as the primary route works again; until then it is rewritten with
    every further message that was diverted.
    """

    def __init__(
        self,
        ledger: CatchUpLedger,
        audiences: Mapping[str, Audience],
        *,
        clock: Clock = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ledger, self._audiences, self._clock, self._sleep = ledger, audiences, clock, sleep

    async def run(self) -> None:
        """Update the digests every 30 s until cancelled."""
        while True:
            await self.update()
            await self._sleep(CHECK_EVERY.total_seconds())

    async def update(self) -> None:
        """Write or rewrite the digest of every audience that has diverted messages."""
        for audience in self._audiences.values():
            if len(audience.routes) > 1:
                await self._update_one(audience)

    async def _update_one(self, audience: Audience) -> None:
        now, primary = self._clock(), audience.routes[0].name
        last = await self._ledger.last_digest(audience.name)
        begin = now - MAX_AGE
        if last is not None and not last.waits:
            begin = max(begin, last.until)
        missed = await self._ledger.diverted(audience.name, primary, begin)
        if not missed or (last is not None and last.waits and missed[-1].at <= last.until):
            return
        card = catch_up_card(audience.name, [_missed(message) for message in missed]).dump()
        if last is not None and last.waits:
            await self._ledger.rewrite(last.id, card, now)
            return
        about = f"catch-up:{audience.name}:{missed[0].message}"
        message = Message(
            about, audience.name, card, Priority.LATER, about, now, now + MAX_AGE, purpose=Purpose.CATCH_UP
        )
        if await self._ledger.post(message, [primary], now):
            _log.info("catch_up_posted", audience=audience.name, route=primary)


def _missed(message: Diverted) -> MissedPost:
    # The title of a broadcast is its severity alone.
    title = f"{message.title}: {message.summary}" if message.kind == "broadcast" else message.title
    return MissedPost(message.at, cut(title, _TITLE), message.route, message.incident)
