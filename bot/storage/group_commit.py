"""Groups concurrent writes of a process into one transaction, so that they share one wait for the disk."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.exc import DataError, IntegrityError

from bot.storage.engine import LedgerError

MOST = 128
"""Most writes in one transaction, so that none delays the others for long."""

_DEADLOCK_TRIES = 3
_TRANSIENT = ("40P01", "40001")
"""PostgreSQL's deadlock and serialization failure."""

W = TypeVar("W")


@dataclass(eq=False, slots=True)
class _Waiting(Generic[W]):
    work: W
    answer: "asyncio.Future[object]"


class GroupCommit(Generic[W]):
    """Queues work and writes in one transaction what has gathered during the one before.

    `write` gives an answer for each piece of work, in order. A caller that is cancelled withdraws its work if that was not
    begun; work that was begun is written to the end.
    """

    def __init__(self, write: Callable[[Sequence[W]], Awaitable[Sequence[object]]]) -> None:
        self._write = write
        self._queue: deque[_Waiting[W]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def do(self, work: W) -> object:
        """The answer once the work is committed. Raises what its writing raised."""
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
            await self._answer([waiting for waiting in taken if not waiting.answer.cancelled()])

    async def _answer(self, batch: "Sequence[_Waiting[W]]") -> None:
        if not batch:
            return
        try:
            answers = await self._write_with_retries([waiting.work for waiting in batch])
        except Exception as error:  # noqa: BLE001 - the caller gets it
            if len(batch) > 1 and _caused_by_work(error):
                for waiting in batch:  # only the work that cannot be written fails
                    await self._answer([waiting])
                return
            for waiting in batch:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
            return
        for waiting, answer in zip(batch, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)

    async def _write_with_retries(self, works: Sequence[W]) -> Sequence[object]:
        """Write, and try again where the database ended the transaction to resolve a deadlock."""
        for _ in range(_DEADLOCK_TRIES):
            try:
                return await self._write(works)
            except LedgerError as error:
                if _state(error) not in _TRANSIENT:
                    raise
        return await self._write(works)


def _caused_by_work(error: Exception) -> bool:
    """Whether one piece of work caused the error, so that the others may succeed without it."""
    if not isinstance(error, LedgerError):
        return True
    return isinstance(error.__cause__, DataError | IntegrityError) or _state(error)[:2] in ("22", "23")


def _state(error: LedgerError) -> str:
    """PostgreSQL's error code, empty where there is none."""
    return str(getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) or "")
