"""The last reading of each service level objective, and its open burn episode, kept over a restart and for commands."""

from collections.abc import Sequence

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.slos import SloState
from bot.storage.engine import Store, insert
from bot.storage.work_tables import slo_states as table

_ADAPTER: TypeAdapter[SloState] = TypeAdapter(SloState)
_log = structlog.get_logger(__name__)


async def save_slo_states(connection: AsyncConnection, states: Sequence[SloState]) -> None:
    """Save states within the caller's transaction, each in place of the one before; those of other objectives go."""
    kept = [(state.reading.service, state.reading.slo) for state in states]
    await connection.execute(delete(table).where(tuple_(table.c.service, table.c.slo).not_in(kept)))
    for state in states:
        row = {
            "service": state.reading.service,
            "slo": state.reading.slo,
            "read_at": state.reading.read_at,
            "body": _ADAPTER.dump_python(state, mode="json"),
        }
        put = insert(connection, table).values(row)
        await connection.execute(
            put.on_conflict_do_update(
                index_elements=[table.c.service, table.c.slo],
                set_={"read_at": put.excluded.read_at, "body": put.excluded.body},
            )
        )


class SloStateStore(Store):
    """The part of the ledger that objectives are kept in."""

    async def slo_states(self, service: str = "") -> tuple[SloState, ...]:
        """The states of one service's objectives, or of all; those that this version cannot read are left out."""
        query = select(table).order_by(table.c.service, table.c.slo)
        if service:
            query = query.where(table.c.service == service)
        async with self.read() as connection:
            rows = (await connection.execute(query)).all()
        found = []
        for row in rows:
            try:
                found.append(_ADAPTER.validate_python(row.body))
            except ValidationError as error:
                _log.warning("slo_state_unreadable", service=row.service, slo=row.slo, errors=error.error_count())
        return tuple(found)
