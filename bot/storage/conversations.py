"""Where Teams can be reached without being asked: the conversations that were seen, with what it takes to post there."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Conversation
from bot.storage.engine import Store, insert
from bot.storage.tables import teams_conversations as table


class ConversationStore(Store):
    """The part of the ledger that proactive messages in Teams are sent by."""

    async def save_conversations(self, seen: Sequence[Conversation]) -> None:
        """Keep these, each instead of what was known of it. A name that is not told keeps the one that is known."""
        async with self.write() as connection:
            for one in seen:
                await _keep(connection, one)

    async def delete_conversations(self, id: str) -> None:
        """Drop the conversation of this id, or all those of the team of this id: backstay is no longer in it."""
        async with self.write() as connection:
            await connection.execute(delete(table).where((table.c.id == id) | (table.c.team == id)))

    async def conversations(self) -> tuple[Conversation, ...]:
        """All that are known, by name."""
        async with self.read() as connection:
            rows = (await connection.execute(select(table).order_by(table.c.name, table.c.id))).all()
        return tuple(
            Conversation(row.id, row.kind, row.reference, row.seen_at, row.name, row.team, row.tenant) for row in rows
        )


async def _keep(connection: AsyncConnection, one: Conversation) -> None:
    row: dict[str, Any] = {
        "id": one.id,
        "kind": one.kind,
        "name": one.name,
        "team": one.team,
        "tenant": one.tenant,
        "reference": dict(one.reference),
        "seen_at": one.seen_at,
    }
    told = {key: value for key, value in row.items() if key != "id" and value != ""}
    put = insert(connection, table).values(row).on_conflict_do_update(index_elements=[table.c.id], set_=told)
    await connection.execute(put)
