"""What the room knows -> the ledger, when it changed or once in a while: for a restart, and for the other replicas."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.model import CachedReading, Clock, Feed, FeedReading, IncidentSeverity, ProviderIncident
from bot.storage.ledger import Ledger, LedgerError

KEEP_EVERY = 15.0
"""Seconds between two writes."""
UNCHANGED = timedelta(minutes=5)
"""A reading that says the same as before is written so seldom: its age is all that is new."""
_HISTORY = timedelta(days=2)
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ReadingCache:
    """Readings on their way to the ledger and from it. A ledger out of reach is waited for; nothing else waits for it."""

    ledger: Ledger
    clock: Clock
    _waiting: dict[str, CachedReading] = field(default_factory=dict)
    _written: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _looked: datetime | None = None

    def note(self, feed: Feed, reading: FeedReading) -> None:
        """Keep this with the next write, if it is worth one."""
        at, error = self._written.get(feed.name, (None, ""))
        if reading.changed or reading.error != error or at is None or self.clock() - at >= UNCHANGED:
            self._waiting[feed.name] = CachedReading(feed.name, _short(reading, self.clock()), feed.marks)

    async def write(self) -> None:
        """Write what waits, all in one transaction."""
        waiting, now = dict(self._waiting), self.clock()
        if not waiting:
            return
        try:
            await self.ledger.save_readings(list(waiting.values()), now)
        except LedgerError as error:
            _log.warning("feeds.not_kept", feeds=len(waiting), error=str(error))
            return
        for name, one in waiting.items():
            self._written[name] = now, one.reading.error
            if self._waiting.get(name) is one:
                del self._waiting[name]

    async def restored(self) -> Mapping[str, CachedReading]:
        """What an earlier run, or another replica, left; nothing where the ledger is out of reach."""
        return await self._kept(None)

    async def newer(self) -> Mapping[str, CachedReading]:
        """What was kept since the last look, by whichever replica."""
        return await self._kept(self._looked)

    async def forget(self, names: Collection[str]) -> None:
        """Feeds that nobody reads any more."""
        try:
            await self.ledger.delete_readings(names)
        except LedgerError as error:  # the next start drops them, or age does
            _log.warning("feeds.not_forgotten", error=str(error))

    async def _kept(self, since: datetime | None) -> Mapping[str, CachedReading]:
        now = self.clock()
        try:
            found = await self.ledger.saved_readings(since)
        except LedgerError as error:
            _log.warning("feeds.not_restored", error=str(error))
            return {}
        # Replicas' clocks differ a little: what lies so far back is looked at twice rather than missed.
        self._looked = now - timedelta(minutes=1)
        return {name: replace(one, reading=_until(one.reading, now)) for name, one in found.items()}


def _until(reading: FeedReading, now: datetime) -> FeedReading:
    """No reading is from the future, whatever the clock of the replica that made it said."""
    return replace(reading, read_at=min(reading.read_at, now)) if reading.read_at else reading


def _short(reading: FeedReading, now: datetime) -> FeedReading:
    """Without the history and the hundreds of parts that are well: nobody asks for them."""
    bad = tuple(one for one in reading.components if one.severity is not IncidentSeverity.NONE)
    return replace(reading, components=bad, incidents=tuple(one for one in reading.incidents if _recent(one, now)))


def _recent(one: ProviderIncident, now: datetime) -> bool:
    at = one.resolved_at or one.updated_at or one.started_at
    return one.open or one.resolved_at is None or at is None or now - at <= _HISTORY
