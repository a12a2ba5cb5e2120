"""Limits how many messages are sent to one platform at once; alerts go before reports that came first."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from itertools import count


async def within(patience: timedelta | None, turn: AsyncExitStack, *places: AbstractAsyncContextManager[None]) -> bool:
    """Enter these places one after another, to be left with `turn`. False: it took longer than `patience`."""
    try:
        async with asyncio.timeout(None if patience is None else patience.total_seconds()):
            for place in places:
                await turn.enter_async_context(place)
    except TimeoutError:
        return False
    return True


class ConcurrencyLimiter:
    """Lets `at_once` messages be sent, and a few more prepare while their attempt is being recorded.

    `turn` is entered by rank (0 first), then in the order of arrival; `line` bounds the sends themselves. A platform that
    hangs fills its own limiter and no other's.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once + max(1, at_once // 4)
        self._line = asyncio.Semaphore(at_once)
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = count()

    @asynccontextmanager
    async def turn(self, rank: int) -> AsyncIterator[None]:
        """Wait for a place, and hold it for the block."""
        await self._enter(rank)
        try:
            yield
        finally:
            self._leave()

    @asynccontextmanager
    async def line(self) -> AsyncIterator[None]:
        """Send within the block."""
        async with self._line:
            yield

    async def _enter(self, rank: int) -> None:
        if self._free and not self._queue:
            self._free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (rank, next(self._arrivals), mine))
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._leave()  # the place was granted at the moment of the cancellation
            raise

    def _leave(self) -> None:
        while self._queue:
            _, _, mine = heapq.heappop(self._queue)
            if not mine.done():
                mine.set_result(None)
                return
        self._free += 1
