"""Ledgers for tests: SQLite in a file of its own, closed at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from support.builders.posts import message

from bot.model import Purpose, Receipt
from bot.storage.ledger import Ledger


@asynccontextmanager
async def ledger_at(where: Path | str) -> AsyncIterator[Ledger]:
    """Open for the block. A directory gets a file in it."""
    ledger = await Ledger.open(where / "backstay.db" if isinstance(where, Path) else where)
    try:
        yield ledger
    finally:
        await ledger.close()


async def deliver_fallback_test(ledger: Ledger, route: str, at: datetime) -> None:
    """Post a fallback test of a route and record that it was delivered."""
    name = f"test of {route} at {at}"
    assert await ledger.post(message(name, created_at=at, purpose=Purpose.FALLBACK_TEST), [route], at)
    claim = await ledger.claim_one(name, "a sender", at, timedelta(minutes=1))
    assert claim is not None
    assert await ledger.settle(claim, "sent", Receipt(name, claim.message.audience, route, "sent", at), at)
