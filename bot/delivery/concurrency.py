"""How many messages are on the line to one platform at once, and who is next: an alert goes before a report that came first."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count


class ConcurrencyLimiter:
    """Lets `at_once` through to the line, and a few more up to it, whose try is being written down meanwhile.

    `turn` is entered by rank (0 first), then in the order of their coming; `line` is the line itself. A platform that
    hangs fills its own gate and no other's.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once + max(1, at_once // 4)
        self._line = asyncio.Semaphore(at_once)
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._came = count()

    @asynccontextmanager
    async def turn(self, rank: int) -> AsyncIterator[None]:
        """Wait to be next, and hold the place for the block."""
        await self._enter(rank)
        try:
            yield
        finally:
            self._leave()

    @asynccontextmanager
    async def line(self) -> AsyncIterator[None]:
        """Be on the line for the block."""
        async with self._line:
            yield

    async def _enter(self, rank: int) -> None:
        if self._free and not self._queue:
            self._free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (rank, next(self._came), mine))
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._leave()  # the place was given in the moment of the cancellation
            raise

    def _leave(self) -> None:
        while self._queue:
            _, _, mine = heapq.heappop(self._queue)
            if not mine.done():
                mine.set_result(None)
                return
        self._free += 1
