"""What a probe asks, and what it answers: the words that all kinds of probes share."""

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.model.incidents import Health, Signal
from checks import Scope

ProbeKind = Literal["dns", "tcp", "tls", "http"]


@dataclass(frozen=True, slots=True)
class Resolver:
    """A DNS server to ask. `name` is what people call it."""

    host: str
    port: int = 53

    @property
    def name(self) -> str:
        """Its address, with the port where that is an unusual one."""
        return self.host if self.port == 53 else f"{self.host}:{self.port}"


def resolver(text: str) -> Resolver:
    """`1.1.1.1`, `127.0.0.1:5353`, `2606:4700::1111` or `[::1]:5353`.

    Raises:
        ValueError: it is no address.
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
        raise ValueError(f"{text!r} is not the address of a DNS server: write 1.1.1.1 or 127.0.0.1:5353")
    return Resolver(host, number)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is good. `status` empty: any answer below 500, for whoever is not signed in gets a 4xx. `latency` in seconds."""

    status: frozenset[int] = frozenset()
    latency: float | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to look at, one way. `scope` is what it tells of, `control` marks the control group.

    `host`, `port` and `path` are where; `resolver` through whom, for DNS. `secure`: over TLS, for HTTP, which is asked by
    `method` with `headers`: these may hold secrets and are never shown.
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

    @property
    def source(self) -> str:
        """What it looks at, the same over every path."""
        if self.kind == "dns":
            return f"dns:{self.host}"
        return f"{self.kind}:{self.host}:{self.port}{self.path if self.kind == 'http' else ''}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one look brought. `detail` is fit for people: what is wrong, without what the far side wrote."""

    state: Health
    detail: str = ""
    seconds: float = 0.0


def signal_of(probe: Probe, answer: Answer, at: datetime, vantage: str) -> Signal:
    """What the probe tells the watch flow."""
    via = probe.resolver.name if probe.resolver else ""
    said = f"{probe.host}: {answer.detail}" + (f" (asked {via})" if via else "") if answer.detail else ""
    return Signal(
        provider=probe.scope.provider,
        region=probe.scope.region,
        service=probe.scope.part,
        kind="probe",
        state=answer.state,
        at=at,
        source=probe.source,
        vantage=vantage,
        via=via,
        detail=said,
        control=probe.control,
    )
