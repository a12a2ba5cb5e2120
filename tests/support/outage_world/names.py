"""DNS servers with their caches: a change is seen when what was cached has expired, which differs from server to server."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal

Code = Literal["noerror", "nxdomain", "servfail", "silent"]
CACHES = 3
"""Caches behind one anycast address: a public resolver is many machines, and each asks for itself."""
NEGATIVE = timedelta(seconds=60)
"""How long it is remembered that there is no such name or address (RFC 2308: the SOA's minimum; 60 s is Amazon's)."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a name server says of a name."""

    code: Code = "noerror"
    addresses: tuple[str, ...] = ()
    lasts: timedelta = timedelta(seconds=60)


@dataclass
class NameServer:
    """A recursive resolver. `ask`: the authoritative answer at a moment."""

    name: str
    ask: Callable[[str, str, datetime], Found]
    chance: random.Random
    cached: dict[tuple[str, str, int], tuple[datetime, Found]] = field(default_factory=dict)

    def answer(self, host: str, kind: str, at: datetime) -> Found:
        """From one of its caches where that is fresh; other people keep popular names in it."""
        key = (host, kind, self.chance.randrange(CACHES))
        until, found = self.cached.get(key, (None, None))
        if found is None or until is None:
            # Somebody asked before us, some time ago: part of its life is over.
            before = self.ask(host, kind, at - timedelta(seconds=self.chance.uniform(0, 60)))
            until, found = at + before.lasts * self.chance.random(), before
            if found.code == "silent":
                until = at
        if at >= until:
            found = self.ask(host, kind, at)
            until = at + found.lasts
        if found.code not in ("silent", "servfail"):
            self.cached[key] = (until, found)
        return found


def addresses_of(host: str) -> tuple[str, ...]:
    """Two addresses of IPv4 and one of IPv6 on the public internet, the same in every run."""
    digest = blake2b(host.encode(), digest_size=8).digest()
    network = 16 + digest[0] % 16
    first, second = (f"104.{network}.{digest[1]}.{1 + digest[2 + last] % 254}" for last in (0, 1))
    return first, second, f"2606:4700::{digest[4]:x}:{digest[5]:x}{digest[6]:02x}"


def of_family(addresses: Sequence[str], family: str) -> tuple[str, ...]:
    """The addresses of an IP version; all of them where none is named."""
    wanted = {"ipv4": lambda address: ":" not in address, "ipv6": lambda address: ":" in address}.get(family)
    return tuple(addresses) if wanted is None else tuple(address for address in addresses if wanted(address))
