"""Leases for work that only one of several replicas may do, and the fence that keeps a former holder from writing.

Clocks are never compared between replicas: a holder increments its beat, and a replica that sees the beat unchanged for the
time of a lease, by its own monotonic clock, takes the lease over.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.engine import Store, insert
from bot.storage.tables import duties


class LeadershipLostError(Exception):
    """Another replica has taken over the lease; nothing was written."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds a lease. `term` counts changes of the holder, `beat` renewals. `holder` empty: it was released."""

    holder: str
    term: int
    beat: int


async def require_lease(connection: AsyncConnection, duty: str, mine: Lease) -> None:
    """Make the caller's transaction fail unless this lease still holds.

    Raises:
        LeadershipLostError: it does not.
    """
    if not await _renew(connection, duty, mine):
        raise LeadershipLostError(duty)


class Leases(Store):
    """The part of the ledger that leaders are elected in."""

    async def current_lease(self, duty: str) -> Lease | None:
        """The current lease of a duty; None: nobody ever held it."""
        query = select(duties.c.holder, duties.c.term, duties.c.beat).where(duties.c.duty == duty)
        async with self.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Lease(row.holder, row.term, row.beat)

    async def take_lease(self, duty: str, holder: str, stale: Lease | None) -> Lease | None:
        """Take a lease that is still as `stale` says. None: it has changed, so it cannot be taken."""
        async with self.write() as connection:
            if stale is None:
                first = insert(connection, duties).values(duty=duty, holder=holder, term=1, beat=1)
                added = await connection.execute(first.on_conflict_do_nothing().returning(duties.c.duty))
                return None if added.scalar() is None else Lease(holder, 1, 1)
            taken = Lease(holder, stale.term + 1, stale.beat + 1)
            same = _held_by(duty, stale) & (duties.c.beat == stale.beat)
            values = {"holder": taken.holder, "term": taken.term, "beat": taken.beat}
            result = await connection.execute(update(duties).where(same).values(values))
            return taken if result.rowcount else None

    async def renew_lease(self, duty: str, mine: Lease) -> bool:
        """Renew a lease. False: another replica holds it."""
        async with self.write() as connection:
            return await _renew(connection, duty, mine)

    async def release_lease(self, duty: str, mine: Lease) -> None:
        """Release a lease, so that the next holder need not wait."""
        async with self.write() as connection:
            await connection.execute(
                update(duties).where(_held_by(duty, mine)).values(holder="", beat=duties.c.beat + 1)
            )


async def _renew(connection: AsyncConnection, duty: str, mine: Lease) -> bool:
    renewal = update(duties).where(_held_by(duty, mine)).values(beat=duties.c.beat + 1)
    return bool((await connection.execute(renewal)).rowcount)


def _held_by(duty: str, lease: Lease) -> Any:
    return (duties.c.duty == duty) & (duties.c.holder == lease.holder) & (duties.c.term == lease.term)
