"""Tells where on the internet an address is."""

import ipaddress
from functools import lru_cache

_ADDRESSES = 4096  # of some 600 endpoints over several resolvers, each asked every 30 s for the same few
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")


@lru_cache(_ADDRESSES)
def network_of(address: str) -> str:
    """The network that an address counts as part of: /16 of IPv4, /32 of IPv6; empty where it is no address."""
    parsed = _parsed(address)
    if parsed is None:
        return ""
    if not parsed.is_global:
        return f"private {parsed.version}"
    return str(ipaddress.ip_network((parsed, 16 if parsed.version == 4 else 32), strict=False))


@lru_cache(_ADDRESSES)
def is_public(address: str) -> bool:
    """Whether an address is on the public internet."""
    parsed = _parsed(address)
    return parsed is not None and parsed.is_global


@lru_cache(_ADDRESSES)
def is_this_machine(address: str) -> bool:
    """Whether an address is a loopback address."""
    parsed = _parsed(address)
    return parsed is not None and parsed.is_loopback


@lru_cache(_ADDRESSES)
def is_no_place(address: str) -> bool:
    """Whether nothing can be at an address: 0.0.0.0, ::, and the rest of 0.0.0.0/8 (RFC 1122, 3.2.1.3)."""
    parsed = _parsed(address)
    return parsed is not None and (parsed.is_unspecified or (parsed.version == 4 and parsed in _THIS_NETWORK))


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
