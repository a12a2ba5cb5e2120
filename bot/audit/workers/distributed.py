"""The collector that has accounts read by workers, waits for them, and puts together what they brought."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.audit.collectors.aws.batches import Assembly, Sift, wanted
from bot.audit.facts_codec import decode
from bot.audit.workers.queue import JobQueue
from bot.audit.workers.worker import AccountCollector
from bot.model import Clock, Collected, Place, Progress, UnusableError
from bot.storage.audit_units import Run, Unit
from bot.storage.ledger import Ledger
from checks import Service

LOOK_EVERY = 1.0
"""Seconds between looks at how far the workers are."""

NOBODY_COMES = timedelta(minutes=1)
"""So long a worker is waited for where none has given a sign of life."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DistributedCollector:
    """A `ports.Collector`. Who asks for the same at the same time, or after somebody who died, gets the same run.

    `patience`: accounts that nobody has read by then count as not read, and are named.
    """

    ledger: Ledger
    queue: Callable[[], JobQueue]
    source: AccountCollector
    sift: Sift
    clock: Clock
    patience: timedelta
    lonely: timedelta = NOBODY_COMES
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def collect(
        self,
        services: Sequence[Service],  # noqa: ARG002 - accounts are read whole; facts find their services by tags
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Have every account read.

        Raises:
            UnusableError: not one account could be read, or no worker runs.
        """
        began = time.monotonic()
        listed = await self.source.accounts(progress)
        accounts = wanted(listed.accounts, only)
        made = Assembly(self.sift)
        made.gaps += listed.gaps
        made.calls = listed.calls
        if accounts:
            async with self.queue().opened() as queue:
                run = await self.ledger.open_run(accounts, only, self.clock())
                if run.to_order:
                    await queue.order(run.id, run.accounts)
                    await self.ledger.run_ordered(run.id)
                late = await self._wait(run, queue, progress)
            await self._put_together(run, made, late, progress)
            await self.ledger.close_run(run.id)
        return made.collected(time.monotonic() - began)

    async def _wait(self, run: Run, queue: JobQueue, progress: Callable[[Progress], None]) -> str:
        """Wait until all are read; why those that are not by now are waited for no longer."""
        total, until = len(run.accounts), time.monotonic() + self.patience.total_seconds()
        lonely_since: float | None = None
        while time.monotonic() < until:
            states = await self.ledger.unit_states(run.id)
            done, reading = states.get("read", 0) + states.get("failed", 0), states.get("reading", 0)
            if done >= total or not states:
                return "its audit was cleared away meanwhile"
            alive = await queue.workers()
            progress(Progress(done, total, await self._doing(run, alive, reading)))
            now = time.monotonic()
            lonely_since = None if alive else lonely_since or now
            if lonely_since is not None and now - lonely_since > self.lonely.total_seconds():
                if not done:
                    raise UnusableError(
                        "no worker reads the accounts", "start `backstay worker`, or unset audits.workers"
                    )
                return "no worker runs any more"
            await self.sleep(LOOK_EVERY)
        return f"no worker had read it after {max(1, round(self.patience.total_seconds() / 60))} min"

    async def _doing(self, run: Run, alive: int, reading: int) -> str:
        if not alive:
            return "accounts read; waiting for a worker (`backstay worker`)"
        some = ", ".join(await self.ledger.accounts_being_read(run.id))
        more = f" and {reading - 3} more" if reading > 3 else ""
        workers = f"{alive} {'worker' if alive == 1 else 'workers'}"
        return f"accounts read by {workers}; now {some}{more}" if some else f"accounts read by {workers}"

    async def _put_together(self, run: Run, made: Assembly, late: str, progress: Callable[[Progress], None]) -> None:
        """One account after the other: only what is kept of them is in memory at the same time."""
        for number, account in enumerate(run.accounts, 1):
            unit = await self.ledger.unit(run.id, account)
            if unit is not None and unit.blob is not None:
                made.add(await asyncio.to_thread(decode, unit.blob))
            else:
                made.lost(account, _why(unit, late))
            if number % 50 == 0:
                progress(Progress(number, len(run.accounts), "accounts put together"))
        _log.info(
            "workers.assembled", run=run.id, accounts=len(run.accounts), unread=len(run.accounts) - len(made.accounts)
        )


def _why(unit: Unit | None, late: str) -> str:
    if unit is None or not unit.reason:
        return late
    return unit.reason if unit.state == "failed" else f"{late}; the last try ended with: {unit.reason}"
