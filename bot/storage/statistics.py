"""Statistics of a ledger: rows by table, size, age and migration."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

from bot.storage.engine import Store
from bot.storage.schema_version import HEAD, shape_of
from bot.storage.tables import ledger_shape, outbox, scores
from bot.storage.work_tables import metadata


@dataclass(frozen=True, slots=True)
class LedgerStatistics:
    """A ledger at one moment. `size` in bytes; `shape` is its migration, `ours` the one that this version was written for.

    `oldest` and `newest`: times of the stored audits. `on_their_way`: pending messages in the outbox.
    """

    kind: str
    shape: str
    ours: str
    usable_from: str
    rows: Mapping[str, int]
    size: int
    oldest: datetime | None
    newest: datetime | None
    on_their_way: int


_SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


async def ledger_statistics(store: Store) -> LedgerStatistics:
    """Reads the statistics without changing anything.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    async with store.read() as connection:
        shape, kind = await connection.run_sync(shape_of), connection.dialect.name
        rows = {}
        for table in metadata.sorted_tables:
            if table is not ledger_shape:
                rows[table.name] = await connection.scalar(select(func.count()).select_from(table)) or 0
        # The table has no index on time alone; the rows of the estate are few and span the same time.
        ages = select(func.min(scores.c.at), func.max(scores.c.at)).where(scores.c.service == "")
        oldest, newest = (await connection.execute(ages)).one()
        waiting = select(func.count()).select_from(outbox).where(outbox.c.state == "pending")
        return LedgerStatistics(
            kind=kind,
            shape=shape.revision,
            ours=HEAD,
            usable_from=shape.usable_from,
            rows=rows,
            size=int(await connection.scalar(text(_SIZES[kind])) or 0),
            oldest=oldest,
            newest=newest,
            on_their_way=await connection.scalar(waiting) or 0,
        )
