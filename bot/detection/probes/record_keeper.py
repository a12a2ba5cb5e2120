"""Keeps the records of targets over a restart: what changed every few minutes, everything once a day."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from pydantic import TypeAdapter, ValidationError

from bot.detection.probes.record import HostNetworks, TargetRecord, TargetRecords
from bot.model import Clock
from bot.model.target_records import KeptRecord, TargetRecordLedger
from bot.storage.errors import LedgerError

EVERY = 300.0
"""Seconds between two looks at what changed; kill -9 loses what was learned since."""
_WHOLE_EVERY = 86_400.0
_AT_A_TIME = 500
_ANSWERS, _NETWORKS = "answers", "networks"
_Key = tuple[str, str, str]
_TARGET: TypeAdapter[TargetRecord] = TypeAdapter(TargetRecord)
_HOST: TypeAdapter[HostNetworks] = TypeAdapter(HostNetworks)
_log = structlog.get_logger(__name__)


class RecordKeeper:
    """Fills `records` from the ledger once, then saves what was learned."""

    def __init__(
        self,
        ledger: TargetRecordLedger,
        records: TargetRecords,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ledger, self._records, self._clock, self._sleep = ledger, records, clock, sleep
        self._saved: dict[_Key, tuple[object, float]] = {}

    async def load(self) -> None:
        """Read the records; while the ledger is down, probes begin without."""
        try:
            kept = await self._ledger.target_records(_ANSWERS, _NETWORKS)
        except LedgerError as error:
            _log.warning("target_records_unread", error=str(error))
            return
        for number, record in enumerate(kept):
            if number % _AT_A_TIME == 0:
                await asyncio.sleep(0)
            try:
                if record.about == _ANSWERS:
                    self._records.recall(record.source, record.via, _TARGET.validate_python(record.body, strict=False))
                else:
                    self._records.recall_host(
                        record.source, record.via, _HOST.validate_python(record.body, strict=False)
                    )
            except ValidationError as error:  # of a later version: learned again
                _log.warning("target_record_unreadable", source=record.source, errors=error.error_count())

    async def run(self) -> None:
        """Save what was learned until cancelled."""
        while True:
            await self._sleep(EVERY)
            try:
                await self.save()
            except LedgerError as error:
                _log.warning("target_records_unsaved", error=str(error))

    async def save(self) -> None:
        """Save the records that changed since the last time, and those that were last saved a day ago.

        Raises:
            LedgerError: the ledger cannot be written.
        """
        now = self._clock()
        changed: list[tuple[KeptRecord, object]] = []
        known: set[_Key] = set()
        for number, (about, (source, via), record) in enumerate(self._known()):
            if number % _AT_A_TIME == 0:
                await asyncio.sleep(0)
            key, content = (about, source, via), record.content
            known.add(key)
            saved, at = self._saved.get(key, (None, 0.0))
            if saved != content or now.timestamp() - at >= _WHOLE_EVERY:
                changed.append((KeptRecord(*key, record.kept()), content))
        for begin in range(0, len(changed), _AT_A_TIME):
            some = changed[begin : begin + _AT_A_TIME]
            await self._ledger.save_target_records([kept for kept, _ in some], now)
            for kept, content in some:
                self._saved[kept.about, kept.source, kept.via] = content, now.timestamp()
        self._saved = {key: saved for key, saved in self._saved.items() if key in known}

    def _known(self) -> list[tuple[str, tuple[str, str], TargetRecord | HostNetworks]]:
        targets = [(_ANSWERS, path, record) for path, record in self._records.targets()]
        return [*targets, *((_NETWORKS, path, networks) for path, networks in self._records.hosts())]
