"""One POST to an address from the settings: bounded, no redirects, to no private place, and its secret kept."""

import asyncio
import ipaddress
import math
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from bot.model import Clock, Refused, Result, Retry, Sent
from bot.net.egress import EgressPolicy, ForbiddenError, UnresolvableError

MOST_BYTES_READ = 65_536
MOST_ADDRESSES = 3
LONGEST_WAIT = timedelta(hours=1)
_TRANSIENT = frozenset((408, 425, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 529))


class RouteError(Exception):
    """A route cannot be built from its settings. The text names the setting, never its value."""


class PostContext(Protocol):
    """What a POST needs: how long it may take, whom it trusts, where it may go, and what time it is."""

    @property
    def timeout(self) -> timedelta:
        """Bounds the whole request."""
        ...

    @property
    def trust(self) -> ssl.SSLContext | None:
        """Certificate authorities of one's own; None: the system's."""
        ...

    @property
    def outgoing(self) -> EgressPolicy:
        """Where it may go."""
        ...

    @property
    def clock(self) -> Clock:
        """UTC now."""
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where to post to. The whole URL counts as a secret; `host` may be shown."""

    scheme: str
    host: str
    port: int
    path: str
    allow_private: bool

    def __repr__(self) -> str:
        return f"Address({self.host})"

    @classmethod
    def parse(
        cls, url: str, *, route: str, outgoing: EgressPolicy, insecure: bool = False, allow_private: bool = False
    ) -> "Address":
        """Read a URL.

        Raises:
            RouteError: it is not http(s), carries a password, is plain http to another machine, or may not be gone to.
        """
        try:
            parts = urlsplit(url.strip())
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise RouteError(f"route {route}: url is not an address") from None
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise RouteError(f"route {route}: url must begin with https://")
        if parts.username or parts.password:
            raise RouteError(f"route {route}: url must not carry a name and password; use a header")
        if parts.scheme == "http" and not insecure and not _is_loopback(parts.hostname):
            raise RouteError(f"route {route}: url must begin with https:// (or say `insecure: true`)")
        try:
            outgoing.check(parts.hostname, private=allow_private)
        except ForbiddenError as error:
            raise RouteError(f"route {route}: {error}") from None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, parts.hostname, port, path, allow_private)

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port in (80, 443) else f"{host}:{self.port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def post(address: Address, body: bytes, headers: Mapping[str, str], context: PostContext) -> Result:
    """POST once. What the far side does becomes a result; nothing it says is repeated in it but its status."""
    result: Result = Retry(f"{address.host} has no address")
    try:
        async with asyncio.timeout(context.timeout.total_seconds()):
            ips = await context.outgoing.addresses(address.host, address.port, private=address.allow_private)
            for ip in ips[:MOST_ADDRESSES]:
                result = await _post_to(ip, address, body, headers, context)
                if not isinstance(result, _Unreached):
                    return result
    except ForbiddenError as error:
        return Refused(str(error))
    except UnresolvableError as error:
        return Retry(str(error))
    except TimeoutError:
        return Retry(f"{address.host} did not answer in time", ambiguous=True)
    return result


class _Unreached(Retry):
    """No connection came about, so the next of the host's addresses may be tried."""

    __slots__ = ()


async def _post_to(ip: str, address: Address, body: bytes, headers: Mapping[str, str], context: PostContext) -> Result:
    host = f"[{ip}]" if ":" in ip else ip
    url = f"{address.scheme}://{host}:{address.port}{address.path}"
    sent = {**headers, "Host": address.authority, "User-Agent": "backstay"}
    seconds = context.timeout.total_seconds()
    limits = httpx.Timeout(seconds, connect=seconds / 2)
    name = {"sni_hostname": address.host}  # also what the certificate must be for
    try:
        async with (
            httpx.AsyncClient(verify=context.trust or _trust(), timeout=limits, trust_env=False) as client,
            client.stream("POST", url, content=body, headers=sent, extensions=name) as response,
        ):
            await _swallow(response)
            return judge(response.status_code, response.headers, address.host, context.clock())
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        return _Unreached(f"{address.host} cannot be reached ({_kind(error)})")
    except httpx.TimeoutException:
        return Retry(f"{address.host} did not answer in time", ambiguous=True)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Retry(f"{address.host} cut the line ({_kind(error)})", ambiguous=True)


async def _swallow(response: httpx.Response) -> None:
    """Read what little of the answer a well-behaved receiver sends; an endless one is hung up on."""
    read = 0
    async for chunk in response.aiter_raw():
        read += len(chunk)
        if read > MOST_BYTES_READ:
            return


def judge(status: int, headers: Mapping[str, str], host: str, now: datetime) -> Result:
    """What an HTTP status means for delivery."""
    if 200 <= status < 300:
        return Sent()
    if status == 429:
        wait = retry_after(headers.get("Retry-After", ""), now)
        return Retry(f"{host} asked to slow down", after=wait or timedelta(seconds=1))
    if status in _TRANSIENT or status >= 500:
        return Retry(f"{host} answered {status}")
    if 300 <= status < 400:
        return Refused(f"{host} redirects elsewhere ({status}), which is not followed")
    return Refused(f"{host} answered {status}")


def retry_after(value: str, now: datetime) -> timedelta | None:
    """A Retry-After header, seconds or a date (RFC 9110, 10.2.3); None when it says nothing. At most an hour."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    if not math.isfinite(seconds):
        return None
    return timedelta(seconds=min(max(seconds, 0), LONGEST_WAIT.total_seconds()))


@cache
def _trust() -> ssl.SSLContext:
    """The system's certificate authorities; building this takes tens of milliseconds, so once."""
    return ssl.create_default_context()


def _kind(error: BaseException) -> str:
    return type(error).__name__
