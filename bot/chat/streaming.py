"""Streams a command's cards into one message: the first at once, then the newest at intervals, and always the last."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress

from bot.cards.card import Card


async def stream_latest(
    cards: AsyncGenerator[Card, None], show: Callable[[Card], Awaitable[None]], *, pause: float
) -> None:
    """Hand each card to `show`, except those that a newer one has overtaken while it was busy or paused.

    Args:
        cards: progress, then the answer; read without waiting for `show`.
        show: puts a card in front of people; must not raise for what the platform does.
        pause: seconds between two cards of progress; the answer does not wait.

    Raises:
        Exception: whatever the cards raised, once those before it were shown.
    """
    first = await anext(cards, None)
    if first is None:
        return
    newest = [first]
    changed, ended = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        try:
            async for card in cards:
                newest[:] = [card]
                changed.set()
        finally:
            ended.set()
            changed.set()

    reading = asyncio.create_task(read())
    try:
        while newest or not ended.is_set():
            if newest:
                await show(newest.pop())
                with suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), pause)
            else:
                await changed.wait()
                changed.clear()
        await reading
    finally:
        reading.cancel()
        await asyncio.wait([reading])
