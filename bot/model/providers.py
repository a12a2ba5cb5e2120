"""What is known of providers, which of them our services depend on, and the query interface for their status pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from bot.model.feeds import FeedReading, ProviderIncident


@dataclass(frozen=True, slots=True)
class ProviderProbe:
    """A public endpoint of a provider that is meant to be reached without an account, and what is expected of it.

    `url`: http(s)://…, tcp://host:port, tls://host[:port] or dns://name. `part`: the provider's name of what it shows the health
    of, as in `depends_on` (`API`). `regions`: the regions behind it; none: all. `status` and `body` as in `Expectation`.
    `alone` False: its failure alone degrades and does not take down, because another path does the same.
    """

    url: str
    part: str = ""
    regions: tuple[str, ...] = ()
    status: tuple[int, ...] = ()
    body: str = ""
    method: Literal["GET", "HEAD"] = "GET"
    alone: bool = True


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """A cloud or SaaS. An empty field: nothing dependable is known.

    `feed` is the machine-readable status feed and `format` its format; `runs_on` are the clouds or scopes whose outages took
    the provider down before, `basis` the source of that claim and `as_of` the day that it is from. `private`: the feed may be at
    a private address. `headers` are sent with each request; secret ones are references to secrets. `probes` are its public
    endpoints, `zone` its main domain, whose name servers and registration are watched. `known_good`: the day on which the feed was
    last known to answer, and from where that is known (`2026-10-06 https://…`).
    """

    name: str
    title: str = ""
    page: str = ""
    feed: str = ""
    format: str = ""
    runs_on: tuple[str, ...] = ()
    basis: str = ""
    as_of: date | None = None
    aliases: tuple[str, ...] = ()
    cloud: bool = False
    private: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    probes: tuple[ProviderProbe, ...] = ()
    zone: str = ""
    known_good: str = ""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Which providers our services depend on: provider -> names of the services, and provider -> the regions that they use.

    A provider without regions is needed in all of them. `parts`: provider -> the parts of it that our services need; a provider
    that is not in it is needed as a whole.
    """

    needed_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    regions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class ProviderStatus(Protocol):
    """The latest reading of every provider status page that is polled. Implemented by `detection.feeds.monitor.FeedMonitor`."""

    @property
    def providers(self) -> Mapping[str, KnownProvider]:
        """Every known provider by its name, with or without a feed."""
        ...

    def readings(self) -> Sequence[FeedReading]:
        """One reading of each polled feed; a feed that never answered is included as unknown."""
        ...

    async def exposure(self) -> Exposure:
        """Which providers and regions our services depend on, as far as is known now."""
        ...

    async def ahead(self) -> Sequence[ProviderIncident]:
        """Announced maintenance, not over yet, of the providers that we need; the next one first."""
        ...
