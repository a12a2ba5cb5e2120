"""Polls all feeds for as long as backstay serves, keeps the latest reading of each, and passes every reading on."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

import structlog

from bot.catalogue import Catalogue, KnownProvider
from bot.catalogue.exposure import known_exposure
from bot.detection.feeds.cache import KEEP_EVERY, ReadingCache
from bot.model import CachedReading, Clock, Feed, FeedReading, ProviderIncident
from bot.model.estate import Estate
from bot.model.providers import Exposure
from bot.storage.ledger import LedgerError

_log = structlog.get_logger(__name__)

Which = Literal["all", "needed", "none"]
Sleep = Callable[[float], Awaitable[None]]
Feeds = Callable[[], AbstractAsyncContextManager[Sequence[Feed]]]

_PLATFORMS = ("slack", "microsoft365")
UNNEEDED_INTERVALS = 5
"""Feeds that none of our services needs are polled this many times less often."""
UNREAD = timedelta(minutes=30)
"""After this long without a successful poll of a feed that our services need, the admins are notified."""
STANDSTILL = timedelta(minutes=15)
"""After this long without any poll, polling has stopped; no regular pause is longer."""
_SPREAD = 10.0
"""Seconds over which the first polls are spread."""
# 10 % either way, so that a hundred feeds are not always polled in the same second.
_JITTER = 0.1
_EXPOSURE_EVERY = 60.0
"""Seconds between checks of what our services depend on, and which feeds are needed."""


@dataclass(frozen=True, slots=True)
class PollingPolicy:
    """Which feeds are polled, and how often those that our services need are. `platforms`: the chat platforms in use."""

    which: Which = "all"
    interval: timedelta = timedelta(seconds=60)
    platforms: tuple[str, ...] = ()


@dataclass(slots=True)
class FeedMonitor:
    """The latest reading of every feed (implements `ProviderStatus`). `run` polls until cancelled.

    `feeds` opens the feeds to poll; `tell` receives every reading, failed ones included; `estate` returns what is known of our
    services now; `memory` saves readings for restarts and other replicas.
    """

    catalogue: Catalogue
    feeds: Feeds
    estate: Callable[[], Awaitable[Estate]]
    tell: Callable[[FeedReading], None]
    memory: ReadingCache
    clock: Clock
    pace: PollingPolicy = field(default_factory=PollingPolicy)
    sleep: Sleep = asyncio.sleep
    chance: random.Random = field(default_factory=random.Random)  # jitter guards no secret
    _last: dict[str, FeedReading] = field(default_factory=dict)
    _from: Estate | None = None
    _exposure: Exposure = field(default_factory=Exposure)
    _began: datetime = field(init=False)
    _asked_at: datetime = field(init=False)
    _needed: frozenset[str] = frozenset()
    _often: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._set_exposure(known_exposure(self.catalogue))
        self._asked_at = self._began = self.clock()

    @property
    def providers(self) -> Mapping[str, KnownProvider]:
        """Every known provider, by name."""
        return self.catalogue.providers

    def readings(self) -> Sequence[FeedReading]:
        """The latest reading of each polled feed, by provider; a feed that never answered is unknown."""
        return sorted(self._last.values(), key=lambda reading: (reading.provider, reading.feed))

    async def exposure(self) -> Exposure:
        """What our services depend on, by the catalogue and the last audit; unchanged while the ledger is unavailable."""
        try:
            estate = await self.estate()
        except LedgerError:
            return self._exposure
        if estate is not self._from:
            self._from = estate
            self._set_exposure(known_exposure(self.catalogue, estate.seen))
        return self._exposure

    async def ahead(self) -> tuple[ProviderIncident, ...]:
        """Announced maintenance of providers that our services need, unless it is over: each once, the next one first."""
        exposure, now = await self.exposure(), self.clock()
        found = {
            (incident.provider, incident.id): incident
            for reading in self.readings()
            if exposure.needed_by.get(reading.provider)
            for incident in reading.incidents
            if incident.maintenance
            and incident.resolved_at is None
            and (incident.ends_at or incident.started_at or now) >= now
        }
        return tuple(
            sorted(found.values(), key=lambda incident: (incident.started_at or now, incident.provider, incident.id))
        )

    def unreadable(self) -> Mapping[str, str]:
        """Feeds that our services need and that could not be read for half an hour: name -> a sentence with the reason."""
        now, found = self.clock(), {}
        for name, reading in sorted(self._last.items()):
            since = reading.read_at or self._began
            if reading.provider in self._needed and reading.error and now - since >= UNREAD:
                lasts = _duration(now - since, ever_read=reading.read_at is not None)
                found[name] = f"{name} could not be read {lasts}: {reading.error}"
        return found

    def standstill(self) -> str:
        """A sentence if no feed has been polled for long, though there are feeds to poll; else empty."""
        still = self.clock() - self._asked_at
        idle = not any(provider.feed and self._is_polled(provider) for provider in self.providers.values())
        if idle or still < STANDSTILL:
            return ""
        return f"No status page has been polled for {int(still.total_seconds() // 60)} min."

    async def run(self) -> None:
        """Poll every feed until cancelled."""
        async with self.feeds() as opened, asyncio.TaskGroup() as group:
            await self.exposure()
            await self._restore(opened)
            group.create_task(self._keep_exposure())
            group.create_task(self._save_and_adopt(opened))
            for feed in opened:
                group.create_task(self._poll(feed))

    def _set_exposure(self, exposure: Exposure) -> None:
        self._exposure = exposure
        self._needed = frozenset({*needed_feeds(self.catalogue, exposure), *self.pace.platforms})
        clouds = {provider.name for provider in self.catalogue.providers.values() if provider.cloud}
        self._often = self._needed | clouds | {*_PLATFORMS}

    async def _keep_exposure(self) -> None:
        while True:
            await self.sleep(_EXPOSURE_EVERY)
            await self.exposure()

    async def _restore(self, feeds: Sequence[Feed]) -> None:
        """Load the saved readings, with their age, so that incidents that were removed meanwhile are noticed."""
        saved = await self.memory.restored()
        for feed in feeds:
            before = saved.get(feed.name)
            if feed.name not in self._last and self._is_wanted(feed):
                self._last[feed.name] = FeedReading(feed.provider, "")
                if before is not None:
                    self._adopt(feed, before)
        gone = set(saved) - {feed.name for feed in feeds}
        if gone:
            await self.memory.forget(gone)

    async def _save_and_adopt(self, feeds: Sequence[Feed]) -> None:
        """Save new readings, and adopt another replica's readings of feeds that this replica could not read."""
        while True:
            await self.sleep(KEEP_EVERY)
            await self.memory.write()
            behind = [feed for feed in feeds if self._is_behind(feed)]
            saved = await self.memory.newer() if behind else {}
            for feed in behind:
                if feed.name in saved and _is_later(saved[feed.name].reading, self._last[feed.name]):
                    self._adopt(feed, saved[feed.name])

    def _is_behind(self, feed: Feed) -> bool:
        last = self._last.get(feed.name)
        late = self._interval(feed) * 3
        return last is not None and (last.read_at is None or self.clock() - last.read_at > late)

    def _adopt(self, feed: Feed, saved: CachedReading) -> None:
        if feed.remember(saved.reading, saved.marks):
            self._last[feed.name] = replace(saved.reading, changed=False)
            self.tell(replace(saved.reading, error=""))

    async def _poll(self, feed: Feed) -> None:
        await self.sleep(self.chance.uniform(0, min(self.pace.interval.total_seconds(), _SPREAD)))
        while True:
            if not self._is_wanted(feed):
                self._last.pop(feed.name, None)
                await self.sleep(_EXPOSURE_EVERY)
                continue
            self._store(feed, await self._read(feed))
            pause = feed.wait(self._interval(feed)).total_seconds()
            await self.sleep(pause * self.chance.uniform(1 - _JITTER, 1 + _JITTER))

    async def _read(self, feed: Feed) -> FeedReading:
        """Poll once. If the poll raises an unexpected error, this feed is unknown and the others go on."""
        try:
            return await feed.read()
        except Exception:  # noqa: BLE001 - the other feeds must go on
            _log.exception("feed_read_crashed", feed=feed.name)
            before = self._last.get(feed.name) or FeedReading(feed.provider, "")
            return replace(before, changed=False, error="failed with an internal error; see backstay's log")

    def _store(self, feed: Feed, reading: FeedReading) -> None:
        self._last[feed.name], self._asked_at = reading, self.clock()
        self.memory.note(feed, reading)
        self.tell(reading)

    def _is_wanted(self, feed: Feed) -> bool:
        return self._is_polled(self.providers[feed.provider])

    def _is_polled(self, provider: KnownProvider) -> bool:
        return self.pace.which == "all" or provider.name in self._needed

    def _interval(self, feed: Feed) -> timedelta:
        return self.pace.interval if feed.provider in self._often else self.pace.interval * UNNEEDED_INTERVALS


def _duration(lasts: timedelta, *, ever_read: bool) -> str:
    minutes = int(lasts.total_seconds() // 60)
    return f"for {minutes} min" if ever_read else f"since backstay started {minutes} min ago"


def _is_later(reading: FeedReading, other: FeedReading) -> bool:
    return reading.read_at is not None and (other.read_at is None or reading.read_at > other.read_at)


def needed_feeds(catalogue: Catalogue, exposure: Exposure) -> set[str]:
    """The providers that our services need, and those that these providers are known to run on."""
    direct = set(exposure.needed_by)
    return direct | {scope.split("/")[0] for name in direct for scope in catalogue.runs_on.get(name, ())}
