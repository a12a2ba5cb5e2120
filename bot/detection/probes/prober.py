"""One round of one probe: looks, looks again before it calls anything bad, and hands over a signal."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from bot.detection.probes.dns import look_up
from bot.detection.probes.probe import Answer, Probe, signal_of
from bot.detection.probes.web import Web
from bot.model import Clock
from bot.model.incidents import Health, Signal

Sleep = Callable[[float], Awaitable[None]]

TIMEOUT = 3.0
"""Seconds for one look. Two of them and the pause between fit into the hurried round of 8 s."""
LOOKS = 2
"""Bad is what is bad so many times in a row: one lost packet is no outage."""
PAUSE = 0.7
"""Seconds between looks, spread so that many probes do not ask at once."""


class Prober:
    """Runs probes. `vantage` names this replica in what it sees."""

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        web: Web,
        *,
        clock: Clock,
        vantage: str = "",
        sleep: Sleep = asyncio.sleep,
        timeout: float = TIMEOUT,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._web, self._clock, self._vantage = web, clock, vantage
        self._sleep, self._timeout, self._chance = sleep, timeout, chance

    async def observe(self, probe: Probe) -> Signal:
        """Look twice at most; the first good look stands, and so does what cannot be told. Never raises."""
        answer = await self._look(probe)
        for _ in range(LOOKS - 1):
            if answer.state is not Health.BAD:
                break
            await self._sleep(PAUSE * (0.5 + self._chance()))
            answer = await self._look(probe)
        return signal_of(probe, answer, self._clock(), self._vantage)

    async def _look(self, probe: Probe) -> Answer:
        match probe.kind:
            case "dns":
                return await look_up(probe, self._timeout)
            case "http":
                return await self._web.get(probe, self._timeout)
            case "tcp" | "tls":
                return await self._web.connect(probe, self._timeout)
