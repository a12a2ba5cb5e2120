"""Drills that jobs of CI sent by `POST /hooks/rehearsals/NAME`, as the ledger keeps them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from bot.audit.collectors.rehearsals.run import ReadingContext, RehearsalRun, RehearsalSource, Runs, read_each
from bot.model.drills import DrillRecord
from bot.net.read_error import ReadError
from bot.storage.ledger import LedgerError

Drills = Callable[[datetime], Awaitable[Sequence[DrillRecord]]]
"""The drills since a moment (UTC)."""


async def read(drills: Drills, context: ReadingContext) -> Runs:
    """Every drill since `context.since`.

    Raises:
        ReadError: the ledger cannot be read.
    """
    try:
        found = await drills(context.since)
    except LedgerError as error:
        raise ReadError("read the ledger", str(error)) from None
    return read_each(found, _run)


def _run(drill: DrillRecord) -> RehearsalRun:
    return RehearsalRun(
        key=f"{drill.source}/{drill.key}",
        name=drill.name or f"{drill.kind.replace('_', ' ')} by {drill.source}",
        at=drill.at,
        result=drill.result,
        kind=drill.kind,
        names=(drill.service,),
        service=drill.service,
        scope=drill.scope,
        measured_rto=drill.rto,
        measured_rpo=drill.rpo,
        link=drill.link,
    )


SOURCE = RehearsalSource(
    "signed_hook",
    "Drills of CI",
    "a key of its own for each job, at least 16 random characters: it can record drills and do nothing else",
    read,
)
