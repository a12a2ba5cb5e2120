"""Runs the control group at the very moment at which a target fails, one round for all that fail about then.

Whether a target is down or our own line is can only be told by looking at both at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from bot.model.signals import Health, Signal

C = TypeVar("C")
Sleep = Callable[[float], Awaitable[None]]

GAP = 2.0
"""Seconds between the beginnings of two rounds: what fails in between shares the second one."""


@dataclass(frozen=True, slots=True)
class ControlRound:
    """One round of the whole control group. `begun` is set when its probes start, `done` when all their signals were told."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)


class ControlGroup(Generic[C]):
    """The control group. `tell` receives each signal of a round; `now`: a monotonic clock in seconds."""

    def __init__(
        self,
        observe: Callable[[C], Awaitable[Signal]],
        tell: Callable[[Signal], None],
        *,
        now: Callable[[], float],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._observe, self._tell, self._now, self._sleep = observe, tell, now, sleep
        self.members: Sequence[C] = ()
        """What is probed in each round."""
        self.rounds = 0
        """Rounds so far."""
        self._next: ControlRound | None = None
        self._last = float("-inf")
        self._tasks: set[asyncio.Task[None]] = set()

    def join(self) -> ControlRound:
        """The next round that begins, at once or at most `GAP` after the last one."""
        if self._next is None:
            self._next = ControlRound()
            task = asyncio.create_task(self._run(self._next))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self._next

    async def close(self) -> None:
        """End the rounds that are under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, begins: ControlRound) -> None:
        try:
            wait = self._last + GAP - self._now()
            if wait > 0:
                await self._sleep(wait)
        finally:
            self._next, self._last = None, self._now()
            begins.begun.set()
        try:
            self.rounds += bool(self.members)
            await asyncio.gather(*(self._probe(member) for member in self.members), return_exceptions=True)
        finally:
            begins.done.set()

    async def _probe(self, member: C) -> None:
        self._tell(await self._observe(member))


async def call_beside(controls: ControlGroup[Any], target: C, call: Callable[[C], Awaitable[Signal]]) -> Signal:
    """Make a call; after a failure make it again at the same moment as a round of the control group, whose signals come first."""
    first = await call(target)
    if first.state not in (Health.BAD, Health.DEGRADED):
        return first
    beside = controls.join()
    await beside.begun.wait()
    second = await call(target)
    await beside.done.wait()
    return replace(second, retried=second.state is Health.GOOD)
