"""Remembers handled requests, so that one that is delivered again to another replica, or after a restart, runs once."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.storage.engine import Store, insert
from bot.storage.tables import handled_requests as table

KEPT = timedelta(days=2)
"""Longer than any platform delivers again, and than any signature is valid."""


class HandledRequestStore(Store):
    """The part of the ledger that requests are remembered in: by a hash of their key, such as a message's channel and time."""

    async def handle_first(self, keys: Iterable[str], now: datetime) -> bool:
        """Remember all of these keys, and whether none of them was remembered: two requests are the same where they share one."""
        rows = [{"key": _hash(key), "at": now} for key in dict.fromkeys(keys) if key]
        if not rows:
            return True
        async with self.write() as connection:
            new = insert(connection, table).values(rows).on_conflict_do_nothing().returning(table.c.key)
            return len((await connection.execute(new)).all()) == len(rows)

    async def was_handled(self, key: str) -> bool:
        """Whether a key is remembered."""
        async with self.read() as connection:
            return (await connection.execute(select(table.c.key).where(table.c.key == _hash(key)))).first() is not None


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
