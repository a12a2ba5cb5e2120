"""The parts of the ledger that audits use."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.model import Place
from bot.model.records import RunbookCopy
from bot.storage.audit_units import Run, Unit, UnitRequest
from checks import PastScore, Scorecard, Waiver


class AuditLedger(Protocol):
    """Keeps scores, the facts of the last audit, and waivers."""

    async def history(self, service: str, since: datetime) -> tuple[PastScore, ...]:
        """Stored scores at or after `since`, oldest first; `service` empty: the estate's."""
        ...

    async def last_audit_at(self) -> datetime | None:
        """When the last audit was made; None before the first."""
        ...

    async def last_audit_blob(self) -> tuple[datetime, bytes] | None:
        """When the last audit was, and its facts as `save_audit` took them; None before the first."""
        ...

    async def save_audit(self, scorecard: Scorecard, blob: bytes) -> None:
        """Save the scores of an audit, and its facts (`blob`) in place of the previous audit's."""
        ...

    async def waivers(self, now: datetime) -> tuple[Waiver, ...]:
        """The waivers that are valid at `now` (UTC), oldest first."""
        ...


class RunbookLedger(Protocol):
    """Keeps the copies of runbooks."""

    async def delete_runbook(self, service: str) -> None:
        """Delete the copy of a service that no longer names a runbook."""
        ...

    async def runbooks(self) -> dict[str, RunbookCopy]:
        """All copies, by service."""
        ...

    async def save_runbooks(self, copies: Sequence[RunbookCopy]) -> None:
        """Save copies, each in place of its service's earlier one."""
        ...


class RunLedger(Protocol):
    """Keeps an audit that workers carry out, account by account."""

    async def accounts_being_read(self, run: str) -> tuple[str, ...]:
        """Up to three of the accounts that are being read."""
        ...

    async def close_run(self, run: str) -> None:
        """Record that a run is merged, so that nobody joins it any more."""
        ...

    async def open_run(self, accounts: Sequence[str], only: frozenset[Place] | None, now: datetime) -> Run:
        """Join the current run of these places, or start one; old runs are deleted."""
        ...

    async def run_ordered(self, run: str) -> None:
        """Record that the units of a run were handed out."""
        ...

    async def unit(self, run: str, account: str) -> Unit | None:
        """One account of a run with its facts."""
        ...

    async def unit_states(self, run: str) -> Mapping[str, int]:
        """How many accounts are in which state; empty where the run is gone."""
        ...


class UnitLedger(Protocol):
    """Keeps what a worker read of an account."""

    async def begin_unit(self, run: str, account: str, worker: str) -> UnitRequest | None:
        """Record which worker reads an account. None: there is nothing left to do."""
        ...

    async def save_unit(self, run: str, account: str, blob: bytes) -> None:
        """Save the facts of an account."""
        ...

    async def unit_failed(self, run: str, account: str, reason: str, *, again: bool) -> None:
        """Record why an account could not be read. `again`: it is tried once more."""
        ...
