"""Implements `model.slos.SloQueries`: the objectives as commands ask for them and as `serve` reads them again and again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.audit.slos.reader import SloReader
from bot.model import Clock
from bot.model.slos import SloReading, SloState

POLITE: Final = timedelta(seconds=30)
"""Within this time the same objectives are not read again."""


class SloLedger(Protocol):
    """The part of the ledger that objectives are kept in."""

    async def slo_states(self, service: str = "") -> tuple[SloState, ...]:
        """The states of one service's objectives, or of all."""
        ...


@dataclass(slots=True)
class SloService:
    """Answers from the ledger, and reads when asked to, at most every half minute. Concurrent reads wait for one another.

    `watched`: False where nothing reads them again and again, so that the ledger says nothing about now.
    """

    reader: SloReader
    ledger: SloLedger
    clock: Clock
    watched: bool = True
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _last: dict[str, tuple[datetime, Sequence[SloReading]]] = field(default_factory=dict)

    async def states(self, service: str = "") -> Sequence[SloState]:
        """The last readings, of one service or of all; nothing is read.

        Raises:
            LedgerError: the ledger cannot be reached.
        """
        return await self.ledger.slo_states(service) if self.watched else ()

    async def read(self, service: str = "") -> Sequence[SloReading]:
        """Read the objectives of one service or of all now, unless that was done within half a minute."""
        async with self._turn:
            for key in (service, ""):
                kept = self._last.get(key)
                if kept is not None and timedelta() <= self.clock() - kept[0] < POLITE:
                    return [reading for reading in kept[1] if service in ("", reading.service)]
            readings = await self.reader.read(service)
            self._last[service] = self.clock(), readings
            return readings
