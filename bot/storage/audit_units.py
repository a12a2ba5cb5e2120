"""Distributed audits: which accounts of a run are read by which worker, and their facts until they are merged."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table, Text, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Place
from bot.storage.engine import Store
from bot.storage.tables import metadata
from bot.storage.utc_column import UtcDateTime

JOIN_WITHIN = timedelta(hours=1)
"""A younger run of the same places is joined instead of starting another one."""

ORDER_WITHIN = timedelta(seconds=30)
"""How long the process that began a run may take to hand out its units; then another one does."""

_KEEP = timedelta(days=1)
_OPENING = 4_207_851_221  # advisory lock under which runs are started, so that concurrent requests share one run

audit_runs = Table(
    "audit_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("wanted", Text, nullable=False),  # the places that were asked for, as JSON; empty: all
    Column("state", String(10), nullable=False),  # new, ordered, done
    Column("begun_at", UtcDateTime, nullable=False),
)

audit_units = Table(
    "audit_units",
    metadata,
    Column("run", Text, ForeignKey("audit_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("account", Text, primary_key=True),
    Column("state", String(10), nullable=False),  # waiting, reading, read, failed
    Column("worker", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("blob", LargeBinary),
)


@dataclass(frozen=True, slots=True)
class Run:
    """A running audit. `to_order`: the caller must hand out its units."""

    id: str
    accounts: tuple[str, ...]
    to_order: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """What became of one account of a run. `blob` as `save_unit` took it."""

    account: str
    state: str
    reason: str
    blob: bytes | None


@dataclass(frozen=True, slots=True)
class UnitRequest:
    """The places to read of an account; None: all of them."""

    only: frozenset[Place] | None


class AuditUnitStore(Store):
    """The part of the ledger that distributed audits are kept in."""

    async def open_run(self, accounts: Sequence[str], only: frozenset[Place] | None, now: datetime) -> Run:
        """Join the current run of these places, or start one; old runs are deleted."""
        wanted = "" if only is None else json.dumps(sorted(only))
        async with self.write() as connection:
            if connection.dialect.name != "sqlite":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _OPENING})
            same = (audit_runs.c.wanted == wanted) & (audit_runs.c.state != "done")
            young = audit_runs.c.begun_at > now - JOIN_WITHIN
            newest = select(audit_runs).where(same, young).order_by(audit_runs.c.begun_at.desc()).limit(1)
            found = (await connection.execute(newest)).one_or_none()
            if found is not None:
                late = found.state == "new" and found.begun_at < now - ORDER_WITHIN
                if late:  # the caller gets as long again
                    await _set(connection, found.id, begun_at=now)
                return Run(found.id, await _accounts(connection, found.id), late)
            old = (audit_runs.c.state == "done") | (audit_runs.c.begun_at < now - _KEEP)
            await connection.execute(delete(audit_runs).where(old, audit_runs.c.begun_at < now - JOIN_WITHIN))
            name = secrets.token_hex(8)
            await connection.execute(audit_runs.insert().values(id=name, wanted=wanted, state="new", begun_at=now))
            rows = [{"run": name, "account": account, "state": "waiting"} for account in accounts]
            await connection.execute(audit_units.insert(), rows)
        return Run(name, tuple(accounts), to_order=True)

    async def run_ordered(self, run: str) -> None:
        """Record that the units of a run were handed out."""
        async with self.write() as connection:
            await connection.execute(
                update(audit_runs).where(audit_runs.c.id == run, audit_runs.c.state == "new").values(state="ordered")
            )

    async def close_run(self, run: str) -> None:
        """Record that a run is merged, so that nobody joins it any more."""
        async with self.write() as connection:
            await _set(connection, run, state="done")

    async def begin_unit(self, run: str, account: str, worker: str) -> UnitRequest | None:
        """Record which worker reads an account. None: there is nothing left to do."""
        async with self.write() as connection:
            asked = select(audit_runs.c.wanted, audit_runs.c.state, audit_units.c.state.label("unit"))
            found = (
                await connection.execute(asked.join(audit_units).where(_unit(run, account)).with_for_update())
            ).one_or_none()
            if found is None or found.state == "done" or found.unit in ("read", "failed"):
                return None
            await connection.execute(
                update(audit_units).where(_unit(run, account)).values(state="reading", worker=worker)
            )
        return UnitRequest(frozenset((s, a, r) for s, a, r in json.loads(found.wanted)) if found.wanted else None)

    async def save_unit(self, run: str, account: str, blob: bytes) -> None:
        """Save the facts of an account."""
        async with self.write() as connection:
            kept = update(audit_units).where(_unit(run, account))
            await connection.execute(kept.values(state="read", blob=blob, reason=""))

    async def unit_failed(self, run: str, account: str, reason: str, *, again: bool) -> None:
        """Record why an account could not be read. `again`: it is tried once more."""
        async with self.write() as connection:
            open_yet = update(audit_units).where(_unit(run, account), audit_units.c.state != "read")
            await connection.execute(open_yet.values(state="waiting" if again else "failed", reason=reason))

    async def unit_states(self, run: str) -> Mapping[str, int]:
        """How many accounts are in which state; empty where the run is gone."""
        counted = select(audit_units.c.state, func.count().label("number")).where(audit_units.c.run == run)
        async with self.read() as connection:
            rows = (await connection.execute(counted.group_by(audit_units.c.state))).all()
        return {row.state: int(row.number) for row in rows}

    async def accounts_being_read(self, run: str) -> tuple[str, ...]:
        """Up to three of the accounts that are being read."""
        query = select(audit_units.c.account).where(audit_units.c.run == run, audit_units.c.state == "reading")
        async with self.read() as connection:
            found = (await connection.execute(query.order_by(audit_units.c.account).limit(3))).scalars().all()
        return tuple(found)

    async def unit(self, run: str, account: str) -> Unit | None:
        """One account of a run with its facts."""
        async with self.read() as connection:
            row = (await connection.execute(select(audit_units).where(_unit(run, account)))).one_or_none()
        return None if row is None else Unit(row.account, row.state, row.reason, row.blob)


async def _accounts(connection: AsyncConnection, run: str) -> tuple[str, ...]:
    query = select(audit_units.c.account).where(audit_units.c.run == run).order_by(audit_units.c.account)
    return tuple((await connection.execute(query)).scalars().all())


async def _set(connection: AsyncConnection, run: str, **values: Any) -> None:
    await connection.execute(update(audit_runs).where(audit_runs.c.id == run).values(**values))


def _unit(run: str, account: str) -> Any:
    return (audit_units.c.run == run) & (audit_units.c.account == account)
