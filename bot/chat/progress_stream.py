"""Shows the progress of a command's long work as cards, and keeps its result."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Generic, TypeVar

from bot.cards.card import Card
from bot.cards.messages.progress import progress_card
from bot.model import Progress, Progressing

T = TypeVar("T")


class ProgressStream(Generic[T]):
    """A piece of work whose progress is shown.

    Args:
        work: does it, given where to report.
        what: names it: `Auditing checkout`.
    """

    def __init__(self, work: Callable[[Progressing], Awaitable[T]], *, what: str) -> None:
        self._work, self._what = work, what
        self._newest, self._changed, self._begun = Progress(0, 0), asyncio.Event(), time.monotonic()
        self._result: list[T] = []

    @property
    def result(self) -> T:
        """The result of the work, available once `cards` has ended."""
        return self._result[0]

    async def cards(self) -> AsyncGenerator[Card, None]:
        """Do the work: a card at once, then one for each newest report; ends when the work ends.

        Closing the generator early cancels the work.

        Raises:
            Exception: whatever the work raised.
        """
        task = asyncio.ensure_future(self._run())
        try:
            yield self._card()
            while not task.done():
                await self._changed.wait()
                self._changed.clear()
                if not task.done():
                    yield self._card()
            await task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):  # already raised to the caller that still iterates
                await task

    async def _run(self) -> None:
        try:
            self._result.append(await self._work(self._report))
        finally:
            self._changed.set()

    def _report(self, progress: Progress) -> None:
        self._newest = progress
        self._changed.set()

    def _card(self) -> Card:
        return progress_card(
            self._newest, what=self._what, running=timedelta(seconds=int(time.monotonic() - self._begun))
        )
