"""Status pages over the network -> readings: conditional requests, back-off, bounds, one connection pool for all feeds.

A reading that fails carries what was known before and its error; how old that is shows in `read_at`.
"""

import asyncio
import hashlib
import ipaddress
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import httpx

from bot.feeds import MAX_BYTES, FeedError, Parsed, parse
from bot.feeds._moments import moment
from bot.feeds._page import named
from bot.ports import Clock, FeedReading

REDIRECTS = 3
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
DEADLINE = 20.0
"""Seconds for a whole answer: one that trickles in must not hold its feed for ever."""
LONGEST_WAIT = timedelta(minutes=15)
_MOVED = (301, 302, 303, 307, 308)
# 10 % either way, so that a hundred feeds do not ask in the same second for ever.
_JITTER = 0.1

Sleep = Callable[[float], Awaitable[None]]
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """A feed to read. `format` empty: found out by the shape of what comes. `private`: addresses inside are allowed."""

    provider: str
    url: str
    format: str = ""
    private: bool = False


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
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

    etag: str = ""
    modified: str = ""
    digest: bytes = b""
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

    def remember(self, reading: FeedReading) -> None:
        """Start from an earlier reading, as the ledger kept it."""
        self._kept.reading = replace(reading, changed=False)

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
            made = self._reading(answer)
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

    def _reading(self, answer: _Answer) -> FeedReading:
        kept, now = self._kept, self.clock()
        digest = hashlib.blake2b(answer.body, digest_size=16).digest() if answer.status != 304 else kept.digest
        if kept.reading and kept.reading.read_at and digest == kept.digest:
            self._mark(answer)
            return replace(kept.reading, read_at=now, changed=False, error="")
        if answer.status == 304:
            kept.etag = kept.modified = ""
            raise _FetchError("says that nothing changed since a body that is not known here")
        parsed = parse(answer.body, self.spec.format)
        self._mark(answer)
        kept.digest = digest
        return self._made(parsed, now)

    def _mark(self, answer: _Answer) -> None:
        """Only of a body that could be read: a broken one must come again in full."""
        self._kept.etag = answer.headers.get("etag", "" if answer.status != 304 else self._kept.etag)
        self._kept.modified = answer.headers.get("last-modified", "" if answer.status != 304 else self._kept.modified)

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
        url = self.spec.url
        headers = {"if-none-match": self._kept.etag} if self._kept.etag else {}
        if self._kept.modified:
            headers["if-modified-since"] = self._kept.modified
        for _ in range(REDIRECTS + 1):
            await self._allow(url)
            answer = await self._get(url, headers)
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


async def _bounded(response: httpx.Response) -> bytes:
    """The body as long as it stays within bounds, also once unpacked."""
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > MAX_BYTES:
            raise FeedError(f"has more than {MAX_BYTES:,} bytes")
        parts.append(part)
    return b"".join(parts)


async def poll(
    feeds: Sequence[HttpFeed],
    told: Callable[[FeedReading], Awaitable[None]],
    *,
    every: timedelta,
    sleep: Sleep = asyncio.sleep,
    chance: random.Random | None = None,
) -> None:
    """Read every feed again and again, spread over the interval, until cancelled.

    Args:
        feeds: what to read.
        told: is handed each reading, also those that failed. What it raises ends the polling.
        every: between two polls of a feed that answers.
        sleep: how to wait.
        chance: where jitter comes from.
    """
    dice = chance or random.Random()  # noqa: S311 - jitter guards no secret
    async with asyncio.TaskGroup() as group:
        for feed in feeds:
            group.create_task(_poll_one(feed, told, every, sleep, dice))


async def _poll_one(
    feed: HttpFeed, told: Callable[[FeedReading], Awaitable[None]], every: timedelta, sleep: Sleep, dice: random.Random
) -> None:
    await sleep(dice.uniform(0, min(every.total_seconds(), 10.0)))
    while True:
        await told(await feed.read())
        await sleep(feed.wait(every).total_seconds() * dice.uniform(1 - _JITTER, 1 + _JITTER))


async def read_once(feeds: Sequence[HttpFeed], *, at_once: int = 20) -> list[FeedReading]:
    """One reading of each feed, some at a time, in their order."""
    gate = asyncio.Semaphore(at_once)

    async def one(feed: HttpFeed) -> FeedReading:
        async with gate:
            return await feed.read()

    return list(await asyncio.gather(*(one(feed) for feed in feeds)))
