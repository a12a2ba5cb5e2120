"""The egress policy: which hosts backstay may connect to, and the addresses that were checked for them.

A name is looked up once; the addresses that pass are the ones to connect to, so a second lookup cannot lead elsewhere.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks up a host and port; the IP addresses as text. Raises OSError where there are none."""

_LOOKUPS = ThreadPoolExecutor(16, thread_name_prefix="dns-lookup")

_IPV4_CARRIERS = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
"""Their last four bytes are an IPv4 address: RFC 6052, 2.1 (NAT64) and RFC 4291, 2.5.5.1 (deprecated, still routed by some)."""

_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
"""Translation within an own network (RFC 8215)."""

_PLATFORM_NETWORKS = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("168.63.129.16/32"))
"""Oracle Cloud's metadata service (in the IETF's protocol block) and Azure's WireServer: public by number, private in effect."""

_METADATA_NAMES = frozenset(
    ("metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal")
)
"""Names of cloud metadata services, which hand out credentials (Google Cloud, EC2). Refused before any lookup."""


class NetworkError(Exception):
    """A request could not be made or answered. `reason` says why and names no host; the text names host and reason.

    Neither holds a path, a query, a user name or a header.
    """

    def __init__(self, text: str, reason: str = "") -> None:
        super().__init__(text)
        self.reason = reason or text


class ForbiddenError(NetworkError):
    """The egress policy does not allow this host. The text names the host and the setting that would allow it."""


class PrivateAddressError(ForbiddenError):
    """The host is, or resolves to, a private address."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} leads to a private address (set `outgoing: {{private: true}}` to allow it)",
            "leads to a private address",
        )


class UnresolvableError(NetworkError):
    """The host has no address at present."""

    def __init__(self, host: str) -> None:
        super().__init__(f"DNS lookup of {host} failed", "DNS lookup failed")


async def resolve(host: str, port: int) -> Sequence[str]:
    """Look up a host with the system's resolver, in threads of its own so that a slow one delays nothing else.

    Raises:
        OSError: there is no such name, or no resolver answers.
        UnicodeError: the name cannot be one.
    """
    lookup = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_LOOKUPS, lookup)
    return [str(address[4][0]) for address in found]


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """Where requests may go.

    `allow`: host names, `*.example.com` for all names below one; empty allows every public host. `private`: also allows
    loopback, link-local and private networks.
    """

    allow: tuple[str, ...] = ()
    private: bool = False

    def check(self, host: str, *, private: bool = False) -> None:
        """Check a host by its name alone, without a lookup. `private` allows a private address for this one host.

        Raises:
            ForbiddenError: it is not listed, is a private address as written, or names a metadata service.
        """
        host = host.lower().rstrip(".")
        if self.allow and not any(fnmatchcase(host, pattern.lower()) for pattern in self.allow):
            raise ForbiddenError(f"{host} is not among outgoing.allow", "is not among outgoing.allow")
        if not (self.private or private) and (_is_private_name(host) or is_private(host)):
            raise PrivateAddressError(host)

    async def addresses(
        self, host: str, port: int, *, private: bool = False, resolver: Resolve = resolve
    ) -> Sequence[str]:
        """Look up a host once and check every address it has; the IP addresses to connect to, at least one.

        Raises:
            ForbiddenError: the host is not allowed, or one of its addresses is private.
            UnresolvableError: it has no address.
        """
        self.check(host, private=private)
        try:
            addresses = list(dict.fromkeys(await resolver(host, port)))
        except (OSError, UnicodeError):
            raise UnresolvableError(host) from None
        if not addresses:
            raise UnresolvableError(host)
        if not (self.private or private) and any(is_private(address) for address in addresses):
            raise PrivateAddressError(host)
        return addresses


def is_private(ip: str) -> bool:
    """Whether an IP address is not on the public internet, in whatever form it is written. Other text is not an address."""
    try:
        address = ipaddress.ip_address(ip.partition("%")[0].strip("[]"))
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or _carried_ipv4(address)
        if address.is_site_local or address in _LOCAL_NAT64 or (inner is not None and is_private(str(inner))):
            return True
    elif any(address in network for network in _PLATFORM_NETWORKS):
        return True
    return not address.is_global or address.is_multicast


def _is_private_name(host: str) -> bool:
    """Names of this machine (RFC 6761, 6.3) and of metadata services."""
    return host == "localhost" or host.endswith(".localhost") or host in _METADATA_NAMES


def _carried_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a NAT64 gateway, or an old network stack, connects to instead."""
    carried = any(address in network for network in _IPV4_CARRIERS)
    return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF) if carried else None
