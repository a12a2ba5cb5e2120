"""Schedules probes: spread evenly over the interval, never the same probe twice at once, a limited number in flight."""

import asyncio
import heapq
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

import structlog

from bot.detection.probes.doubts import FAST_INTERVAL, FAST_ROUNDS, Doubts
from bot.detection.probes.machine_sleep import MachineSleep
from bot.model.signals import Signal

__all__ = ["FAST_INTERVAL", "FAST_ROUNDS", "INTERVAL", "ProbeScheduler", "ScheduledProbe"]


class ScheduledProbe(Protocol):
    """Something to probe repeatedly: a probe or a canary. It is compared by value."""

    @property
    def source(self) -> str:
        """What is probed."""
        ...

    @property
    def interval(self) -> float:
        """At least so many seconds between two rounds, unless in doubt; 0: as often as the others."""
        ...

    def __hash__(self) -> int: ...


L = TypeVar("L", bound=ScheduledProbe)
Sleep = Callable[[float], Awaitable[None]]

INTERVAL = 30.0
"""Seconds between rounds of a probe."""
AFTER_SLEEP = 30.0
"""Seconds within which everything is probed again after the machine slept, at most."""
AT_ONCE = 500
"""Probes in flight, at most."""
JITTER = 0.05
"""Share of the interval by which a round may come early, so that replicas do not probe in the same second."""
_log = structlog.get_logger(__name__)


class ProbeScheduler(Generic[L]):
    """Runs each probe every `interval` seconds, and every 8 s while it is in doubt; `tell` receives every signal.

    A probe that is still running when its next round is due skips that round. `now` is a monotonic clock in seconds, `wall` the
    time of day in seconds, by which a sleep of the machine shows; without it none is noticed.
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
        wall: Callable[[], float] | None = None,
    ) -> None:
        self._observe, self._tell = observe, tell
        self._now, self._sleep, self._chance = now, sleep, chance
        self._interval = interval
        self._free = asyncio.Semaphore(at_once)
        self._due: list[tuple[float, int, L]] = []
        self._flying: dict[L, asyncio.Task[None]] = {}
        self._extra: list[tuple[float, int, L]] = []
        self._hurried: set[L] = set()
        self._doubts: Doubts[L] = Doubts(now)
        self._machine = MachineSleep(now, wall)
        self._numbers = itertools.count()
        self.skipped_rounds = 0
        """Rounds that were skipped because the one before had not ended."""

    def set(self, probes: Sequence[L]) -> None:
        """Run these probes from now on: new ones start within one interval, removed ones are not started again."""
        wanted = dict.fromkeys(probes)
        kept = [item for item in self._due if item[2] in wanted]
        self._extra = [item for item in self._extra if item[2] in wanted]
        heapq.heapify(self._extra)
        self._hurried = {item[2] for item in self._extra}
        self._doubts.keep(wanted)
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
        if self._machine.slept():
            self._probe_all_soon()
        now = self._now()
        while self._due and self._due[0][0] <= now:
            due, _, probe = heapq.heappop(self._due)
            interval = max(self._interval, probe.interval)
            early = interval * JITTER * self._chance()
            # After a long stop of this process, missed rounds are not made up for: the next one is an interval from now.
            following = max(due, now - interval) + interval - early
            heapq.heappush(self._due, (following, next(self._numbers), probe))
            if probe not in self._hurried:
                await self._begin(probe)
        while self._extra and self._extra[0][0] <= now:
            probe = heapq.heappop(self._extra)[2]
            self._hurried.discard(probe)
            await self._begin(probe)
        ahead = [items[0][0] for items in (self._due, self._extra) if items]
        return max(0.0, min([1.0, *(due - self._now() for due in ahead)]))

    def _probe_all_soon(self) -> None:
        """Probe everything again: what was known before the machine slept is long past."""
        now, soon = self._now(), min(self._interval, AFTER_SLEEP)
        probes = [probe for _, _, probe in sorted(self._due)]
        self._due = [
            (now + soon * number / len(probes), next(self._numbers), probe) for number, probe in enumerate(probes)
        ]

    async def _begin(self, probe: L) -> None:
        if probe in self._flying:
            self.skipped_rounds += 1
            return
        await self._free.acquire()
        self._flying[probe] = asyncio.create_task(self._round(probe))

    async def _round(self, probe: L) -> None:
        began, asleep = self._now(), self._machine.look()
        try:
            signal = await self._observe(probe)
            if self._machine.look() != asleep:  # an answer from before the sleep says nothing about now
                self._hurry(probe, self._now())
                return
            self._tell(signal)
            if self._doubts.runs_fast_after(probe, signal):
                self._hurry(probe, max(began + min(FAST_INTERVAL, self._interval), self._now()))
        except Exception as error:  # noqa: BLE001 - one failed round must not end the others
            _log.error("probe_crashed", probe=probe.source, error=type(error).__name__)
        finally:
            self._free.release()
            self._flying.pop(probe, None)

    def _hurry(self, probe: L, due: float) -> None:
        if probe not in self._hurried:
            self._hurried.add(probe)
            heapq.heappush(self._extra, (due, next(self._numbers), probe))
