"""Status pages, read again and again while serving -> the watch, and a room with the last reading of each for whoever asks."""

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
SELDOM = 5
"""What none of ours needs is read so many times less often."""
UNREAD = timedelta(minutes=30)
"""A feed that our services need and that could not be read for so long is told to those who run this."""
STANDS_STILL = timedelta(minutes=15)
"""Longer than any pause between two polls of all feeds that are left alone for a while."""
_SPREAD = 10.0
"""Seconds over which the first round is spread."""
# 10 % either way, so that a hundred feeds do not ask in the same second for ever.
_JITTER = 0.1
_LOOK_AGAIN = 60.0
"""Seconds between looks at what our services stand on now, and whether a feed is needed."""


@dataclass(frozen=True, slots=True)
class PollingPolicy:
    """Which feeds are read, and how often those that matter to us are. `platforms`: providers that people are told by."""

    which: Which = "all"
    interval: timedelta = timedelta(seconds=60)
    platforms: tuple[str, ...] = ()


@dataclass(slots=True)
class FeedMonitor:
    """The real `touching.Room`. It can be asked at once; `run` keeps it fresh until cancelled.

    `feeds` opens what is to be read; `tell` takes every reading, also those that failed; `estate` says what is known of our
    services now; `memory` keeps readings over a restart.
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
    _near: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._stand_on(known_exposure(self.catalogue))
        self._asked_at = self._began = self.clock()

    @property
    def providers(self) -> Mapping[str, KnownProvider]:
        """Every provider that is known, by its name."""
        return self.catalogue.providers

    def readings(self) -> Sequence[FeedReading]:
        """One of each feed that is read, by provider; one that never answered is unknown."""
        return sorted(self._last.values(), key=lambda one: (one.provider, one.feed))

    async def exposure(self) -> Exposure:
        """What our services stand on: by the catalogue and the last audit; as before while the ledger is out of reach."""
        try:
            estate = await self.estate()
        except LedgerError:
            return self._exposure
        if estate is not self._from:
            self._from = estate
            self._stand_on(known_exposure(self.catalogue, estate.seen))
        return self._exposure

    async def ahead(self) -> tuple[ProviderIncident, ...]:
        """Maintenance that providers we need have announced and not ended, each once, the next one first."""
        stand, now = await self.exposure(), self.clock()
        found = {
            (one.provider, one.id): one
            for reading in self.readings()
            if stand.needed_by.get(reading.provider)
            for one in reading.incidents
            if one.maintenance and one.resolved_at is None and (one.ends_at or one.started_at or now) >= now
        }
        return tuple(sorted(found.values(), key=lambda one: (one.started_at or now, one.provider, one.id)))

    def unreadable(self) -> Mapping[str, str]:
        """Feeds that our services need and that could not be read for half an hour: name -> a sentence on it."""
        now, found = self.clock(), {}
        for name, one in sorted(self._last.items()):
            since = one.read_at or self._began
            if one.provider in self._needed and one.error and now - since >= UNREAD:
                found[name] = (
                    f"{name} has not been readable {_for(now - since, ever=one.read_at is not None)}: {one.error}"
                )
        return found

    def standstill(self) -> str:
        """A sentence where no feed has been asked for long, though there are some to ask; else empty."""
        still = self.clock() - self._asked_at
        idle = not any(one.feed and self._is_read(one) for one in self.providers.values())
        if idle or still < STANDS_STILL:
            return ""
        return f"No status page has been asked for {int(still.total_seconds() // 60)} min."

    async def run(self) -> None:
        """Read every feed again and again, until cancelled."""
        async with self.feeds() as opened, asyncio.TaskGroup() as group:
            await self.exposure()
            await self._restore(opened)
            group.create_task(self._keep_exposure())
            group.create_task(self._remember(opened))
            for feed in opened:
                group.create_task(self._go_round(feed))

    def _stand_on(self, stand: Exposure) -> None:
        self._exposure = stand
        self._needed = frozenset({*needed_feeds(self.catalogue, stand), *self.pace.platforms})
        clouds = {one.name for one in self.catalogue.providers.values() if one.cloud}
        self._near = self._needed | clouds | {*_PLATFORMS}

    async def _keep_exposure(self) -> None:
        while True:
            await self.sleep(_LOOK_AGAIN)
            await self.exposure()

    async def _restore(self, feeds: Sequence[Feed]) -> None:
        """Begin with what was known before: it shows how old it is, and what went away meanwhile is seen to be gone."""
        kept = await self.memory.restored()
        for feed in feeds:
            before = kept.get(feed.name)
            if feed.name not in self._last and self._wanted(feed):
                self._last[feed.name] = FeedReading(feed.provider, "")
                if before is not None:
                    self._adopt(feed, before)
        gone = set(kept) - {feed.name for feed in feeds}
        if gone:
            await self.memory.forget(gone)

    async def _remember(self, feeds: Sequence[Feed]) -> None:
        """Write down what is new, and take over what another replica has read where we could not."""
        while True:
            await self.sleep(KEEP_EVERY)
            await self.memory.write()
            behind = [feed for feed in feeds if self._behind(feed)]
            kept = await self.memory.newer() if behind else {}
            for feed in behind:
                if feed.name in kept and _later(kept[feed.name].reading, self._last[feed.name]):
                    self._adopt(feed, kept[feed.name])

    def _behind(self, feed: Feed) -> bool:
        last = self._last.get(feed.name)
        late = self._interval(feed) * 3
        return last is not None and (last.read_at is None or self.clock() - last.read_at > late)

    def _adopt(self, feed: Feed, kept: CachedReading) -> None:
        if feed.remember(kept.reading, kept.marks):
            self._last[feed.name] = replace(kept.reading, changed=False)
            self.tell(replace(kept.reading, error=""))

    async def _go_round(self, feed: Feed) -> None:
        await self.sleep(self.chance.uniform(0, min(self.pace.interval.total_seconds(), _SPREAD)))
        while True:
            if not self._wanted(feed):
                self._last.pop(feed.name, None)
                await self.sleep(_LOOK_AGAIN)
                continue
            self._take(feed, await self._read(feed))
            pause = feed.wait(self._interval(feed)).total_seconds()
            await self.sleep(pause * self.chance.uniform(1 - _JITTER, 1 + _JITTER))

    async def _read(self, feed: Feed) -> FeedReading:
        """One poll. A page that breaks the code that reads it is unknown, and takes no other page along."""
        try:
            return await feed.read()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the other pages are read on
            _log.exception("feed_broke", feed=feed.name)
            before = self._last.get(feed.name) or FeedReading(feed.provider, "")
            return replace(before, changed=False, error=f"could not be made sense of ({type(error).__name__})")

    def _take(self, feed: Feed, reading: FeedReading) -> None:
        self._last[feed.name], self._asked_at = reading, self.clock()
        self.memory.note(feed, reading)
        self.tell(reading)

    def _wanted(self, feed: Feed) -> bool:
        return self._is_read(self.providers[feed.provider])

    def _is_read(self, provider: KnownProvider) -> bool:
        return self.pace.which == "all" or provider.name in self._needed

    def _interval(self, feed: Feed) -> timedelta:
        return self.pace.interval if feed.provider in self._near else self.pace.interval * SELDOM


def _for(lasts: timedelta, *, ever: bool) -> str:
    minutes = int(lasts.total_seconds() // 60)
    return f"for {minutes} min" if ever else f"since the start {minutes} min ago"


def _later(one: FeedReading, other: FeedReading) -> bool:
    return one.read_at is not None and (other.read_at is None or one.read_at > other.read_at)


def needed_feeds(catalogue: Catalogue, stand: Exposure) -> set[str]:
    """Providers that our services need, and those that these are known to run on."""
    direct = set(stand.needed_by)
    return direct | {scope.split("/")[0] for name in direct for scope in catalogue.runs_on.get(name, ())}
