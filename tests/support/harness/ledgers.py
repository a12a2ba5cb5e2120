"""Ledgers for tests: SQLite in a file of its own, closed at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.storage.ledger import Ledger


@asynccontextmanager
async def ledger_at(where: Path | str) -> AsyncIterator[Ledger]:
    """Open for the block. A directory gets a file in it."""
    ledger = await Ledger.open(where / "backstay.db" if isinstance(where, Path) else where)
    try:
        yield ledger
    finally:
        await ledger.close()
