"""Reads status pages over HTTP: conditional requests, backoff, bounds, and one connection pool for all feeds.

A reading that fails carries the last good reading and its error; `read_at` shows how old that is.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.metadata import version

from bot.detection.feeds import MAX_BYTES, FeedError, Parsed, parse
from bot.detection.feeds.parsing.page import with_provider
from bot.model import CacheValidators, Clock, Feed, FeedReading
from bot.net.egress import EgressPolicy, NetworkError, PrivateAddressError, Resolve, resolve
from bot.net.http import retry_after
from bot.net.http_client import HttpAnswer, HttpClient, HttpRequest, TimedOutError

REDIRECTS = 3
STALL = timedelta(seconds=10)
"""The longest wait for the next part of an answer."""
DEADLINE = 20.0
"""Seconds for a whole answer: one that trickles in must not hold its feed for ever."""
LONGEST_WAIT = timedelta(minutes=15)
_LARGE = 128 * 1024
"""Bytes from which parsing takes long enough to be felt."""
_HEADERS = {
    "User-Agent": "backstay (status feeds)",
    "Accept": "application/json, application/xml, text/xml, */*;q=0.5",
}


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """A feed to read. `format` empty: found out by the shape of what comes. `private`: addresses inside are allowed.

    `headers` may hold secrets: they go to the feed's own host alone, and nowhere else.
    """

    provider: str
    url: str = field(repr=False)
    format: str = ""
    private: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@asynccontextmanager
async def pool(connections: int = 40, *, resolver: Resolve = resolve) -> AsyncIterator[HttpClient]:
    """Open the one HTTP client that all feeds share, with this many connections at most."""
    async with HttpClient(EgressPolicy(), resolver=resolver, connections=connections) as client:
        yield client


@dataclass(slots=True)
class _Memory:
    """What is kept between polls: the server's own marks of the body, and the reading that it led to."""

    marks: CacheValidators = field(default_factory=CacheValidators)
    reading: FeedReading | None = None
    failures: int = 0
    asked_to_wait: timedelta = timedelta()


class _FetchError(Exception):
    """The page was not read: the reason as people read it, and how long the server asks to wait."""

    def __init__(self, problem: str, wait: timedelta = timedelta()) -> None:
        super().__init__(problem)
        self.wait = wait


@dataclass(slots=True)
class HttpFeed:
    """A status page over HTTP (the `Feed` of ports.py). At most one request of it is in flight: who asks meanwhile joins."""

    spec: FeedSpec
    client: HttpClient
    clock: Clock
    deadline: float = DEADLINE
    _kept: _Memory = field(default_factory=_Memory)
    _running: "asyncio.Task[FeedReading] | None" = None

    @property
    def provider(self) -> str:
        """The name in the catalogue."""
        return self.spec.provider

    @property
    def name(self) -> str:
        """The provider's: it is its public page."""
        return self.spec.provider

    @property
    def last(self) -> FeedReading | None:
        """The reading before, None where there was none."""
        return self._kept.reading

    @property
    def marks(self) -> CacheValidators:
        """The marks of the last body that could be read."""
        return replace(self._kept.marks, source=self._source)

    def remember(self, reading: FeedReading, marks: CacheValidators) -> bool:
        """Start from an earlier reading, as the ledger kept it. False: it was made of another address."""
        if marks.source != self._source:
            return False
        self._kept.reading, self._kept.marks = replace(reading, changed=False), marks
        return True

    @property
    def _source(self) -> str:
        """The address may be a secret; and what another version of ours made of the same body may differ."""
        made_by = f"{version('backstay')} {self.spec.format} {self.spec.url}"
        return hashlib.blake2b(made_by.encode(), digest_size=12).hexdigest()

    async def read(self) -> FeedReading:
        """Ask once, or join the request that is in flight."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._read())
        return await asyncio.shield(self._running)

    def wait(self, interval: timedelta) -> timedelta:
        """How long to wait before the next poll: longer after each failure, and as long as the far side asked for."""
        backed_off = interval * float(2 ** min(self._kept.failures, 10))
        return max(interval, min(backed_off, LONGEST_WAIT), min(self._kept.asked_to_wait, timedelta(hours=1)))

    async def _read(self) -> FeedReading:
        kept = self._kept
        try:
            async with asyncio.timeout(self.deadline):
                answer = await self._fetch()
                made = await self._reading(answer)
        except (TimeoutError, TimedOutError):
            return self._failed(f"no whole answer within {self.deadline:g} s", timedelta())
        except (FeedError, _FetchError) as error:
            return self._failed(str(error), getattr(error, "wait", timedelta()))
        except PrivateAddressError as error:
            return self._failed(f"{error.reason}; set private: true on the feed to allow that", timedelta())
        except NetworkError as error:
            return self._failed(error.reason, timedelta())
        except ValueError as error:
            return self._failed(f"cannot be read ({type(error).__name__})", timedelta())
        kept.failures, kept.asked_to_wait, kept.reading = 0, timedelta(), made
        return made

    def _failed(self, problem: str, wait: timedelta) -> FeedReading:
        self._kept.failures += 1
        self._kept.asked_to_wait = wait
        before = self._kept.reading or FeedReading(self.spec.provider, self.spec.format)
        self._kept.reading = replace(before, changed=False, error=problem)
        return self._kept.reading

    async def _reading(self, answer: HttpAnswer) -> FeedReading:
        kept, now = self._kept, self.clock()
        same = answer.status == 304
        digest = kept.marks.digest if same else hashlib.blake2b(answer.body, digest_size=16).hexdigest()
        if kept.reading and kept.reading.read_at and digest and digest == kept.marks.digest:
            self._mark(answer, digest)
            return replace(kept.reading, read_at=now, changed=False, error="")
        if same:
            kept.marks = CacheValidators()
            raise _FetchError("says that nothing changed since a body that is not known here")
        parsed = await self._parsed(answer.body)
        self._mark(answer, digest)
        return self._made(parsed, now)

    async def _parsed(self, body: bytes) -> Parsed:
        """A large page is read aside: it must not hold up everything else."""
        if len(body) < _LARGE:
            return parse(body, self.spec.format)
        return await asyncio.to_thread(parse, body, self.spec.format)

    def _mark(self, answer: HttpAnswer, digest: str) -> None:
        """Only of a body that could be read: a broken one must come again in full."""
        before = self._kept.marks if answer.status == 304 else CacheValidators()
        etag = answer.headers.get("etag", before.etag)
        self._kept.marks = CacheValidators(etag, answer.headers.get("last-modified", before.modified), digest)

    def _made(self, parsed: Parsed, now: datetime) -> FeedReading:
        return FeedReading(
            provider=self.spec.provider,
            format=parsed.format,
            incidents=tuple(with_provider(incident, self.spec.provider) for incident in parsed.page.incidents),
            components=parsed.page.components,
            severity=parsed.page.severity,
            read_at=now,
            changed=True,
        )

    async def _fetch(self) -> HttpAnswer:
        """The page, through at most three redirects; 304 where it is as it was."""
        marks = self._kept.marks
        asked = {"If-None-Match": marks.etag, "If-Modified-Since": marks.modified}
        answer = await self.client.request(
            HttpRequest(
                self.spec.url,
                headers={**_HEADERS, **{name: value for name, value in asked.items() if value}},
                credentials=self.spec.headers,
                private=self.spec.private,
                private_redirects=self.spec.private,
                redirects=REDIRECTS,
                most_bytes=MAX_BYTES,
                timeout=timedelta(seconds=self.deadline),
                stall=STALL,
            )
        )
        if answer.status in (200, 304):
            return answer
        wait = retry_after(answer.headers.get("retry-after", ""), self.clock())
        raise _FetchError(f"answers {answer.status}", wait or timedelta())


async def read_once(
    feeds: Sequence[Feed], *, at_once: int = 20, done: Callable[[FeedReading], None] = lambda _: None
) -> list[FeedReading]:
    """One reading of each feed, some at a time, in their order; `done` is told each as it comes."""
    gate = asyncio.Semaphore(at_once)

    async def one(feed: Feed) -> FeedReading:
        async with gate:
            reading = await feed.read()
        done(reading)
        return reading

    return list(await asyncio.gather(*(one(feed) for feed in feeds)))
