"""Waits until something is so."""

import asyncio
from collections.abc import Callable


async def until(so: Callable[[], object], within: float = 60) -> None:
    """Return once `so` is; fail after `within` seconds."""
    async with asyncio.timeout(within):
        while not so():  # noqa: ASYNC110 - what is waited for is in a server or another process and rings no bell
            await asyncio.sleep(0.01)
