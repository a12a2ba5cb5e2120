"""Duties: what only one of several replicas may do at a time, and the fence that keeps a former holder from writing.

No clocks are compared, so none that jumps does harm: a holder beats, and who sees the beat stand still for a lease, by a
clock of its own that only runs forward, takes the duty over.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.engine import Store, insert
from bot.storage.tables import duties


class LeadershipLostError(Exception):
    """Another replica has taken the duty over meanwhile: what was to be written is not."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who has a duty. `term` counts changes of hands, `beat` signs of life. `holder` empty: it was given back."""

    holder: str
    term: int
    beat: int


async def require_lease(connection: AsyncConnection, duty: str, mine: Lease) -> None:
    """Make the caller's transaction hold only while the duty is still in these hands.

    Raises:
        DutyLostError: it no longer is.
    """
    if not await _beat(connection, duty, mine):
        raise LeadershipLostError(duty)


class Leases(Store):
    """The part of the ledger that replicas agree by."""

    async def current_lease(self, duty: str) -> Lease | None:
        """Who has it; None: nobody ever had."""
        query = select(duties.c.holder, duties.c.term, duties.c.beat).where(duties.c.duty == duty)
        async with self.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Lease(row.holder, row.term, row.beat)

    async def take_lease(self, duty: str, holder: str, stale: Lease | None) -> Lease | None:
        """Take a duty that stands as `stale` tells. None: it moved meanwhile, so it is not to be had."""
        async with self.write() as connection:
            if stale is None:
                first = insert(connection, duties).values(duty=duty, holder=holder, term=1, beat=1)
                added = await connection.execute(first.on_conflict_do_nothing().returning(duties.c.duty))
                return None if added.scalar() is None else Lease(holder, 1, 1)
            taken = Lease(holder, stale.term + 1, stale.beat + 1)
            same = _whose(duty, stale) & (duties.c.beat == stale.beat)
            values = {"holder": taken.holder, "term": taken.term, "beat": taken.beat}
            result = await connection.execute(update(duties).where(same).values(values))
            return taken if result.rowcount else None

    async def renew_lease(self, duty: str, mine: Lease) -> bool:
        """Give a sign of life. False: somebody else has it now."""
        async with self.write() as connection:
            return await _beat(connection, duty, mine)

    async def release_lease(self, duty: str, mine: Lease) -> None:
        """Give it back, so that the next one need not wait."""
        async with self.write() as connection:
            await connection.execute(update(duties).where(_whose(duty, mine)).values(holder="", beat=duties.c.beat + 1))


async def _beat(connection: AsyncConnection, duty: str, mine: Lease) -> bool:
    beating = update(duties).where(_whose(duty, mine)).values(beat=duties.c.beat + 1)
    return bool((await connection.execute(beating)).rowcount)


def _whose(duty: str, standing: Lease) -> Any:
    return (duties.c.duty == duty) & (duties.c.holder == standing.holder) & (duties.c.term == standing.term)
