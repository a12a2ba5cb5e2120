"""Checklists: the steps of a runbook as they were when an incident began, and who ticked each of them when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.checklists import Checklist, Tick
from bot.storage.engine import Store, insert
from bot.storage.work_tables import checklist_ticks as ticks
from bot.storage.work_tables import checklists as lists


class ChecklistStore(Store):
    """The part of the ledger that checklists are kept in. Ticks are only added: a mistake is undone by a further one."""

    async def checklists(self, incident: str) -> Sequence[Checklist]:
        """The checklists of an incident with all their ticks, the one that was begun first first."""
        async with self.read() as connection:
            return await _of_incident(connection, incident)

    async def begin_checklist(self, checklist: Checklist) -> Checklist:
        """Keep the steps of a service's runbook for an incident; what is kept, if somebody was first, with its ticks."""
        row = {
            "incident": checklist.incident,
            "service": checklist.service,
            "source": checklist.source,
            "steps": list(checklist.steps),
            "started_at": checklist.started_at,
        }
        async with self.write() as connection:
            await connection.execute(insert(connection, lists).values(row).on_conflict_do_nothing())
            kept = await _of_incident(connection, checklist.incident)
        return next(found for found in kept if found.service == checklist.service)

    async def tick(self, incident: str, service: str, tick: Tick) -> bool:
        """Tick a step, or take a tick back. False: it was so already, or the checklist has no such step."""
        async with self.write() as connection:
            same = (lists.c.incident == incident, lists.c.service == service)
            await connection.execute(select(lists.c.service).where(*same).with_for_update())  # one tick at a time
            kept = next((found for found in await _of_incident(connection, incident) if found.service == service), None)
            if kept is None or not 1 <= tick.step <= len(kept.steps) or (tick.step in kept.done) is tick.done:
                return False
            row = {"incident": incident, "service": service, "step": tick.step, "done": int(tick.done)}
            row |= {"by": tick.by, "actor": tick.actor, "at": tick.at}
            await connection.execute(insert(connection, ticks).values(row))
            return True


async def _of_incident(connection: AsyncConnection, incident: str) -> list[Checklist]:
    rows = (await connection.execute(select(lists).where(lists.c.incident == incident))).all()
    if not rows:
        return []
    events = await connection.execute(select(ticks).where(ticks.c.incident == incident).order_by(ticks.c.id))
    by_service: dict[str, list[Tick]] = {row.service: [] for row in rows}
    for event in events:
        by_service.setdefault(event.service, []).append(
            Tick(event.step, bool(event.done), event.by, event.actor, event.at)
        )
    made = [
        Checklist(
            row.incident, row.service, row.source, tuple(row.steps), row.started_at, tuple(by_service[row.service])
        )
        for row in rows
    ]
    return sorted(made, key=_began)


def _began(checklist: Checklist) -> tuple[datetime, str]:
    return checklist.started_at, checklist.service
