"""Polls a provider API that needs credentials; the response is parsed like a status page of a known format."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from bot.detection.feeds import FeedError, parse
from bot.detection.feeds.parsing.page import with_provider
from bot.model import CacheValidators, Clock, FeedReading

DEADLINE = 60.0
SHORTEST_INTERVAL = timedelta(minutes=5)
"""Shortest pause between polls: these APIs allow few calls, and public incidents appear on the public page sooner."""
LONGEST_WAIT = timedelta(hours=1)
_log = structlog.get_logger(__name__)


class ApiReadError(Exception):
    """The API was not read; the text says why, for people. `wait`: how long another attempt is pointless."""

    def __init__(self, problem: str, wait: timedelta = timedelta()) -> None:
        super().__init__(problem)
        self.wait = wait


@dataclass(slots=True)
class ApiFeed:
    """A `Feed` of a provider API. `feed` is its name for people; `ask` returns a body or raises ApiReadError."""

    provider: str
    feed: str
    format: str
    ask: Callable[[], Awaitable[bytes]]
    clock: Clock
    deadline: float = DEADLINE
    _reading: FeedReading | None = None
    _marks: CacheValidators = field(default_factory=CacheValidators)
    _failures: int = 0
    _to_wait: timedelta = timedelta()
    _running: "asyncio.Task[FeedReading] | None" = None

    @property
    def name(self) -> str:
        """The name by which this feed is saved; the provider's public page has another."""
        return f"{self.provider}/{self.feed}"

    @property
    def marks(self) -> CacheValidators:
        """The digest of the last body."""
        return replace(self._marks, source=self.name)

    def remember(self, reading: FeedReading, marks: CacheValidators) -> bool:
        """Continue from a saved reading. Returns False if the reading is of another feed."""
        if marks.source != self.name:
            return False
        self._reading, self._marks = replace(reading, changed=False), marks
        return True

    async def read(self) -> FeedReading:
        """Call the API, or wait for the call in progress."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._read())
        return await asyncio.shield(self._running)

    def wait(self, interval: timedelta) -> timedelta:
        """The pause until the next poll: at least five minutes, longer after failures and while another attempt is pointless."""
        usual = max(interval, SHORTEST_INTERVAL)
        return max(usual, min(usual * float(2 ** min(self._failures, 8)), LONGEST_WAIT), self._to_wait)

    async def _read(self) -> FeedReading:
        try:
            async with asyncio.timeout(self.deadline):
                reading = await self._parsed(await self.ask())
        except TimeoutError:
            return self._failed(f"did not respond completely within {self.deadline:g} s", timedelta())
        except ApiReadError as error:
            return self._failed(str(error), error.wait)
        except FeedError as error:
            return self._failed(str(error), timedelta())
        except Exception as error:  # noqa: BLE001 - a feed that fails must not stop the others
            _log.warning("feed_api_read_failed", feed=self.name, kind=type(error).__name__)
            return self._failed("failed with an internal error; see backstay's log", timedelta())
        self._failures, self._to_wait, self._reading = 0, timedelta(), reading
        return reading

    async def _parsed(self, body: bytes) -> FeedReading:
        now, digest = self.clock(), hashlib.blake2b(body, digest_size=16).hexdigest()
        if self._reading and self._reading.read_at and digest == self._marks.digest:
            return replace(self._reading, read_at=now, changed=False, error="")
        page = (await asyncio.to_thread(parse, body, self.format)).page
        self._marks = CacheValidators(digest=digest)
        incidents = tuple(with_provider(incident, self.provider) for incident in page.incidents)
        return FeedReading(
            self.provider, self.format, incidents, page.components, page.severity, now, changed=True, feed=self.feed
        )

    def _failed(self, problem: str, wait: timedelta) -> FeedReading:
        self._failures, self._to_wait = self._failures + 1, min(wait, LONGEST_WAIT)
        before = self._reading or FeedReading(self.provider, self.format, feed=self.feed)
        self._reading = replace(before, changed=False, error=problem)
        return self._reading
