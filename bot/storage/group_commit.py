"""Writes of one process that come at the same time share a transaction: a commit waits for the disk, one wait serves them all."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.exc import DataError, IntegrityError

from bot.storage.engine import LedgerError

MOST = 128
"""So many share a transaction at most, so that none holds the others up for long."""

_CIRCLES = 3
_PASSING = ("40P01", "40001")
"""PostgreSQL's deadlock and serialization failure."""

W = TypeVar("W")


@dataclass(eq=False, slots=True)
class _Waiting(Generic[W]):
    work: W
    answer: "asyncio.Future[object]"


class GroupCommit(Generic[W]):
    """Queues work and writes what has gathered while the transaction before was under way.

    `write` does all of it in one transaction and gives an answer for each, in order. Whoever is cancelled while waiting
    takes its work back if it was not begun; what was begun is written to the end.
    """

    def __init__(self, write: Callable[[Sequence[W]], Awaitable[Sequence[object]]]) -> None:
        self._write = write
        self._queue: deque[_Waiting[W]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def do(self, work: W) -> object:
        """The answer once the work is written and committed. Raises what its writing raised."""
        mine = _Waiting(work, asyncio.get_running_loop().create_future())
        self._queue.append(mine)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._run(), name="ledger writes")
        return await mine.answer

    async def finish(self) -> None:
        """Wait until everything is written."""
        if self._writer is not None:
            await asyncio.wait({self._writer})

    async def _run(self) -> None:
        while self._queue:
            taken = [self._queue.popleft() for _ in range(min(MOST, len(self._queue)))]
            await self._answer([one for one in taken if not one.answer.cancelled()])

    async def _answer(self, batch: "Sequence[_Waiting[W]]") -> None:
        if not batch:
            return
        try:
            answers = await self._written([one.work for one in batch])
        except Exception as error:  # noqa: BLE001 - it is whoever gave the work that must hear of it
            if len(batch) > 1 and _its_own_fault(error):
                for one in batch:  # what cannot be written costs the others nothing
                    await self._answer([one])
                return
            for one in batch:
                if not one.answer.done():
                    one.answer.set_exception(error)
            return
        for one, answer in zip(batch, answers, strict=True):
            if not one.answer.done():
                one.answer.set_result(answer)

    async def _written(self, works: Sequence[W]) -> Sequence[object]:
        """Replicas that wait for each other in a circle: the database ends one of them, which may simply try again."""
        for _ in range(_CIRCLES):
            try:
                return await self._write(works)
            except LedgerError as error:
                if _state(error) not in _PASSING:
                    raise
        return await self._write(works)


def _its_own_fault(error: Exception) -> bool:
    """Whether something in the work is to blame, so that the rest may do better. Out of reach for one is so for all."""
    if not isinstance(error, LedgerError):
        return True
    return isinstance(error.__cause__, DataError | IntegrityError) or _state(error)[:2] in ("22", "23")


def _state(error: LedgerError) -> str:
    """PostgreSQL's code of what went wrong, empty where there is none."""
    return str(getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) or "")
