"""The HTTP client for every address that comes from settings or from the network.

It looks a host up once, checks its addresses against the egress policy and connects to one of those; it follows redirects
only where asked and checks each of them in the same way; it bounds the body, packed and unpacked, and the whole request
in time; it verifies TLS, heeds no proxy of the environment, and keeps addresses and secrets out of its errors.
"""

import asyncio
import base64
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from types import TracebackType
from typing import Self

import certifi
import httpcore
import httpx

from bot.net.egress import EgressPolicy, NetworkError, Resolve, resolve
from bot.net.failures import CLOSED, failure_words
from bot.net.http_body import ENCODINGS, discard_body, read_body, refuse_announced
from bot.net.pinned_connections import PinnedBackend

KEEP_ALIVE = 5.0
"""Seconds for which an idle connection is kept for the next request to the same host."""
MOST_BYTES = 65_536
_LONGEST_CONNECT = 5.0
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_DEFAULT_PORTS = {"http": 80, "https": 443}


class UnreachableError(NetworkError):
    """No connection came about, so nothing was sent."""


class BrokenConnectionError(NetworkError):
    """The connection broke or the answer was not HTTP; the request may have arrived."""


class TimedOutError(NetworkError):
    """There was no whole answer in time; the request may have arrived."""


class InvalidAddressError(NetworkError):
    """The URL is not an http or https address."""


class RedirectError(NetworkError):
    """The answer redirects too often, or to something that is not http or https."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request, its redirects included.

    `headers` go to every host that redirects lead to; `credentials` are headers for the URL's own origin (scheme, host, port)
    and to no other origin, as does a user name and password in the URL. `private` allows the URL's own host to be at a private
    address, `private_redirects` every other one. `redirects`: how many to follow (GET only); with 0 the redirect itself is the
    answer. `check_redirect` is called with each URL that a redirect leads to and may raise. `most_bytes` bounds the body,
    which is refused beyond it, or where `discard` is set not read further (the answer then has none). `timeout` bounds
    everything from the lookup to the last byte, `stall` the wait for each part of the answer.
    """

    url: str = field(repr=False)
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    private: bool = False
    private_redirects: bool = False
    redirects: int = 0
    check_redirect: Callable[[str], None] | None = None
    most_bytes: int = MOST_BYTES
    discard: bool = False
    timeout: timedelta = timedelta(seconds=10)
    stall: timedelta | None = None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer. `headers` have lower-case names; several of one name are joined by commas."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def good(self) -> bool:
        """Whether the status is one of 200 to 299."""
        return 200 <= self.status < 300


class HttpClient:
    """Makes guarded requests and keeps connections for the next ones. Use as an async context manager.

    Args:
        policy: where requests may go.
        resolver: looks up names; the system's unless a test says otherwise.
        trust: certificate authorities of one's own; None for the system's.
        connections: open at once, at most; more requests wait.
    """

    def __init__(
        self,
        policy: EgressPolicy = EgressPolicy(),  # noqa: B008 - frozen
        *,
        resolver: Resolve = resolve,
        trust: ssl.SSLContext | None = None,
        connections: int = 40,
    ) -> None:
        self._policy = policy
        # A connection that was made to a private address serves only requests that allow one.
        self._pools = {
            private: httpcore.AsyncConnectionPool(
                ssl_context=trust or system_trust(),
                max_connections=connections,
                max_keepalive_connections=connections,
                keepalive_expiry=KEEP_ALIVE,
                network_backend=PinnedBackend(policy, private=private, resolver=resolver),
            )
            for private in (False, True)
        }

    async def __aenter__(self) -> Self:
        """Open; connections are made as they are needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            await pool.aclose()

    async def request(self, request: HttpRequest) -> HttpAnswer:
        """Make a request and read its whole answer, whatever the status.

        Raises:
            ForbiddenError: the egress policy does not allow the host, or one that a redirect leads to.
            UnresolvableError: a host has no address.
            InvalidAddressError, RedirectError: the URL, or where it redirects to, cannot be requested.
            UnreachableError: no connection came about; nothing was sent.
            TimedOutError, BrokenConnectionError, TooLargeError, UndecodableError: there is no whole answer.
            All of them are NetworkErrors.
        """
        first = url = _parsed(request.url)
        try:
            async with asyncio.timeout(request.timeout.total_seconds()):
                for _ in range(request.redirects + 1):
                    answer, location = await self._hop(request, url, first)
                    if not location:
                        return answer
                    url = _redirected(url, location)
                    if request.check_redirect:
                        request.check_redirect(str(url))
        except TimeoutError:
            raise TimedOutError(f"{url.host} did not answer in time", "did not answer in time") from None
        times = f"redirects more than {request.redirects} times"
        raise RedirectError(f"{first.host} {times}", times)

    async def _hop(self, request: HttpRequest, url: httpx.URL, first: httpx.URL) -> tuple[HttpAnswer, str]:
        """One exchange: the answer, and the redirect to follow (empty for none)."""
        own = request.private if url.host == first.host else request.private_redirects
        private = self._policy.private or own
        self._policy.check(url.host, private=private)
        try:
            async with self._pools[private].stream(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=_headers(request, url, first),
                content=request.body,
                extensions={"timeout": _timeouts(request)},
            ) as response:
                headers = _folded(response.headers)
                follows = bool(request.redirects) and request.method == "GET" and response.status in _REDIRECTS
                location = headers.get("location", "") if follows else ""
                if request.discard or location:
                    await discard_body(response.aiter_stream(), min(request.most_bytes, MOST_BYTES))
                    return HttpAnswer(response.status, headers, b""), location
                refuse_announced(headers.get("content-length", ""), request.most_bytes, url.host)
                encoding = headers.get("content-encoding", "").strip().lower()
                body = await read_body(response.aiter_stream(), encoding, request.most_bytes, url.host)
                return HttpAnswer(response.status, headers, body), location
        except NetworkError:
            raise
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            raise UnreachableError(*_worded(url, "cannot be reached", error)) from None
        except httpcore.TimeoutException:
            raise TimedOutError(f"{url.host} did not answer in time", "did not answer in time") from None
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
            ValueError,
        ) as error:
            raise BrokenConnectionError(*_worded(url, "closed the connection early", error)) from None


async def request_once(request: HttpRequest, policy: EgressPolicy = EgressPolicy()) -> HttpAnswer:  # noqa: B008 - frozen
    """Make a single request with a client of its own; raises what `HttpClient.request` raises."""
    async with HttpClient(policy) as client:
        return await client.request(request)


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError, TypeError):
        raise InvalidAddressError("this is not an http or https address", "is not an http or https address") from None
    if parsed.scheme not in _DEFAULT_PORTS or not parsed.host:
        raise InvalidAddressError("this is not an http or https address", "is not an http or https address")
    return parsed


def _redirected(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads; a user name and password in it are not used."""
    try:
        target = url.join(location)
    except (httpx.InvalidURL, ValueError):
        target = httpx.URL()
    if target.scheme not in _DEFAULT_PORTS or not target.host:
        reason = "redirects to an address that is not http or https"
        raise RedirectError(f"{url.host} {reason}", reason)
    return target.copy_with(username=None, password=None, fragment=None)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme)


def _headers(request: HttpRequest, url: httpx.URL, first: httpx.URL) -> list[tuple[bytes, bytes]]:
    """Header names and values as they are sent: the URL's host, then the request's; credentials for its own origin alone."""
    headers = {"User-Agent": "backstay", "Accept": "*/*", **request.headers}
    if not request.discard:
        headers["Accept-Encoding"] = ENCODINGS
    if _origin(url) == _origin(first):
        if first.username or first.password:
            pair = base64.b64encode(f"{first.username}:{first.password}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        headers |= request.credentials
    headers["Host"] = url.netloc.decode("ascii")
    by_name = {name.lower(): (name.encode("ascii"), value.encode()) for name, value in headers.items()}
    return list(by_name.values())


def _folded(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    folded: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        folded[name] = f"{folded[name]}, {value}" if name in folded else value
    return folded


def _timeouts(request: HttpRequest) -> dict[str, float]:
    """Seconds for each step, as httpcore reads them."""
    whole = request.timeout.total_seconds()
    stall = min(whole, request.stall.total_seconds()) if request.stall else whole
    return {"connect": min(whole / 2, _LONGEST_CONNECT), "read": stall, "write": stall, "pool": stall}


def _worded(url: httpx.URL, what: str, error: Exception) -> tuple[str, str]:
    """The error's text with the host, and without. A library's own message may hold the address."""
    why = failure_words(error)
    reason = what if why == CLOSED else f"{what} ({why})"
    return f"{url.host} {reason}", reason


@cache
def system_trust() -> ssl.SSLContext:
    """The system's certificate authorities, or certifi's where it has none. Takes tens of milliseconds, so it is made once."""
    paths = ssl.get_default_verify_paths()
    return ssl.create_default_context(cafile=None if paths.cafile or paths.capath else certifi.where())
