"""The types that all kinds of probes share: what to probe, what to expect, and the answer."""

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.model.signals import Health, Signal
from checks import Scope

ProbeKind = Literal["dns", "tcp", "tls", "http"]


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
    """What counts as good. An empty `status` means any below 500 (no sign-in gets a 4xx). `latency`: limit in seconds."""

    status: frozenset[int] = frozenset()
    latency: float | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe of one endpoint. `scope` is what its result is about; `control` marks the control group.

    `resolver` is for DNS only; `path`, `secure` (TLS), `method` and `headers` are for HTTP only. Headers may contain secrets and
    are never shown.
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
        """What is probed; the same for every resolver."""
        if self.kind == "dns":
            return f"dns:{self.host}"
        return f"{self.kind}:{self.host}:{self.port}{self.path if self.kind == 'http' else ''}"


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """The result of one attempt. `detail` says what is wrong, for people, without text from the remote side."""

    state: Health
    detail: str = ""
    seconds: float = 0.0


def signal_of(probe: Probe, answer: ProbeAnswer, at: datetime, vantage: str) -> Signal:
    """The probe's result as a signal."""
    via = probe.resolver.name if probe.resolver else ""
    detail = f"{probe.host}: {answer.detail}" + (f" (resolver {via})" if via else "") if answer.detail else ""
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
        detail=detail,
        control=probe.control,
    )
