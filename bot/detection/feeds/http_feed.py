"""Status pages over the network -> readings: conditional requests, back-off, bounds, one connection pool for all feeds.

A reading that fails carries what was known before and its error; how old that is shows in `read_at`.
"""

import asyncio
import hashlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from urllib.parse import urljoin, urlsplit

import httpx

from bot.detection.feeds import MAX_BYTES, FeedError, Parsed, parse
from bot.detection.feeds.parsing.dates import moment
from bot.detection.feeds.parsing.page import named
from bot.model import CacheValidators, Clock, Feed, FeedReading

REDIRECTS = 3
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
DEADLINE = 20.0
"""Seconds for a whole answer: one that trickles in must not hold its feed for ever."""
LONGEST_WAIT = timedelta(minutes=15)
_LARGE = 128 * 1024
"""Bytes from which parsing takes long enough to be felt."""
_MOVED = (301, 302, 303, 307, 308)

_NAMES = ThreadPoolExecutor(16, thread_name_prefix="feed-names")
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


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


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system's resolver, whose patience must not hold up what else runs in threads."""
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_NAMES, ask)
    return [str(one[4][0]) for one in found]


@asynccontextmanager
async def pool(connections: int = 40) -> AsyncIterator[httpx.AsyncClient]:
    """The one client that all feeds share. It follows no redirect by itself and takes no cookies along."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    headers = {
        "user-agent": "backstay (status feeds)",
        "accept": "application/json, application/xml, text/xml, */*;q=0.5",
    }
    async with httpx.AsyncClient(
        timeout=TIMEOUT, limits=limits, headers=headers, follow_redirects=False, trust_env=True
    ) as client:
        yield client


@dataclass(slots=True)
class _Memory:
    """What is kept between polls: the server's own marks of the body, and the reading that it led to."""

    marks: CacheValidators = field(default_factory=CacheValidators)
    reading: FeedReading | None = None
    failures: int = 0
    asked_to_wait: timedelta = timedelta()


class _FetchError(Exception):
    """Nothing was read: said in words fit for a person, and how long the far side wants to be left alone."""

    def __init__(self, problem: str, wait: timedelta = timedelta()) -> None:
        super().__init__(problem)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class HttpFeed:
    """A status page over HTTP (the `Feed` of ports.py). At most one request of it is in flight: who asks meanwhile joins."""

    spec: FeedSpec
    client: httpx.AsyncClient
    clock: Clock
    resolver: Resolve = resolve
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
        except TimeoutError:
            return self._failed(f"no whole answer within {self.deadline:g} s", timedelta())
        except (FeedError, _FetchError) as error:
            return self._failed(str(error), getattr(error, "wait", timedelta()))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            # An HTTP library's message may hold the address, and with it a token: its kind says enough.
            return self._failed(f"cannot be reached ({type(error).__name__})", timedelta())
        kept.failures, kept.asked_to_wait, kept.reading = 0, timedelta(), made
        return made

    def _failed(self, problem: str, wait: timedelta) -> FeedReading:
        self._kept.failures += 1
        self._kept.asked_to_wait = wait
        before = self._kept.reading or FeedReading(self.spec.provider, self.spec.format)
        self._kept.reading = replace(before, changed=False, error=problem)
        return self._kept.reading

    async def _reading(self, answer: _Answer) -> FeedReading:
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

    def _mark(self, answer: _Answer, digest: str) -> None:
        """Only of a body that could be read: a broken one must come again in full."""
        before = self._kept.marks if answer.status == 304 else CacheValidators()
        etag = answer.headers.get("etag", before.etag)
        self._kept.marks = CacheValidators(etag, answer.headers.get("last-modified", before.modified), digest)

    def _made(self, parsed: Parsed, now: datetime) -> FeedReading:
        return FeedReading(
            provider=self.spec.provider,
            format=parsed.format,
            incidents=tuple(named(one, self.spec.provider) for one in parsed.page.incidents),
            components=parsed.page.components,
            severity=parsed.page.severity,
            read_at=now,
            changed=True,
        )

    async def _fetch(self) -> _Answer:
        """The body, through at most three redirects, each checked before it is followed."""
        url, marks = self.spec.url, self._kept.marks
        asked = {"if-none-match": marks.etag, "if-modified-since": marks.modified}
        headers = {name: value for name, value in asked.items() if value}
        for _ in range(REDIRECTS + 1):
            await self._allow(url)
            own = self.spec.headers if _origin(url) == _origin(self.spec.url) else {}
            answer = await self._get(url, {**headers, **own})
            if answer.status not in _MOVED:
                return self._good(answer)
            url = urljoin(url, answer.headers.get("location", ""))
        raise _FetchError(f"leads through more than {REDIRECTS} redirects")

    async def _get(self, url: str, headers: Mapping[str, str]) -> _Answer:
        async with self.client.stream("GET", url, headers=headers) as response:
            body = b"" if response.status_code in _MOVED else await _bounded(response)
            return _Answer(response.status_code, response.headers, body)

    def _good(self, answer: _Answer) -> _Answer:
        if answer.status in (200, 304):
            return answer
        raise _FetchError(f"answers {answer.status}", self._asked(answer.headers.get("retry-after", "")))

    def _asked(self, said: str) -> timedelta:
        """Retry-After in seconds or as a date."""
        if said.isascii() and said.isdigit():
            return timedelta(seconds=min(int(said[:6]), 86_400))
        until = moment(said)
        return max(timedelta(), until - self.clock()) if until else timedelta()

    async def _allow(self, url: str) -> None:
        """Refuse what is not HTTP, and addresses inside unless they are allowed: a feed must not read our own network."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _FetchError("leads to an address that is not http or https")
        if self.spec.private:
            return
        port = parts.port or (443 if parts.scheme == "https" else 80)
        for address in await self.resolver(parts.hostname, port):
            if not ipaddress.ip_address(address.partition("%")[0]).is_global:
                raise _FetchError("leads to a private address; set private: true on the feed to allow that")


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port


async def _bounded(response: httpx.Response) -> bytes:
    """The body as long as it stays within bounds, also once unpacked."""
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > MAX_BYTES:
            raise FeedError(f"has more than {MAX_BYTES:,} bytes")
        parts.append(part)
    return b"".join(parts)


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
