"""Ledgers for tests: SQLite in a file of its own, closed at the end."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from support.builders.posts import message

from bot.model import Purpose, Receipt
from bot.storage.ledger import Ledger

_empty: list[Path] = []  # an empty ledger, made once in a process: its tables take ten times as long as opening it


async def new_file(file: Path) -> Path:
    """`file`, with the tables of an empty ledger; what is there already stays."""
    if not _empty:
        made = Path(tempfile.mkdtemp(prefix="backstay-ledger-")) / "backstay.db"
        await (await Ledger.open(made)).close()
        _empty.append(made)
    await asyncio.to_thread(_fill, file, _empty[0])
    return file


def _fill(file: Path, empty: Path) -> None:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(empty, file)


@asynccontextmanager
async def ledger_at(where: Path | str) -> AsyncIterator[Ledger]:
    """Open for the block. A directory gets a file in it."""
    ledger = await Ledger.open(await new_file(where / "backstay.db") if isinstance(where, Path) else where)
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
