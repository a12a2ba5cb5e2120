"""What hooks have told, kept over a restart and seen by every replica: their alerts are sent to one of them, once."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.external_alerts import SourceAlerts, fold_alerts
from bot.model.incidents import Health, Signal
from bot.model.thresholds import Thresholds
from bot.storage.engine import Store, insert
from bot.storage.tables import hooked
from checks import Scope

PLACES = 200
"""So many places of one hook are told apart; what comes beyond is told of their providers as a whole."""
_ADAPTER: TypeAdapter[SourceAlerts] = TypeAdapter(SourceAlerts)


class ExternalAlertStore(Store):
    """The part of the ledger that remembers what hooks say."""

    async def save_alerts(self, hook: str, signals: Sequence[Signal], now: datetime) -> tuple[Signal, ...]:
        """Take in alerts of a hook; its word on each place that they are about. The same alerts twice are as once."""
        async with self.write() as connection:
            await _forget(connection, hook, now)
            places = await _bounded(connection, hook, signals)
            found = [await _heard(connection, hook, scope, alerts, now) for scope, alerts in places.items()]
        return tuple(one.signal for one in found if one is not None)

    async def alert_signals(self, since: datetime) -> tuple[Signal, ...]:
        """What hooks say of places of which one told at or after `since`, oldest first."""
        query = select(hooked.c.body).where(hooked.c.heard_at >= since).order_by(hooked.c.heard_at)
        async with self.read() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        return tuple(_ADAPTER.validate_python(body, strict=False).signal for body in bodies)


async def _forget(connection: AsyncConnection, hook: str, now: datetime) -> None:
    """What has run out makes room."""
    gone = hooked.c.heard_at < now - Thresholds().hook_lasts
    await connection.execute(delete(hooked).where(hooked.c.hook == hook, gone))


async def _bounded(connection: AsyncConnection, hook: str, signals: Iterable[Signal]) -> dict[Scope, list[Signal]]:
    """The alerts by their place. New places beyond the limit are widened to the provider, never dropped."""
    places: dict[Scope, list[Signal]] = defaultdict(list)
    for one in signals:
        places[one.scope].append(one)
    kept = select(func.count()).select_from(hooked).where(hooked.c.hook == hook)
    room = PLACES - int((await connection.execute(kept)).scalar_one())
    if len(places) <= room:
        return places
    known = set((await connection.execute(select(hooked.c.scope).where(hooked.c.hook == hook))).scalars())
    wide: dict[Scope, list[Signal]] = defaultdict(list)
    for scope, alerts in places.items():
        fresh = str(scope) not in known
        room -= fresh
        wide[scope if not fresh or room >= 0 else Scope(scope.provider)] += alerts
    return wide


async def _heard(
    connection: AsyncConnection, hook: str, scope: Scope, alerts: Sequence[Signal], now: datetime
) -> SourceAlerts | None:
    """None: it is over by the word of a hook that never said that it had begun."""
    mine = (hooked.c.hook == hook) & (hooked.c.scope == str(scope))
    held = select(hooked.c.body).where(mine).with_for_update()
    body = (await connection.execute(held)).scalar_one_or_none()
    if body is None:
        if all(one.state is not Health.BAD for one in alerts):
            return None
        # The row first: of two replicas that hear of a new place at once the second waits for what the first writes.
        fresh = SourceAlerts(hook, scope, min(one.at for one in alerts))
        row = {"hook": hook, "scope": str(scope), "body": _dumped(fresh), "heard_at": now}
        await connection.execute(insert(connection, hooked).values(row).on_conflict_do_nothing())
        body = (await connection.execute(held)).scalar_one()
    # A storm of 10,000 alerts takes longer than the loop that answers people can spare.
    after = await asyncio.to_thread(fold_alerts, _ADAPTER.validate_python(body, strict=False), alerts, now)
    await connection.execute(update(hooked).where(mine).values(body=_dumped(after), heard_at=now))
    return after


def _dumped(one: SourceAlerts) -> Any:
    return _ADAPTER.dump_python(one, mode="json")
