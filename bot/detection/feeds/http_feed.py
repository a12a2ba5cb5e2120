"""Polls status pages over HTTP: conditional requests, backoff, size and time limits, one connection pool for all feeds.

A failed poll returns the last good reading with the error; `read_at` shows how old that reading is.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from urllib.parse import urlsplit

import structlog

from bot.detection.feeds import MAX_BYTES, FeedError, Parsed, parse_hinted
from bot.detection.feeds.parsing.page import with_provider
from bot.model import CacheValidators, Clock, Feed, FeedReading
from bot.net.egress import EgressPolicy, NetworkError, PrivateAddressError, Resolve, resolve
from bot.net.http import retry_after
from bot.net.http_client import HttpAnswer, HttpClient, HttpRequest, TimedOutError

_log = structlog.get_logger(__name__)

REDIRECTS = 3
STALL = timedelta(seconds=10)
"""Longest wait for the next part of a response."""
DEADLINE = 20.0
"""Seconds for a complete response, so that a slow one does not block its feed."""
LONGEST_WAIT = timedelta(minutes=15)
_LOGIN_HOSTS = ("login", "signin", "sso", "auth", "accounts", "idp", "oauth")
_LOGIN_PATH = re.compile(
    r"(user[_-]?)?(log|sign)[_-]?in|(saml|sso|oauth|auth)2?|authori[sz]e|authenticate", re.IGNORECASE
)
_PASSWORD = re.compile(rb"<input[^>]{0,300}type=[\"']?password", re.IGNORECASE)
_LOGIN_TITLE = re.compile(
    rb"<title[^>]{0,100}>[^<]{0,80}\b(?:sign[ -]?in|log[ -]?in|single sign-on|anmelden|anmeldung)\b", re.IGNORECASE
)
_LARGE = 128 * 1024
"""Bodies from this size, in bytes, are parsed in a thread."""
_HEADERS = {
    "User-Agent": "backstay (status feeds)",
    "Accept": "application/json, application/xml, text/xml, */*;q=0.5",
}


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """A feed to poll. `format` is the one that the page had last: another one is recognised by the body's shape.

    `private` allows private addresses. `headers` may contain secrets: they are sent to the feed's own host only.
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
    """The state between polls: the server's validators of the last body, and the reading made from it."""

    marks: CacheValidators = field(default_factory=CacheValidators)
    reading: FeedReading | None = None
    failures: int = 0
    asked_to_wait: timedelta = timedelta()


class _FetchError(Exception):
    """The page could not be read; the text says why, for people. `wait`: how long the server asks to wait."""

    def __init__(self, problem: str, wait: timedelta = timedelta()) -> None:
        super().__init__(problem)
        self.wait = wait


@dataclass(slots=True)
class HttpFeed:
    """A status page over HTTP (implements `Feed`). At most one request is in flight; concurrent callers share it."""

    spec: FeedSpec
    client: HttpClient
    clock: Clock
    deadline: float = DEADLINE
    _kept: _Memory = field(default_factory=_Memory)
    _running: "asyncio.Task[FeedReading] | None" = None

    @property
    def provider(self) -> str:
        """The provider's name in the catalogue."""
        return self.spec.provider

    @property
    def name(self) -> str:
        """The feed's name, which is the provider's: this is its public page."""
        return self.spec.provider

    @property
    def last(self) -> FeedReading | None:
        """The last reading; None before the first poll."""
        return self._kept.reading

    @property
    def marks(self) -> CacheValidators:
        """The validators of the last body that was parsed."""
        return replace(self._kept.marks, source=self._source)

    def remember(self, reading: FeedReading, marks: CacheValidators) -> bool:
        """Continue from a saved reading. Returns False if the reading is of another address."""
        if marks.source != self._source:
            return False
        self._kept.reading, self._kept.marks = replace(reading, changed=False), marks
        return True

    @property
    def _source(self) -> str:
        """A hash of version, format and address: the address may be a secret, and another version may parse differently."""
        made_by = f"{version('backstay')} {self.spec.format} {self.spec.url}"
        return hashlib.blake2b(made_by.encode(), digest_size=12).hexdigest()

    async def read(self) -> FeedReading:
        """Poll the page, or wait for the poll in progress."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._read())
        return await asyncio.shield(self._running)

    def wait(self, interval: timedelta) -> timedelta:
        """The pause until the next poll: longer after each failure, and at least what the server asked for, up to one hour."""
        backed_off = interval * float(2 ** min(self._kept.failures, 10))
        return max(interval, min(backed_off, LONGEST_WAIT), min(self._kept.asked_to_wait, timedelta(hours=1)))

    async def _read(self) -> FeedReading:
        kept = self._kept
        try:
            async with asyncio.timeout(self.deadline):
                answer = await self._fetch()
                reading = await self._reading(answer)
        except (TimeoutError, TimedOutError):
            return self._failed(f"did not respond completely within {self.deadline:g} s", timedelta())
        except (FeedError, _FetchError) as error:
            return self._failed(str(error), getattr(error, "wait", timedelta()))
        except PrivateAddressError as error:
            return self._failed(f"{error.reason}; to allow it, set `private: true` on the feed", timedelta())
        except NetworkError as error:
            return self._failed(error.reason, timedelta())
        except ValueError as error:
            _log.warning("feed_read_failed", feed=self.name, kind=type(error).__name__)
            return self._failed("failed with an internal error; see backstay's log", timedelta())
        kept.failures, kept.asked_to_wait, kept.reading = 0, timedelta(), reading
        return reading

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
            raise _FetchError("returned HTTP 304 (not modified) for a body that backstay has not read")
        parsed = await self._parsed(answer.body)
        before = kept.reading.format if kept.reading and kept.reading.read_at else self.spec.format
        if self.spec.format and parsed.format not in (self.spec.format, before):
            _log.warning("feed_format_differs", feed=self.name, expected=self.spec.format, found=parsed.format)
        self._mark(answer, digest)
        return self._made(parsed, now)

    async def _parsed(self, body: bytes) -> Parsed:
        """Parse the body, in a thread if it is large, so that it does not block the event loop."""
        spec = self.spec
        try:
            if len(body) < _LARGE:
                return parse_hinted(body, spec.format, spec.provider)
            return await asyncio.to_thread(parse_hinted, body, spec.format, spec.provider)
        except FeedError:
            if _PASSWORD.search(body) or _LOGIN_TITLE.search(body):
                raise _FetchError("answered with a login page; it is not public") from None
            raise

    def _mark(self, answer: HttpAnswer, digest: str) -> None:
        """Keep the validators of a body that was parsed; a body that was not must be sent again in full."""
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
            unread=parsed.unread,
        )

    async def _fetch(self) -> HttpAnswer:
        """Request the page, through at most three redirects; the status is 200, or 304 if it has not changed."""
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
                check_redirect=_refuse_login,
                most_bytes=MAX_BYTES,
                timeout=timedelta(seconds=self.deadline),
                stall=STALL,
            )
        )
        if answer.status in (200, 304):
            return answer
        wait = retry_after(answer.headers.get("retry-after", ""), self.clock())
        raise _FetchError(f"returned HTTP {answer.status}", wait or timedelta())


def _refuse_login(url: str) -> None:
    """Refuse a redirect to a login page: the status page is not public, or not any more.

    Raises:
        _FetchError: it says so.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.partition(".")[0] in _LOGIN_HOSTS or any(_LOGIN_PATH.fullmatch(step) for step in parts.path.split("/")):
        raise _FetchError(f"was redirected to a login page at {host}; it is not public")


async def read_once(
    feeds: Sequence[Feed], *, at_once: int = 20, done: Callable[[FeedReading], None] = lambda _: None
) -> list[FeedReading]:
    """Poll each feed once, `at_once` at a time; readings in the order of the feeds. `done` receives each as it arrives."""
    limit = asyncio.Semaphore(at_once)

    async def read(feed: Feed) -> FeedReading:
        async with limit:
            reading = await feed.read()
        done(reading)
        return reading

    return list(await asyncio.gather(*(read(feed) for feed in feeds)))
