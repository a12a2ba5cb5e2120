"""Remembers what is usual for the targets of probes, so that a restart in an outage does not take the outage for usual.

Every replica reads the records of all: what a target answers is the same for each, or learned within minutes.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.model.target_records import KeptRecord
from bot.storage.engine import Store, insert
from bot.storage.work_tables import target_records as table

KEPT = timedelta(days=30)
"""How long a record is kept after it was last saved. One in use is saved every day."""

_AT_A_TIME = 500


class TargetRecordStore(Store):
    """The part of the ledger that records of targets are kept in."""

    async def save_target_records(self, records: Sequence[KeptRecord], at: datetime) -> None:
        """Save records, each in place of an older one; some hundreds in one transaction."""
        for begin in range(0, len(records), _AT_A_TIME):
            rows = [_row(record, at) for record in records[begin : begin + _AT_A_TIME]]
            async with self.write() as connection:
                put = insert(connection, table).values(rows)
                new = {name: put.excluded[name] for name in ("body", "kept_at")}
                await connection.execute(put.on_conflict_do_update(index_elements=[table.c.key], set_=new))

    async def target_records(self, *about: str) -> tuple[KeptRecord, ...]:
        """The saved records about these."""
        async with self.read() as connection:
            rows = (await connection.execute(select(table).where(table.c.about.in_(about)))).all()
        return tuple(KeptRecord(row.about, row.source, row.via, row.body) for row in rows)


def _row(record: KeptRecord, at: datetime) -> dict[str, object]:
    name = f"{record.about}\0{record.source}\0{record.via}"
    return {
        "key": hashlib.sha256(name.encode(errors="replace")).hexdigest(),
        "about": record.about,
        "source": record.source,
        "via": record.via,
        "body": dict(record.body),
        "kept_at": at,
    }
