"""Evidence rows of every kind, and what another program does to them."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from support.harness.ledgers import ledger_at

from bot.model.records import AttestationRecord
from bot.storage.evidence_chain import ChainHead, insert_evidence
from bot.storage.evidence_verification import ChainReport, verify_chain
from bot.storage.ledger import AuditLogEntry, Ledger
from checks import Waiver

AT = datetime(2026, 10, 20, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)


async def lived_in(ledger: Ledger, at: datetime = AT, count: int = 6) -> None:
    """Rows of every kind: each turn is a waiver in place of the one before, an attestation, a receipt and a line."""
    for number in range(count):
        now = at + number * DAY
        async with ledger.begin() as transaction:
            await transaction.waive(Waiver("checkout", "BK01", f"reason {number}", "ada", now + 30 * DAY), now)
            practice = f"game-day-{number}"
            await transaction.attest(AttestationRecord("checkout", practice, "grace", now, now + 90 * DAY, ""))
            await transaction.log(AuditLogEntry(now, "slack:U1", "waive", {"check": "BK01", "\N{SNOWMAN}\0": number}))
        receipt = {"message": f"m{number}", "audience": "ops", "route": "pager", "outcome": "sent", "at": now}
        rows = [receipt | {"detail": "", "reference": "\0half \ud83d"}]
        await ledger.write_at_once(partial(insert_evidence, kind="receipts", rows=rows))


async def after(intact: bytes, folder: Path, *done: str, known: ChainHead | None = None) -> ChainReport:
    """What a verification says once another program executed these statements on a SQLite ledger."""
    path = folder / "ledger.db"
    path.write_bytes(intact)
    with closing(sqlite3.connect(path)) as connection:
        for statement in done:
            connection.executescript(statement)
        connection.commit()
    async with ledger_at(str(path)) as ledger:
        return await verify_chain(ledger, known)
