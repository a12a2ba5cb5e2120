"""Measures the delay of the event loop, so that blocking work shows before people notice it."""

import asyncio
from collections import deque

EVERY_SECONDS = 0.25
MINUTE = 240
MOMENT = 20


class LoopLag:
    """Measures the event loop that it runs on and keeps the last minute."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=MINUTE)

    @property
    def worst_seconds(self) -> float:
        """The longest delay within the last minute."""
        return max(self._late, default=0.0)

    @property
    def recent_seconds(self) -> float:
        """The longest delay within the last five seconds."""
        return max(list(self._late)[-MOMENT:], default=0.0)

    async def run(self) -> None:
        """Measure until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
            self._late.append(max(0.0, clock() - due))
