"""Where messages may go: hosts that are allowed, no private place unless that was said, and the address that was looked at."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from fnmatch import fnmatchcase

_CARRIERS = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
"""Whose last four bytes are an IPv4 address: RFC 6052, 2.1 (NAT64) and RFC 4291, 2.5.5.1 (long out of use, still routed by some)."""

_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
"""For translation within one's own network (RFC 8215)."""


class ForbiddenError(Exception):
    """It may not go there. The text names the host and the setting, never a whole address."""


class UnresolvableError(Exception):
    """The host's name leads nowhere, for now."""


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """`allow`: hosts, `*.example.com` for all below one; empty: any public one. `private`: also loopback and networks of one's own."""

    allow: tuple[str, ...] = ()
    private: bool = False

    def check(self, host: str, *, private: bool = False) -> None:
        """See what the name alone tells. `private`: it was said for this one that it may be a private place.

        Raises:
            ForbiddenError: it is not on the list, or is a private address as it stands.
        """
        host = host.lower().rstrip(".")
        if self.allow and not any(fnmatchcase(host, one.lower()) for one in self.allow):
            raise ForbiddenError(f"{host} is not among outgoing.allow")
        if not (self.private or private) and (host == "localhost" or _is_private(host)):
            raise ForbiddenError(
                f"{host} leads to a private address (say `outgoing: {{private: true}}` if it is meant to)"
            )

    async def addresses(self, host: str, port: int, *, private: bool = False) -> list[str]:
        """The IP addresses to connect to. They are looked at and then used, so that no second look-up can lead elsewhere.

        Raises:
            ForbiddenError: one of them is private, or the host is not allowed.
            NamelessError: there is none.
        """
        self.check(host, private=private)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise UnresolvableError(f"the name {host} cannot be resolved") from None
        ips = list(dict.fromkeys(str(one[4][0]) for one in found))
        if not (self.private or private) and any(_is_private(ip) for ip in ips):
            raise ForbiddenError(
                f"{host} leads to a private address (say `outgoing: {{private: true}}` if it is meant to)"
            )
        return ips


def _is_private(ip: str) -> bool:
    """Whether it is an address that the public network does not lead to. What is no address is not."""
    try:
        at = ipaddress.ip_address(ip.partition("%")[0].strip("[]"))
    except ValueError:
        return False
    if isinstance(at, ipaddress.IPv6Address):
        inner = at.ipv4_mapped or at.sixtofour or _carried(at)
        if at.is_site_local or at in _LOCAL_NAT64 or (inner is not None and not inner.is_global):
            return True
    return not at.is_global or at.is_multicast


def _carried(at: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a NAT64 gateway, or an old stack, makes of it."""
    return ipaddress.IPv4Address(int(at) & 0xFFFF_FFFF) if any(at in net for net in _CARRIERS) else None
