"""Collects facts through workers: queues the accounts, waits until they are read, and merges the results."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.audit.collectors.aws.batches import Assembly, FactFilter, accounts_to_read
from bot.audit.facts_codec import decode
from bot.audit.ledger import RunLedger
from bot.audit.workers.queue import JobQueue
from bot.audit.workers.worker import AccountCollector
from bot.model import Clock, Collected, Place, Progress, UnusableError
from bot.storage.audit_units import Run, Unit
from checks import Service

POLL_INTERVAL = 1.0
"""Seconds between polls of the workers' progress."""

WORKER_TIMEOUT = timedelta(minutes=1)
"""How long to wait for a worker while none sends a heartbeat."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DistributedCollector:
    """Implements `model.Collector` with workers. Concurrent requests, and one after a crash, share the same run.

    `patience`: how long to wait for all accounts; accounts not read by then become gaps. `worker_timeout`: how long to
    wait while no worker runs.
    """

    ledger: RunLedger
    queue: Callable[[], JobQueue]
    source: AccountCollector
    fact_filter: FactFilter
    clock: Clock
    patience: timedelta
    worker_timeout: timedelta = WORKER_TIMEOUT
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def collect(
        self,
        services: Sequence[Service],  # noqa: ARG002 - whole accounts are read, and attributed by tags later
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Queue every account, and wait until workers have read them.

        Raises:
            UnusableError: no account is readable, or no worker runs.
        """
        started = time.monotonic()
        listed = await self.source.accounts(progress)
        accounts = accounts_to_read(listed.accounts, only)
        assembly = Assembly(self.fact_filter)
        assembly.gaps += listed.gaps
        assembly.calls = listed.calls
        if accounts:
            async with self.queue().opened() as queue:
                run = await self.ledger.open_run(accounts, only, self.clock())
                if run.to_order:
                    await queue.enqueue(run.id, run.accounts)
                    await self.ledger.run_ordered(run.id)
                reason = await self._wait(run, queue, progress)
            await self._assemble(run, assembly, reason, progress)
            await self.ledger.close_run(run.id)
        return assembly.collected(time.monotonic() - started)

    async def _wait(self, run: Run, queue: JobQueue, progress: Callable[[Progress], None]) -> str:
        """Wait until all accounts are read, or for as long as allowed. Returns why the wait ended."""
        total, deadline = len(run.accounts), time.monotonic() + self.patience.total_seconds()
        no_worker_since: float | None = None
        while time.monotonic() < deadline:
            states = await self.ledger.unit_states(run.id)
            done, reading = states.get("read", 0) + states.get("failed", 0), states.get("reading", 0)
            if done >= total or not states:
                return "the audit run was deleted meanwhile"
            alive = await queue.workers()
            progress(Progress(done, total, await self._status(run, alive, reading)))
            now = time.monotonic()
            no_worker_since = None if alive else no_worker_since or now
            if no_worker_since is not None and now - no_worker_since > self.worker_timeout.total_seconds():
                if not done:
                    raise UnusableError("no worker is running", "start `backstay worker`, or unset audits.workers")
                return "no worker is running any more"
            await self.sleep(POLL_INTERVAL)
        return f"no worker read it within {max(1, round(self.patience.total_seconds() / 60))} min"

    async def _status(self, run: Run, alive: int, reading: int) -> str:
        if not alive:
            return "waiting for a worker; start one with `backstay worker`"
        accounts = ", ".join(await self.ledger.accounts_being_read(run.id))
        more = f" and {reading - 3} more" if reading > 3 else ""
        workers = f"{alive} {'worker' if alive == 1 else 'workers'}"
        return f"{workers} reading accounts {accounts}{more}" if accounts else f"{workers} reading accounts"

    async def _assemble(self, run: Run, assembly: Assembly, late: str, progress: Callable[[Progress], None]) -> None:
        """Merge the results account by account, which bounds memory. `late`: the reason for accounts not read."""
        for number, account in enumerate(run.accounts, 1):
            unit = await self.ledger.unit(run.id, account)
            if unit is not None and unit.blob is not None:
                assembly.add(await asyncio.to_thread(decode, unit.blob))
            else:
                assembly.add_unreadable(account, _reason(unit, late))
            if number % 50 == 0:
                progress(Progress(number, len(run.accounts), "merging results of accounts"))
        _log.info(
            "worker_run_assembled",
            run=run.id,
            accounts=len(run.accounts),
            unread=len(run.accounts) - len(assembly.accounts),
        )


def _reason(unit: Unit | None, late: str) -> str:
    if unit is None or not unit.reason:
        return late
    return unit.reason if unit.state == "failed" else f"{late}; last attempt failed: {unit.reason}"
