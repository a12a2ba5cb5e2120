"""HTTP for delivery: one POST to an address from the settings, what its answer means, and the Retry-After header."""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

from bot.model import Clock, Proof, Refused, Result, Retry, Sent
from bot.net.egress import EgressPolicy, ForbiddenError, NetworkError, UnresolvableError
from bot.net.http_client import HttpClient, HttpRequest, InvalidAddressError, UnreachableError
from bot.net.loopback import loopback

LONGEST_WAIT = timedelta(hours=1)
_TRANSIENT = frozenset((408, 425, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 529))
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")


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
        if parts.scheme == "http" and not insecure and not loopback(url.strip()):
            raise RouteError(f"route {route}: url must begin with https:// (or set `insecure: true`)")
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
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"


async def post(address: Address, body: bytes, headers: Mapping[str, str], context: PostContext) -> Result:
    """POST once and turn the answer into a result of delivery. Of what the far side sends, only its status is in the result."""
    request = HttpRequest(
        f"{address.scheme}://{address.authority}{address.path}",
        "POST",
        credentials=headers,
        body=body,
        private=address.allow_private,
        discard=True,
        timeout=context.timeout,
    )
    try:
        async with HttpClient(context.outgoing, trust=context.trust) as client:
            answer = await client.request(request)
    except (ForbiddenError, InvalidAddressError) as error:
        return Refused(str(error))
    except (UnresolvableError, UnreachableError) as error:
        return Retry(str(error), unreached=True)
    except NetworkError as error:
        return Retry(str(error), ambiguous=True)
    return judge(answer.status, answer.headers, address.host, context.clock())


async def reach(address: Address, context: PostContext) -> Proof:
    """Ask for nothing but headers (HEAD). What answers, is there; whether it takes messages, only a message can show."""
    url = f"{address.scheme}://{address.authority}{address.path}"
    request = HttpRequest(url, "HEAD", private=address.allow_private, discard=True, timeout=context.timeout)
    try:
        async with HttpClient(context.outgoing, trust=context.trust) as client:
            answer = await client.request(request)
    except NetworkError as error:
        return Proof(False, str(error))
    return Proof(None, f"{address.host} answers (HTTP {answer.status} to HEAD)")


def judge(status: int, headers: Mapping[str, str], host: str, now: datetime) -> Result:
    """What an HTTP status means for delivery. `headers` have lower-case names."""
    if 200 <= status < 300:
        return Sent()
    if status == 429:
        wait = retry_after(headers.get("retry-after", ""), now)
        return Retry(f"{host} asked to slow down", after=wait or timedelta(seconds=1))
    if status in _TRANSIENT or status >= 500:
        return Retry(f"{host} answered {status}")
    if 300 <= status < 400:
        return Refused(f"{host} redirects elsewhere ({status}), which is not followed")
    return Refused(f"{host} answered {status}")


def retry_after(value: str, now: datetime, most: timedelta = LONGEST_WAIT) -> timedelta | None:
    """Read a Retry-After header (RFC 9110, 10.2.3): how long to wait, from nothing to `most`; None where it is not valid.

    Accepts seconds (digits, with a fraction as some servers send it) and dates of HTTP. A date in the past is no wait.
    """
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return timedelta(seconds=min(float(value), most.total_seconds()))
    try:
        at = parsedate_to_datetime(value)
        wait = at.replace(tzinfo=at.tzinfo or UTC) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(wait, timedelta()), most)
