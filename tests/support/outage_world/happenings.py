"""What happens outside and on our own line: for how long, to which hosts, and to what share of requests."""

from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal

Damage = Literal[
    "refused",
    "reset",
    "silent",
    "answer",
    "tls",
    "certificate",
    "slow",
    "slow tls",
    "dns empty",
    "dns nxdomain",
    "dns servfail",
    "dns silent",
    "dns address",
]
LineDamage = Literal["dead", "loss", "ipv6", "system resolver", "slow", "asleep"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. `location`: where it redirects to."""

    status: int = 200
    body: bytes = b"ok"
    content_type: str = "text/plain"
    location: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What hosts of a pattern (`*.stripe.com`) do for a time.

    `share` of requests, or with `per` client of clients: such a client meets it for the whole time or never. `family`: over this
    IP version alone. `path`: of URLs that begin with it. `places`: seen from these vantage points alone. `seconds`: how long an
    answer takes that is slow (median). `addresses`: what DNS returns instead. `method`: of requests alone that carry credentials.
    """

    hosts: str
    begins: datetime
    ends: datetime
    damage: Damage
    share: float = 1.0
    per: Literal["request", "client"] = "request"
    family: Literal["", "ipv4", "ipv6"] = ""
    path: str = ""
    places: frozenset[str] = frozenset()
    answer: Answer = Answer(503, b"Service Unavailable")
    seconds: float = 1.0
    addresses: tuple[str, ...] = ()
    signed_in: bool = False

    def on(self, host: str, at: datetime) -> bool:
        """Whether it is about this host and goes on."""
        return self.begins <= at < self.ends and fnmatchcase(host, self.hosts)


@dataclass(frozen=True, slots=True)
class LineEffect:
    """What happens to the line of a vantage point (none named: to all of them). `share`: of packets lost, one way."""

    begins: datetime
    ends: datetime
    damage: LineDamage
    share: float = 0.0
    seconds: float = 0.0
    places: frozenset[str] = frozenset()

    def on(self, place: str, at: datetime) -> bool:
        """Whether it goes on at this vantage point."""
        return self.begins <= at < self.ends and (not self.places or place in self.places)


@dataclass(frozen=True, slots=True)
class ResolverEffect:
    """A DNS server that fails alone: `silent` or `servfail`. The system's resolver is called `system`."""

    server: str
    begins: datetime
    ends: datetime
    damage: Literal["silent", "servfail"] = "silent"

    def on(self, server: str, at: datetime) -> bool:
        """Whether it goes on at this server."""
        return server == self.server and self.begins <= at < self.ends


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt. `failure`: empty, or what ended it; `seconds`: how long it took.

    `addresses`: what DNS returned, or the address that was connected to. `certificate`: its start and end (UTC).
    """

    seconds: float
    failure: Literal["", "timeout", "refused", "reset", "unreachable", "dns", "tls", "certificate"] = ""
    words: str = ""
    addresses: tuple[str, ...] = ()
    certificate: tuple[datetime, datetime] | None = None
    answer: Answer | None = None
