"""Reads one queued account for a worker and stores the result in the ledger."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from bot.audit.collectors.aws.batches import FactFilter
from bot.audit.facts_codec import encode
from bot.audit.ledger import UnitLedger
from bot.audit.workers.queue import MAX_ATTEMPTS
from bot.model import Collected, Place, Progress, UnusableError

_log = structlog.get_logger(__name__)


class AccountCollector(Protocol):
    """A collector that can read single accounts, such as `AwsCollector`."""

    def accounts(self, progress: "ReportProgress") -> Awaitable[Collected]:
        """The accounts to read, without facts."""
        ...

    def read(
        self, accounts: Sequence[str], progress: "ReportProgress", only: frozenset[Place] | None = None
    ) -> Awaitable[Collected]:
        """Read these accounts."""
        ...


class ReportProgress(Protocol):
    """A callback that receives progress."""

    def __call__(self, progress: Progress, /) -> None:
        """Receive one progress report."""
        ...


@dataclass(frozen=True, slots=True)
class AccountReader:
    """Reads the accounts of jobs. `fact_filter`: drops facts that no service needs."""

    ledger: UnitLedger
    source: AccountCollector
    fact_filter: FactFilter

    async def read(self, run: str, account: str, worker: str, attempt: int) -> None:
        """Read one account of a run and store the result. `attempt` counts from 1.

        Raises:
            UnusableError: reading failed, and the job is to be retried.
        """
        if attempt > MAX_ATTEMPTS:
            reason = f"{MAX_ATTEMPTS} workers died while reading it"
            await self.ledger.unit_failed(run, account, reason, again=False)
            return
        order = await self.ledger.begin_unit(run, account, worker)
        if order is None:
            return
        try:
            unit = await self.source.read((account,), _ignore_progress, order.only)
        except UnusableError as error:
            again = attempt < MAX_ATTEMPTS
            await self.ledger.unit_failed(run, account, str(error), again=again)
            if again:
                raise
            return
        except asyncio.CancelledError:
            reason = "the worker was stopped while reading it"
            await self.ledger.unit_failed(run, account, reason, again=attempt < MAX_ATTEMPTS)
            raise
        kept = replace(unit, facts=self.fact_filter(unit.facts, unit.gaps))
        await self.ledger.save_unit(run, account, await asyncio.to_thread(encode, kept))
        _log.info("worker_account_read", account=account, facts=len(kept.facts), calls=kept.calls, seconds=kept.seconds)


def _ignore_progress(_: Progress) -> None:
    """An account is a single step in the progress of the run."""
