"""The types that all kinds of probes share: what to probe, what to expect, and the answer."""

import ipaddress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from bot.model import IncidentSeverity
from bot.model.signals import IPV6, Health, Signal, Trouble
from checks import Scope

ProbeKind = Literal["dns", "tcp", "tls", "http"]
ProbeOrigin = Literal["settings", "providers.yaml", "cloud endpoints", "control group"]
"""Where a probe comes from."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """A DNS server. `host` is its IP address."""

    host: str
    port: int = 53

    @property
    def name(self) -> str:
        """Its address, with the port unless it is 53."""
        return self.host if self.port == 53 else f"{self.host}:{self.port}"


def parse_resolver(text: str) -> Resolver:
    """Parse a resolver's address: `1.1.1.1`, `127.0.0.1:5353`, `2606:4700::1111` or `[::1]:5353`.

    Raises:
        ValueError: the text is not such an address; the message says what to write.
    """
    host, _, port = text.rpartition(":")
    bare = not host or (text.count(":") > 1 and not text.startswith("["))
    host, port = (text, "53") if bare else (host.strip("[]"), port)
    try:
        ipaddress.ip_address(host)
        number = int(port)
    except ValueError:
        number = 0
    if not 1 <= number <= 65535:
        raise ValueError(f"{text!r} is not the address of a DNS server; write 1.1.1.1 or 127.0.0.1:5353")
    return Resolver(host, number)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What counts as good. `latency`: limit in seconds.

    An empty `status` means any below 500 (no sign-in gets a 4xx), as far as the target's record does not say otherwise.
    """

    status: frozenset[int] = frozenset()
    latency: float | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe of one endpoint. `scope` is what its result is about; `control` marks the control group.

    `resolver` is for DNS only; `path`, `secure` (TLS), `method` and `headers` are for HTTP only. Headers may contain secrets and
    are never shown. `asks`: the DNS record that must exist; empty: an address.

    `part`: the provider's name of what it shows the health of. `alone` False: its failure degrades and does not take down.
    `also`: further scopes that its result is about. `interval`: at least so many seconds between two rounds, unless in doubt.
    `family`: over IPv6 alone. `public`: the host is on the public internet, so a private address is a wrong answer.
    """

    scope: Scope
    kind: ProbeKind
    host: str
    port: int = 443
    path: str = "/"
    secure: bool = True
    resolver: Resolver | None = None
    expect: Expectation = field(default_factory=Expectation)
    control: bool = False
    method: Literal["GET", "HEAD"] = "GET"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    asks: Literal["", "SOA"] = ""
    part: str = ""
    alone: bool = True
    also: tuple[Scope, ...] = ()
    interval: float = 0.0
    family: Literal["", "ipv6"] = ""
    public: bool = False
    origin: ProbeOrigin = field(default="settings", compare=False)

    @property
    def source(self) -> str:
        """What is probed; the same for every resolver."""
        if self.kind == "dns":
            return f"dns:{self.host}{'/' if self.asks else ''}{self.asks}"
        return f"{self.kind}:{self.host}:{self.port}{self.path if self.kind == 'http' else ''}"

    @property
    def shown(self) -> str:
        """What people read of it: the host, with the path where that is not the root. A query may hold a secret."""
        path = self.path.partition("?")[0]
        return f"{self.host}{path}" if self.kind == "http" and path != "/" else self.host

    @property
    def via(self) -> str:
        """What it goes through beside the vantage point: a resolver, IPv6, or nothing in particular."""
        return self.resolver.name if self.resolver else self.family


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """The result of one attempt. `detail` says what is wrong, for people, without text from the remote side.

    `trouble` is the same for machines; `seconds` the latency of an answer that is good or degraded.
    """

    state: Health
    detail: str = ""
    seconds: float | None = None
    trouble: Trouble = Trouble.NONE

    @property
    def fine(self) -> bool:
        """Whether nothing has to be looked at again: good, unknown, or only a certificate about to end."""
        doubtful = self.state is Health.BAD or self.state is Health.DEGRADED
        return not doubtful or self.trouble is Trouble.EXPIRING


def signal_of(probe: Probe, answer: ProbeAnswer, at: datetime, vantage: str, *, retried: bool = False) -> Signal:
    """The probe's result as a signal."""
    through = f" (resolver {probe.via})" if probe.resolver else " (over IPv6)" if probe.family else ""
    only_one = not probe.alone or probe.family == IPV6
    state = Health.DEGRADED if only_one and answer.state is Health.BAD and not probe.control else answer.state
    return Signal(
        provider=probe.scope.provider,
        region=probe.scope.region,
        service=probe.scope.part,
        kind="probe",
        state=state,
        at=at,
        source=probe.source,
        severity=IncidentSeverity.MINOR if answer.trouble is Trouble.EXPIRING else IncidentSeverity.MAJOR,
        vantage=vantage,
        via=probe.via,
        detail=f"{probe.shown}: {answer.detail}{through}" if answer.detail else "",
        control=probe.control,
        trouble=answer.trouble,
        seconds=answer.seconds,
        retried=retried,
        parts=(probe.part,) if probe.part else (),
    )


def signals_of_also(probe: Probe, signal: Signal) -> tuple[Signal, ...]:
    """The same result for the further scopes that the probe is about."""
    return tuple(
        replace(signal, provider=scope.provider, region=scope.region, service=scope.part) for scope in probe.also
    )
