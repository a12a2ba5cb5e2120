"""Runs one probe: tries again before it reports a failure, and returns a signal."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from bot.detection.probes.dns import query_dns
from bot.detection.probes.probe import Probe, ProbeAnswer, signal_of
from bot.detection.probes.web import WebProber
from bot.model import Clock
from bot.model.signals import Health, Signal

Sleep = Callable[[float], Awaitable[None]]

TIMEOUT = 3.0
"""Seconds for one attempt. Two attempts and the pause between them fit into the fast interval of 8 s."""
ATTEMPTS = 2
"""Failed attempts in a row after which the result is bad: one lost packet is not an outage."""
PAUSE = 0.7
"""Average seconds between attempts, randomised so that many probes do not run at once."""


class Prober:
    """Runs probes. `vantage` names this replica in its signals."""

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        web: WebProber,
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
        """Try at most twice; a good or unknown result ends it. Never raises."""
        answer = await self._attempt(probe)
        for _ in range(ATTEMPTS - 1):
            if answer.state is not Health.BAD:
                break
            await self._sleep(PAUSE * (0.5 + self._chance()))
            answer = await self._attempt(probe)
        return signal_of(probe, answer, self._clock(), self._vantage)

    async def _attempt(self, probe: Probe) -> ProbeAnswer:
        match probe.kind:
            case "dns":
                return await query_dns(probe, self._timeout)
            case "http":
                return await self._web.get(probe, self._timeout)
            case "tcp" | "tls":
                return await self._web.connect(probe, self._timeout)
