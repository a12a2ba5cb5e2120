"""Recognises addresses of this machine, for what is allowed only there (plain HTTP, no sign-in)."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def loopback(url: str) -> bool:
    """Whether a URL's host is this machine: `localhost` or a loopback address."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
