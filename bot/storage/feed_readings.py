"""The last reading of each status feed, with its age and cache validators, kept over a restart."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, delete, or_, select

from bot.model import CachedReading, CacheValidators, FeedReading
from bot.storage.engine import Store, insert
from bot.storage.tables import feed_readings as table

_ADAPTER: TypeAdapter[FeedReading] = TypeAdapter(FeedReading)
_log = structlog.get_logger(__name__)


class FeedReadingStore(Store):
    """The part of the ledger that replicas share feed readings in."""

    async def save_readings(self, kept: Sequence[CachedReading], at: datetime) -> None:
        """Save readings, each in place of an older one of its feed; a newer one of another replica stays."""
        if not kept:
            return
        async with self.write() as connection:
            for cached in kept:
                row = _row(cached, at)
                put = insert(connection, table).values(row)
                older: ColumnElement[bool] = table.c.read_at.is_(None)
                if cached.reading.read_at is not None:
                    older = or_(older, table.c.read_at <= cached.reading.read_at)
                new = {name: put.excluded[name] for name in row if name != "name"}
                await connection.execute(
                    put.on_conflict_do_update(
                        index_elements=[table.c.name],
                        set_=new,
                        where=older,
                    )
                )

    async def saved_readings(self, since: datetime | None = None) -> dict[str, CachedReading]:
        """The readings saved at or after `since`, by the feed's name; those that this version cannot read are left out."""
        query = select(table) if since is None else select(table).where(table.c.kept_at >= since)
        async with self.read() as connection:
            rows = (await connection.execute(query)).all()
        found = {}
        for row in rows:
            try:
                reading = _ADAPTER.validate_python({**row.body, "read_at": row.read_at}, strict=False)
            except ValidationError as error:
                _log.warning("feed_reading_unreadable", feed=row.name, errors=error.error_count())
                continue
            found[row.name] = CachedReading(row.name, reading, CacheValidators(**row.marks))
        return found

    async def delete_readings(self, names: Collection[str]) -> None:
        """Delete the readings of feeds that are no longer configured."""
        async with self.write() as connection:
            await connection.execute(delete(table).where(table.c.name.in_(list(names))))


def _row(cached: CachedReading, at: datetime) -> dict[str, Any]:
    body = _ADAPTER.dump_python(cached.reading, mode="json", exclude={"read_at", "changed"}, exclude_defaults=True)
    marks = {name: getattr(cached.marks, name) for name in CacheValidators.__dataclass_fields__}
    return {"name": cached.name, "read_at": cached.reading.read_at, "kept_at": at, "marks": marks, "body": body}
