"""Tells this machine's own addresses from all others, for what is allowed there alone."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def loopback(url: str) -> bool:
    """Whether an address is this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
