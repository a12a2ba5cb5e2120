"""Keeps over a restart what is usual for each target: its share of failed rounds, and its latency."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from bot.incidents.engine import EngineState
from bot.incidents.engine.known_records import Baselines, Record
from bot.model import Clock
from bot.model.target_records import KeptRecord, TargetRecordLedger
from bot.storage.ledger import LedgerError

EVERY = timedelta(minutes=30)
"""How often they are saved; kill -9 loses what was learned since."""
_FIRST_AFTER = timedelta(minutes=5)
_ABOUT = "rounds"
_AT_A_TIME = 500
_log = structlog.get_logger(__name__)


class BaselineKeeper:
    """Reads baselines once, and saves those of `state` now and then. Only the leader has any to save."""

    def __init__(self, ledger: TargetRecordLedger, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        self._due: datetime | None = None

    async def load(self) -> Baselines:
        """The baselines, by source and path; those that this version cannot read are left out.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        found = {}
        for number, kept in enumerate(await self._ledger.target_records(_ABOUT)):
            if number % _AT_A_TIME == 0:
                await asyncio.sleep(0)
            try:
                found[kept.source, kept.via] = Record.of_usual(kept.body)
            except (KeyError, TypeError, ValueError):
                _log.warning("baseline_unreadable", source=kept.source)
        return found

    async def save_when_due(self, state: EngineState) -> None:
        """Save what is usual for targets that are not in doubt, if that is due."""
        now = self._clock()
        self._due = self._due or now + _FIRST_AFTER
        if now < self._due:
            return
        self._due = now + EVERY
        usual = _usual(state)
        records = [KeptRecord(_ABOUT, source, via, record.usual()) for (source, via), record in usual.items()]
        try:
            await self._ledger.save_target_records(records, now)
        except LedgerError as error:
            _log.warning("baselines_unsaved", error=str(error))


def _usual(state: EngineState) -> Mapping[tuple[str, str], Record]:
    """By source and path; of several vantage points, the one with the most rounds."""
    found: dict[tuple[str, str], Record] = {}
    for key, observer in state.observers.items():
        if not observer.own or observer.control or observer.in_doubt:
            continue
        before = found.get((key.source, key.via))
        if before is None or observer.record.failing.rounds > before.failing.rounds:
            found[key.source, key.via] = observer.record
    return found
