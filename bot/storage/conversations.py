"""Conversations in Teams that backstay may post to, with the references that it takes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Conversation
from bot.storage.engine import Store, insert
from bot.storage.tables import teams_conversations as table


class ConversationStore(Store):
    """The part of the ledger that Teams conversations are kept in."""

    async def save_conversations(self, seen: Sequence[Conversation]) -> None:
        """Save conversations, each in place of its earlier state; an empty field keeps the known value."""
        async with self.write() as connection:
            for conversation in seen:
                await _save(connection, conversation)

    async def delete_conversations(self, id: str) -> None:
        """Delete the conversation of this id, or all those of the team of this id."""
        async with self.write() as connection:
            await connection.execute(delete(table).where((table.c.id == id) | (table.c.team == id)))

    async def conversations(self) -> tuple[Conversation, ...]:
        """All known conversations, by name."""
        async with self.read() as connection:
            rows = (await connection.execute(select(table).order_by(table.c.name, table.c.id))).all()
        return tuple(
            Conversation(row.id, row.kind, row.reference, row.seen_at, row.name, row.team, row.tenant) for row in rows
        )


async def _save(connection: AsyncConnection, conversation: Conversation) -> None:
    row: dict[str, Any] = {
        "id": conversation.id,
        "kind": conversation.kind,
        "name": conversation.name,
        "team": conversation.team,
        "tenant": conversation.tenant,
        "reference": dict(conversation.reference),
        "seen_at": conversation.seen_at,
    }
    known = {key: value for key, value in row.items() if key != "id" and value != ""}
    put = insert(connection, table).values(row).on_conflict_do_update(index_elements=[table.c.id], set_=known)
    await connection.execute(put)
