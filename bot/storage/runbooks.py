"""Copies of runbooks, so that their first steps can be read while their host is down."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, select

from bot.model.records import RunbookCopy
from bot.model.runbooks import PageDetails
from bot.storage.engine import Store, insert
from bot.storage.tables import runbook_copies as table

_DETAILS = TypeAdapter(PageDetails)


class RunbookStore(Store):
    """The part of the ledger that runbook copies are kept in."""

    async def save_runbooks(self, copies: Sequence[RunbookCopy]) -> None:
        """Save copies, each in place of its service's earlier one."""
        async with self.write() as connection:
            for copy in copies:
                row: dict[str, Any] = {name: getattr(copy, name) for name in RunbookCopy.__dataclass_fields__}
                row |= {"steps": list(copy.steps), "page": _DETAILS.dump_python(row.pop("details"), mode="json")}
                put = insert(connection, table).values(row)
                await connection.execute(put.on_conflict_do_update(index_elements=[table.c.service], set_=row))

    async def delete_runbook(self, service: str) -> None:
        """Delete the copy of a service that no longer names a runbook."""
        async with self.write() as connection:
            await connection.execute(delete(table).where(table.c.service == service))

    async def runbooks(self) -> dict[str, RunbookCopy]:
        """All copies, by service."""
        async with self.read() as connection:
            rows = (await connection.execute(select(table))).all()
        return {
            row.service: RunbookCopy(
                row.service,
                row.source,
                row.tried_at,
                row.read_at,
                row.text,
                tuple(row.steps),
                row.problem,
                _details(row.page),
            )
            for row in rows
        }


def _details(stored: object) -> PageDetails:
    """What was known of the page; nothing where a version with other fields wrote it."""
    try:
        return _DETAILS.validate_python(stored)
    except ValidationError:
        return PageDetails()
