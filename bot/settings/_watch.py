"""The sections of backstay.yaml about watching: what is probed, through whom, and who hears what nobody takes on."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from bot.catalogue import Duration, Section, Words
from bot.probes._probe import Expectation, Resolver
from bot.probes.targets import RESOLVERS


class Watching(Section):
    """How providers are watched from here."""

    probes: bool = Field(default=False, description="look from here at the endpoints of what the services stand on")
    interval: Duration = Field(default=timedelta(seconds=30), description="from one look to the next")
    vantage: str = Field(
        default="", description="what the place that this replica looks from is called; else the host", max_length=60
    )
    resolvers: Words = Field(
        default=tuple(one.host for one in RESOLVERS), description="DNS servers to ask, an odd number of them"
    )
    feeds: Literal["all", "needed", "none"] = Field(
        default="all", description="whose status pages are read: all that are known, those your services need, or none"
    )
    feed_interval: Duration = Field(
        default=timedelta(seconds=60),
        description="from one reading of a page that matters to you to the next; others are read a fifth as often",
    )
    escalate_to: Words = Field(default=(), description="audiences that hear next of what nobody acknowledges, in order")
    escalate_after: Duration = Field(default=timedelta(minutes=15), description="how long each of them is waited for")

    @property
    def asked(self) -> tuple[Resolver, ...]:
        """The DNS servers."""
        return tuple(Resolver(host) for host in self.resolvers)


class Endpoint(Section):
    """An endpoint of your own to look at."""

    url: str = Field(description="http(s)://…, tcp://host:port, tls://host or dns://name", min_length=5)
    about: str = Field(description="the service, or the scope, that is broken when it fails", min_length=1)
    status: tuple[int, ...] = Field(default=(), description="HTTP statuses that are good; else all below 500")
    latency: float | None = Field(default=None, gt=0, description="seconds within which it must answer")
    body: str = Field(default="", description="words that the page must hold")

    @property
    def expectation(self) -> Expectation:
        """What is good."""
        return Expectation(frozenset(self.status), self.latency, self.body)
