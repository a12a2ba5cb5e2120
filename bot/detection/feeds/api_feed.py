"""A feed behind credentials -> readings in the one shape: whatever asks brings the bytes of a format that is known."""

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
LEAST = timedelta(minutes=5)
"""Between two polls: these interfaces grant few calls, and what is public comes sooner by the public page."""
LONGEST_WAIT = timedelta(hours=1)
_log = structlog.get_logger(__name__)


class AskError(Exception):
    """Nothing was read: said in words fit for a person. `wait`: how long asking again is of no use."""

    def __init__(self, problem: str, wait: timedelta = timedelta()) -> None:
        super().__init__(problem)
        self.wait = wait


@dataclass(slots=True)
class ApiFeed:
    """A `ports.Feed`. `feed` says which of the provider's it is, in words for people; `ask` gives a body or raises AskError."""

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
        """Its own, beside the provider's public page."""
        return f"{self.provider}/{self.feed}"

    @property
    def marks(self) -> CacheValidators:
        """What the last body was."""
        return replace(self._marks, source=self.name)

    def remember(self, reading: FeedReading, marks: CacheValidators) -> bool:
        """Start from an earlier reading. False: it is of another source."""
        if marks.source != self.name:
            return False
        self._reading, self._marks = replace(reading, changed=False), marks
        return True

    async def read(self) -> FeedReading:
        """Ask once, or join the one who is asking."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._read())
        return await asyncio.shield(self._running)

    def wait(self, interval: timedelta) -> timedelta:
        """At least five minutes; longer after each failure, and where asking again is of no use."""
        usual = max(interval, LEAST)
        return max(usual, min(usual * float(2 ** min(self._failures, 8)), LONGEST_WAIT), self._to_wait)

    async def _read(self) -> FeedReading:
        try:
            async with asyncio.timeout(self.deadline):
                made = await self._made(await self.ask())
        except TimeoutError:
            return self._failed(f"no whole answer within {self.deadline:g} s", timedelta())
        except AskError as error:
            return self._failed(str(error), error.wait)
        except FeedError as error:
            return self._failed(str(error), timedelta())
        except Exception as error:  # noqa: BLE001 - one feed that breaks is unknown, and costs no other
            _log.warning("feeds.ask_failed", feed=self.name, kind=type(error).__name__)
            return self._failed(f"cannot be asked ({type(error).__name__})", timedelta())
        self._failures, self._to_wait, self._reading = 0, timedelta(), made
        return made

    async def _made(self, body: bytes) -> FeedReading:
        now, digest = self.clock(), hashlib.blake2b(body, digest_size=16).hexdigest()
        if self._reading and self._reading.read_at and digest == self._marks.digest:
            return replace(self._reading, read_at=now, changed=False, error="")
        page = (await asyncio.to_thread(parse, body, self.format)).page
        self._marks = CacheValidators(digest=digest)
        incidents = tuple(with_provider(one, self.provider) for one in page.incidents)
        return FeedReading(
            self.provider, self.format, incidents, page.components, page.severity, now, changed=True, feed=self.feed
        )

    def _failed(self, problem: str, wait: timedelta) -> FeedReading:
        self._failures, self._to_wait = self._failures + 1, min(wait, LONGEST_WAIT)
        before = self._reading or FeedReading(self.provider, self.format, feed=self.feed)
        self._reading = replace(before, changed=False, error=problem)
        return self._reading
