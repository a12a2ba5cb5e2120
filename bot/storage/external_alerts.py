"""Keeps the alerts of other monitoring systems over a restart and shares them with every replica."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.external_alerts import SourceAlerts, fold_alerts
from bot.model.signals import Health, Signal
from bot.model.thresholds import Thresholds
from bot.storage.engine import Store, insert
from bot.storage.tables import hooked
from checks import Scope

PLACES = 200
"""Most scopes kept apart for one source; alerts beyond that count for the provider as a whole."""
_ADAPTER: TypeAdapter[SourceAlerts] = TypeAdapter(SourceAlerts)


class ExternalAlertStore(Store):
    """The part of the ledger that alerts of other monitoring systems are kept in."""

    async def save_alerts(self, hook: str, signals: Sequence[Signal], now: datetime) -> tuple[Signal, ...]:
        """Save alerts of a source; one signal for each scope that they are about. Repeated alerts change nothing."""
        async with self.write() as connection:
            await _forget(connection, hook, now)
            places = await _bounded(connection, hook, signals)
            found = [await _save(connection, hook, scope, alerts, now) for scope, alerts in places.items()]
        return tuple(state.signal for state in found if state is not None)

    async def alert_signals(self, since: datetime) -> tuple[Signal, ...]:
        """The signals of sources about scopes that had an alert at or after `since`, oldest first."""
        query = select(hooked.c.body).where(hooked.c.heard_at >= since).order_by(hooked.c.heard_at)
        async with self.read() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        return tuple(_ADAPTER.validate_python(body, strict=False).signal for body in bodies)


async def _forget(connection: AsyncConnection, hook: str, now: datetime) -> None:
    """Delete alerts that have expired."""
    gone = hooked.c.heard_at < now - Thresholds().hook_lasts
    await connection.execute(delete(hooked).where(hooked.c.hook == hook, gone))


async def _bounded(connection: AsyncConnection, hook: str, signals: Iterable[Signal]) -> dict[Scope, list[Signal]]:
    """The alerts by scope. New scopes beyond the limit are widened to the provider, never dropped."""
    places: dict[Scope, list[Signal]] = defaultdict(list)
    for signal in signals:
        places[signal.scope].append(signal)
    kept = select(func.count()).select_from(hooked).where(hooked.c.hook == hook)
    free = PLACES - int((await connection.execute(kept)).scalar_one())
    if len(places) <= free:
        return places
    known = set((await connection.execute(select(hooked.c.scope).where(hooked.c.hook == hook))).scalars())
    wide: dict[Scope, list[Signal]] = defaultdict(list)
    for scope, alerts in places.items():
        fresh = str(scope) not in known
        free -= fresh
        wide[scope if not fresh or free >= 0 else Scope(scope.provider)] += alerts
    return wide


async def _save(
    connection: AsyncConnection, hook: str, scope: Scope, alerts: Sequence[Signal], now: datetime
) -> SourceAlerts | None:
    """The alerts of a scope after these; None: the end of an alert that never began."""
    mine = (hooked.c.hook == hook) & (hooked.c.scope == str(scope))
    held = select(hooked.c.body).where(mine).with_for_update()
    body = (await connection.execute(held)).scalar_one_or_none()
    if body is None:
        if all(alert.state is not Health.BAD for alert in alerts):
            return None
        # Insert the row first, so that of two replicas with alerts of a new scope the second waits for the first.
        fresh = SourceAlerts(hook, scope, min(alert.at for alert in alerts))
        row = {"hook": hook, "scope": str(scope), "body": _dumped(fresh), "heard_at": now}
        await connection.execute(insert(connection, hooked).values(row).on_conflict_do_nothing())
        body = (await connection.execute(held)).scalar_one()
    # 10,000 alerts take longer than the event loop can spare.
    after = await asyncio.to_thread(fold_alerts, _ADAPTER.validate_python(body, strict=False), alerts, now)
    await connection.execute(update(hooked).where(mine).values(body=_dumped(after), heard_at=now))
    return after


def _dumped(alerts: SourceAlerts) -> Any:
    return _ADAPTER.dump_python(alerts, mode="json")
