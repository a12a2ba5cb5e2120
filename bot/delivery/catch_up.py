"""The primary route is back: its channel gets one digest of what went by a fallback, not a burst of stale posts."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

import structlog

from bot.cards.messages.catch_up import catch_up_card
from bot.model import Audience, Clock, Message, Priority, Purpose, utc_now
from bot.storage.diverted import diverted, last_digest, rewrite
from bot.storage.ledger import Ledger

LOOK_EVERY = timedelta(seconds=30)
LOOK_BACK = timedelta(days=2)
"""What went by a fallback longer ago is no news any more; neither is a digest that waited so long."""

_log = structlog.get_logger(__name__)


class CatchUp:
    """Keeps one digest for each audience in the outbox, for its primary route alone, behind everything else.

    The outbox tries it like any post, so it leaves as soon as the primary route takes posts again; until then it is
    rewritten with what went elsewhere meanwhile.
    """

    def __init__(
        self,
        ledger: Ledger,
        audiences: Mapping[str, Audience],
        *,
        clock: Clock = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ledger, self._audiences, self._clock, self._sleep = ledger, audiences, clock, sleep

    async def run(self) -> None:
        """Look every half minute, until cancelled."""
        while True:
            await self.look()
            await self._sleep(LOOK_EVERY.total_seconds())

    async def look(self) -> None:
        """Write or rewrite the digest of every audience that missed something."""
        for audience in self._audiences.values():
            if len(audience.routes) > 1:
                await self._of(audience)

    async def _of(self, audience: Audience) -> None:
        now, primary = self._clock(), audience.routes[0].name
        last = await last_digest(self._ledger, audience.name)
        begin = now - LOOK_BACK
        if last is not None and not last.waits:
            begin = max(begin, last.until)
        missed = await diverted(self._ledger, audience.name, primary, begin)
        if not missed or (last is not None and last.waits and missed[-1].at <= last.until):
            return
        card = catch_up_card(audience.name, [(one.at, one.title, one.route) for one in missed]).dump()
        if last is not None and last.waits:
            await rewrite(self._ledger, last.id, card, now)
            return
        about = f"catch-up:{audience.name}:{missed[0].message}"
        message = Message(
            about, audience.name, card, Priority.LATER, about, now, now + LOOK_BACK, purpose=Purpose.CATCH_UP
        )
        if await self._ledger.post(message, [primary], now):
            _log.info("catch_up_waits", audience=audience.name, route=primary)
