"""Saves feed readings in the ledger when they change, for restarts and for other replicas, and loads them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.model import CachedReading, Clock, Feed, FeedReading, IncidentSeverity, ProviderIncident
from bot.storage.ledger import LedgerError

KEEP_EVERY = 15.0
"""Seconds between writes."""
UNCHANGED = timedelta(minutes=5)
"""How often an unchanged reading is written; only its age is new."""
_HISTORY = timedelta(days=2)
_log = structlog.get_logger(__name__)


class ReadingLedger(Protocol):
    """Keeps the last reading of each feed."""

    async def delete_readings(self, names: Collection[str]) -> None:
        """Delete the readings of feeds that are no longer configured."""
        ...

    async def save_readings(self, kept: Sequence[CachedReading], at: datetime) -> None:
        """Save readings, each in place of an older one of its feed; a newer one of another replica stays."""
        ...

    async def saved_readings(self, since: datetime | None = None) -> dict[str, CachedReading]:
        """The readings saved at or after `since`, by the feed's name; those that this version cannot read are left out."""
        ...


@dataclass(slots=True)
class ReadingCache:
    """Readings to be saved in the ledger. If the ledger is unavailable, they are kept for the next write."""

    ledger: ReadingLedger
    clock: Clock
    _waiting: dict[str, CachedReading] = field(default_factory=dict)
    _written: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _loaded_at: datetime | None = None

    def note(self, feed: Feed, reading: FeedReading) -> None:
        """Save this reading with the next write, unless it was saved recently and has not changed."""
        at, error = self._written.get(feed.name, (None, ""))
        if reading.changed or reading.error != error or at is None or self.clock() - at >= UNCHANGED:
            self._waiting[feed.name] = CachedReading(feed.name, _shortened(reading, self.clock()), feed.marks)

    async def write(self) -> None:
        """Save all pending readings in one transaction."""
        waiting, now = dict(self._waiting), self.clock()
        if not waiting:
            return
        try:
            await self.ledger.save_readings(list(waiting.values()), now)
        except LedgerError as error:
            _log.warning("feed_readings_save_failed", feeds=len(waiting), error=str(error))
            return
        for name, cached in waiting.items():
            self._written[name] = now, cached.reading.error
            if self._waiting.get(name) is cached:
                del self._waiting[name]

    async def restored(self) -> Mapping[str, CachedReading]:
        """All saved readings by feed name; empty if the ledger is unavailable."""
        return await self._load(None)

    async def newer(self) -> Mapping[str, CachedReading]:
        """The readings that any replica saved since the last call; empty if the ledger is unavailable."""
        return await self._load(self._loaded_at)

    async def forget(self, names: Collection[str]) -> None:
        """Delete the saved readings of feeds that are no longer polled."""
        try:
            await self.ledger.delete_readings(names)
        except LedgerError as error:  # the next start deletes them, or their age does
            _log.warning("feed_readings_delete_failed", error=str(error))

    async def _load(self, since: datetime | None) -> Mapping[str, CachedReading]:
        now = self.clock()
        try:
            found = await self.ledger.saved_readings(since)
        except LedgerError as error:
            _log.warning("feed_readings_load_failed", error=str(error))
            return {}
        # Replicas' clocks differ a little: the last minute is loaded twice so that nothing is missed.
        self._loaded_at = now - timedelta(minutes=1)
        return {name: replace(cached, reading=_not_after(cached.reading, now)) for name, cached in found.items()}


def _not_after(reading: FeedReading, now: datetime) -> FeedReading:
    """The reading, dated `now` at the latest: another replica's clock may be ahead."""
    return replace(reading, read_at=min(reading.read_at, now)) if reading.read_at else reading


def _shortened(reading: FeedReading, now: datetime) -> FeedReading:
    """The reading without its history and without operational components, of which there may be hundreds."""
    bad = tuple(component for component in reading.components if component.severity is not IncidentSeverity.NONE)
    recent = tuple(incident for incident in reading.incidents if _is_recent(incident, now))
    return replace(reading, components=bad, incidents=recent)


def _is_recent(incident: ProviderIncident, now: datetime) -> bool:
    at = incident.resolved_at or incident.updated_at or incident.started_at
    return incident.open or incident.resolved_at is None or at is None or now - at <= _HISTORY
