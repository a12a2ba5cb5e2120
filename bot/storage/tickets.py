"""Tickets of failed findings: which there are, so that none is created twice."""

from typing import Any

from sqlalchemy import select

from bot.model.tickets import KeptTicket, TicketState
from bot.storage.engine import Store, insert
from bot.storage.work_tables import tickets as table


class TicketStore(Store):
    """The part of the ledger that tickets are kept in."""

    async def tickets(self) -> dict[str, KeptTicket]:
        """Every ticket by its key."""
        async with self.read() as connection:
            rows = (await connection.execute(select(table))).all()
        return {
            row.key: KeptTicket(
                key=row.key,
                tracker=row.tracker,
                service=row.service,
                check=row.check_id,
                state=TicketState(row.state),
                created_at=row.created_at,
                updated_at=row.updated_at,
                number=row.number,
                url=row.url,
                content=row.content,
                due_on=row.due_on,
                note=row.note,
            )
            for row in rows
        }

    async def save_ticket(self, ticket: KeptTicket) -> None:
        """Keep a ticket in place of its earlier state."""
        row: dict[str, Any] = {
            name: getattr(ticket, name) for name in KeptTicket.__dataclass_fields__ if name != "check"
        }
        row |= {"check_id": ticket.check, "state": ticket.state.value}
        async with self.write() as connection:
            put = insert(connection, table).values(row)
            await connection.execute(put.on_conflict_do_update(index_elements=[table.c.key], set_=row))
