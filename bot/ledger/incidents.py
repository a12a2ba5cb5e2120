"""Incidents and what each audience was told of them, kept over a restart."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.incidents import Told
from bot.ledger._store import Store, insert
from bot.ledger._tables import alerts, incidents
from bot.signals import OwnIncident, Phase
from checks import Severity

_ADAPTER: TypeAdapter[OwnIncident] = TypeAdapter(OwnIncident)


async def save(connection: AsyncConnection, incident: OwnIncident) -> None:
    """Keep an incident in place of what was known of it."""
    row: dict[str, Any] = {
        "id": incident.id,
        "phase": incident.phase.value,
        "onset_at": incident.onset_at,
        "updated_at": incident.updated_at,
        "resolved_at": incident.resolved_at,
        "body": _ADAPTER.dump_python(incident, mode="json"),
    }
    added = insert(connection, incidents).values(row)
    changed = {name: added.excluded[name] for name in row if name != "id"}
    await connection.execute(added.on_conflict_do_update(index_elements=["id"], set_=changed))


async def save_told(connection: AsyncConnection, told: Told) -> None:
    """Keep what an audience knows of an incident."""
    row: dict[str, Any] = {
        "incident": told.incident,
        "audience": told.audience,
        "message": told.message,
        "phase": told.phase.value,
        "wave": told.wave,
        "severity": told.severity.value,
        "down": list(told.down),
        "at": told.at,
        "step": told.step,
    }
    added = insert(connection, alerts).values(row)
    changed = {name: added.excluded[name] for name in row if name not in ("incident", "audience")}
    await connection.execute(added.on_conflict_do_update(index_elements=["incident", "audience"], set_=changed))


class IncidentBook(Store):
    """The part of the ledger that remembers incidents."""

    async def kept_incidents(self, since: datetime) -> tuple[OwnIncident, ...]:
        """Those that are open, and those that ended at or after `since`; oldest first."""
        wanted = or_(incidents.c.phase != Phase.RESOLVED.value, incidents.c.resolved_at >= since)
        query = select(incidents.c.body).where(wanted).order_by(incidents.c.onset_at, incidents.c.id)
        async with self.read() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        return tuple(_ADAPTER.validate_python(body, strict=False) for body in bodies)

    async def kept_told(self, incident: str = "") -> tuple[Told, ...]:
        """What each audience was told of an incident, of all where none is named."""
        query = select(alerts).order_by(alerts.c.at)
        if incident:
            query = query.where(alerts.c.incident == incident)
        async with self.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            Told(
                incident=row.incident,
                audience=row.audience,
                message=row.message,
                at=row.at,
                phase=Phase(row.phase),
                wave=row.wave,
                severity=Severity(row.severity),
                down=tuple(row.down),
                step=row.step,
            )
            for row in rows
        )
