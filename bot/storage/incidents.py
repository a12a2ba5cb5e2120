"""Incidents and the last notification of each audience about them."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Purpose
from bot.model.incidents import Incident, NotificationReceipt, Phase
from bot.model.notifications import NotificationState
from bot.storage.engine import Store, insert
from bot.storage.message_purpose import has_purpose, is_about, reason_of
from bot.storage.tables import alerts, incidents, messages, outbox, receipts
from checks import Severity

_ADAPTER: TypeAdapter[Incident] = TypeAdapter(Incident)
_PROBLEMS = {
    "pending": "still pending",
    "superseded": "superseded before it was sent",
    "expired": "expired before it was sent",
}


async def save(connection: AsyncConnection, incident: Incident) -> None:
    """Save an incident in place of its earlier state, within the caller's transaction."""
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


async def save_notification_state(connection: AsyncConnection, state: NotificationState) -> None:
    """Save the last notification of an audience about an incident, within the caller's transaction."""
    row: dict[str, Any] = {
        "incident": state.incident,
        "audience": state.audience,
        "message": state.message,
        "phase": state.phase.value,
        "wave": state.wave,
        "severity": state.severity.value,
        "down": list(state.down),
        "at": state.at,
        "step": state.step,
        "alert_key": state.alert_key,
        "reason": state.reason,
        "interrupted": [at.isoformat() for at in state.interrupted],
        "hit": list(state.hit),
        "was_down": list(state.was_down),
        "acknowledged_by": state.acknowledged_by,
    }
    added = insert(connection, alerts).values(row)
    changed = {name: added.excluded[name] for name in row if name not in ("incident", "audience")}
    await connection.execute(added.on_conflict_do_update(index_elements=["incident", "audience"], set_=changed))


class IncidentStore(Store):
    """The part of the ledger that incidents are kept in."""

    async def incidents_since(self, since: datetime) -> tuple[Incident, ...]:
        """Open incidents, and those that ended at or after `since`; oldest first."""
        wanted = or_(incidents.c.phase != Phase.RESOLVED.value, incidents.c.resolved_at >= since)
        query = select(incidents.c.body).where(wanted).order_by(incidents.c.onset_at, incidents.c.id)
        async with self.read() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        return tuple(_ADAPTER.validate_python(body, strict=False) for body in bodies)

    async def notification_states(self, incident: str = "") -> tuple[NotificationState, ...]:
        """The last notification of each audience about an incident, or about all where none is named."""
        query = select(alerts).order_by(alerts.c.at)
        if incident:
            query = query.where(alerts.c.incident == incident)
        async with self.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            NotificationState(
                incident=row.incident,
                audience=row.audience,
                message=row.message,
                at=row.at,
                phase=Phase(row.phase),
                wave=row.wave,
                severity=Severity(row.severity),
                down=tuple(row.down),
                step=row.step,
                alert_key=row.alert_key,
                reason=row.reason,
                interrupted=tuple(datetime.fromisoformat(at) for at in row.interrupted),
                hit=tuple(row.hit),
                was_down=tuple(row.was_down),
                acknowledged_by=row.acknowledged_by,
            )
            for row in rows
        )

    async def notification_receipts(self, incident: str) -> tuple[NotificationReceipt, ...]:
        """Which audiences were notified of an incident, when and by which route, by the receipts; oldest first."""
        own = select(alerts.c.message).where(
            alerts.c.incident == incident
        )  # also the last ones of incidents that were merged into it
        about = or_(is_about(incident), messages.c.id.in_(own))
        sent = (receipts.c.message == messages.c.id) & (receipts.c.outcome == "sent")
        query = (
            select(messages.c.id, messages.c.audience, messages.c.created_at, outbox.c.state)
            .add_columns(messages.c.purpose, messages.c.reason, messages.c.replaces)
            .add_columns(receipts.c.route, receipts.c.at)
            .join(outbox, outbox.c.seq == messages.c.seq)
            .outerjoin(receipts, sent)
            .where(about, messages.c.replaces == "", messages.c.under == "")
            .where(~has_purpose(Purpose.FOLLOW_UP))
            .order_by(messages.c.seq)
        )
        async with self.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            NotificationReceipt(
                row.audience,
                reason_of(row),
                row.created_at,
                row.at,
                row.route or "",
                "" if row.at else _PROBLEMS.get(row.state, "refused by every route"),
            )
            for row in rows
        )
