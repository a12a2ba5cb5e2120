"""Measures how far a replica's clock is from the database's."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import text

from bot.storage.engine import Store


class ClockSkewStore(Store):
    """The part of the ledger that compares clocks."""

    async def clock_ahead(self, clock: Callable[[], datetime]) -> timedelta:
        """How far `clock` is ahead of the database's, accurate to the time of one query; zero on SQLite."""
        async with self.read() as connection:
            if connection.dialect.name == "sqlite":
                return timedelta(0)
            await connection.execute(text("SELECT 1"))  # connect first, so that the next query is quick
            before = clock()
            there: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
            return before + (clock() - before) / 2 - there
