"""Schedules probes: spread evenly over the interval, never the same probe twice at once, a limited number in flight."""

import asyncio
import heapq
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

import structlog

from bot.model.signals import Health, Signal


class ScheduledProbe(Protocol):
    """Something to probe repeatedly: a probe or a canary. It is compared by value."""

    @property
    def source(self) -> str:
        """What is probed."""
        ...

    def __hash__(self) -> int: ...


L = TypeVar("L", bound=ScheduledProbe)
Sleep = Callable[[float], Awaitable[None]]

INTERVAL = 30.0
"""Seconds between rounds of a probe."""
FAST_INTERVAL = 8.0
"""Seconds until the next round after a bad result: confirming an incident takes several bad rounds, and people are waiting."""
FAST_ROUNDS = 5
"""Fast rounds in a row, at most, so that an endpoint that stays down is not flooded."""
AT_ONCE = 500
"""Probes in flight, at most."""
JITTER = 0.05
"""Share of the interval by which a round may come early, so that replicas do not probe in the same second."""
_log = structlog.get_logger(__name__)


class ProbeScheduler(Generic[L]):
    """Runs each probe every `interval` seconds; `tell` receives every signal.

    A probe that is still running when its next round is due skips that round. `now` is a monotonic clock in seconds.
    """

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        observe: Callable[[L], Awaitable[Signal]],
        tell: Callable[[Signal], None],
        *,
        now: Callable[[], float],
        sleep: Sleep = asyncio.sleep,
        interval: float = INTERVAL,
        at_once: int = AT_ONCE,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._observe, self._tell = observe, tell
        self._now, self._sleep, self._chance = now, sleep, chance
        self._interval = interval
        self._free = asyncio.Semaphore(at_once)
        self._due: list[tuple[float, int, L]] = []
        self._flying: dict[L, asyncio.Task[None]] = {}
        self._extra: list[tuple[float, int, L]] = []
        self._bad: dict[L, int] = {}
        self._numbers = itertools.count()
        self.skipped_rounds = 0
        """Rounds that were skipped because the one before had not ended."""

    def set(self, probes: Sequence[L]) -> None:
        """Run these probes from now on: new ones start within one interval, removed ones are not started again."""
        wanted = dict.fromkeys(probes)
        kept = [item for item in self._due if item[2] in wanted]
        self._extra = [item for item in self._extra if item[2] in wanted]
        self._bad = {probe: number for probe, number in self._bad.items() if probe in wanted}
        known = {probe for _, _, probe in kept}
        fresh = [probe for probe in wanted if probe not in known]
        begin = self._now()
        for number, probe in enumerate(fresh):
            kept.append((begin + self._interval * number / len(fresh), next(self._numbers), probe))
        heapq.heapify(kept)
        self._due = kept

    async def run(self) -> None:
        """Run the probes until cancelled."""
        try:
            while True:
                await self._sleep(await self._begin_due())
        finally:
            flying = list(self._flying.values())
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)

    async def _begin_due(self) -> float:
        """Start the probes that are due; the seconds until the next one is."""
        now = self._now()
        while self._due and self._due[0][0] <= now:
            due, _, probe = heapq.heappop(self._due)
            early = self._interval * JITTER * self._chance()
            # After a long sleep of the machine, missed rounds are not made up for: the next one is an interval from now.
            following = max(due, now - self._interval) + self._interval - early
            heapq.heappush(self._due, (following, next(self._numbers), probe))
            await self._begin(probe)
        while self._extra and self._extra[0][0] <= now:
            await self._begin(heapq.heappop(self._extra)[2])
        ahead = [items[0][0] for items in (self._due, self._extra) if items]
        return max(0.0, min([1.0, *(due - self._now() for due in ahead)]))

    async def _begin(self, probe: L) -> None:
        if probe in self._flying:
            self.skipped_rounds += 1
            return
        await self._free.acquire()
        self._flying[probe] = asyncio.create_task(self._round(probe))

    async def _round(self, probe: L) -> None:
        try:
            signal = await self._observe(probe)
            self._tell(signal)
            self._schedule_fast_round(probe, signal)
        except Exception as error:  # noqa: BLE001 - one failed round must not end the others
            _log.error("probe_crashed", probe=probe.source, error=type(error).__name__)
        finally:
            self._free.release()
            self._flying.pop(probe, None)

    def _schedule_fast_round(self, probe: L, signal: Signal) -> None:
        if signal.state is not Health.BAD:
            self._bad.pop(probe, None)
            return
        self._bad[probe] = self._bad.get(probe, 0) + 1
        waiting = any(item[2] == probe for item in self._extra)
        if self._bad[probe] <= FAST_ROUNDS and not waiting:
            heapq.heappush(self._extra, (self._now() + FAST_INTERVAL, next(self._numbers), probe))
