"""What a worker does: take an account, read it as any audit would, and leave what it brought in the ledger."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.audit.collectors.aws.batches import Sift
from bot.audit.facts_codec import encode
from bot.audit.workers.queue import MOST_TRIES
from bot.model import Collected, Place, Progress, UnusableError
from bot.storage.ledger import Ledger

_log = structlog.get_logger(__name__)


class AccountCollector(Protocol):
    """What can be read an account at a time: `collectors.aws.AwsCollector`."""

    def accounts(self, progress: "ReportProgress") -> Awaitable[Collected]:
        """Which accounts there are."""
        ...

    def read(
        self, accounts: Sequence[str], progress: "ReportProgress", only: frozenset[Place] | None = None
    ) -> Awaitable[Collected]:
        """One unit of an audit."""
        ...


class ReportProgress(Protocol):
    """Where progress is told."""

    def __call__(self, progress: Progress, /) -> None:
        """Take it."""
        ...


@dataclass(frozen=True, slots=True)
class AccountReader:
    """Takes accounts from the queue. `sift`: what of an account's facts is worth keeping."""

    ledger: Ledger
    source: AccountCollector
    sift: Sift

    async def take(self, run: str, account: str, worker: str, attempt: int) -> None:
        """Read one account of a run.

        Raises:
            UnusableError: it could not be read this time, and is to be tried again.
        """
        if attempt > MOST_TRIES:
            why = f"each of the {MOST_TRIES} workers that began to read it died"
            await self.ledger.unit_failed(run, account, why, again=False)
            return
        errand = await self.ledger.begin_unit(run, account, worker)
        if errand is None:
            return
        try:
            unit = await self.source.read((account,), _quietly, errand.only)
        except UnusableError as error:
            again = attempt < MOST_TRIES
            await self.ledger.unit_failed(run, account, str(error), again=again)
            if again:
                raise
            return
        except asyncio.CancelledError:
            why = "the worker was stopped while it read it"
            await self.ledger.unit_failed(run, account, why, again=attempt < MOST_TRIES)
            raise
        kept = Collected(self.sift(unit.facts), unit.gaps, unit.read, unit.accounts, unit.calls, unit.seconds)
        await self.ledger.save_unit(run, account, await asyncio.to_thread(encode, kept))
        _log.info("workers.read", account=account, facts=len(kept.facts), calls=kept.calls, seconds=kept.seconds)


def _quietly(_: Progress) -> None:
    """A unit is one step of the whole."""
