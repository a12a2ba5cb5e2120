"""Finds the address of a request that came over trusted proxies."""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web

FORWARDED = "Forwarded"
FORWARDED_FOR = "X-Forwarded-For"
MOST_HOPS = 20
"""Entries of a header that are looked at, from the last one on."""

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The networks of our proxies, and the header in which they name whom they forward. Other headers are not believed.

    `header`: `X-Forwarded-For`, or `Forwarded` (RFC 7239).
    """

    networks: Sequence[IpNetwork] = ()
    header: str = FORWARDED_FOR

    @classmethod
    def of(cls, networks: Iterable[str], header: str = FORWARDED_FOR) -> "TrustedProxies":
        """From addresses and networks as text.

        Raises:
            ValueError: one of them is neither.
        """
        return cls(tuple(ipaddress.ip_network(network, strict=False) for network in networks), header)

    def client(self, request: web.Request) -> str:
        """The sender's address: the last one that is none of our proxies.

        The header is read from its end, for each proxy adds whom it heard; what stands before may be invented.
        """
        found = request.remote or ""
        if not self.trusts(found):
            return found
        for hop in reversed(_hops(request.headers.getall(self.header, []), self.header)):
            address = _address(hop)
            if address is None:  # a name or nothing: nobody can be told from it
                return found
            found = str(address)
            if not self.trusts(found):
                return found
        return found

    def trusts(self, remote: str) -> bool:
        """Whether an address is that of one of our proxies."""
        address = _address(remote)
        return address is not None and any(address in network for network in self.networks)


def _hops(values: Sequence[str], header: str) -> list[str]:
    entries = [entry.strip() for entry in ",".join(values).split(",")][-MOST_HOPS:]
    return [_for(entry) for entry in entries] if header == FORWARDED else entries


def _for(entry: str) -> str:
    """The `for` of one entry of Forwarded: `for="[2001:db8::1]:4711";proto=https`."""
    for pair in entry.split(";"):
        name, _, value = pair.strip().partition("=")
        if name.lower() == "for":
            return value.strip().strip('"')
    return ""


def _address(text: str) -> IpAddress | None:
    """The address of `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1` or `[2001:db8::1]:80`; None for anything else."""
    bare = text.partition("]")[0].removeprefix("[") if text.startswith("[") else text
    bare = bare.partition(":")[0] if bare.count(":") == 1 else bare
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address
