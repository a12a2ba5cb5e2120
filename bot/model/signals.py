"""Signals: what probes, canaries, status pages and other monitoring observe."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.model.feeds import IncidentSeverity, IncidentState, IncidentUpdate
from checks import Scope

SignalSource = Literal["feed", "probe", "hook", "canary"]


IPV6 = "ipv6"
"""`Signal.via` of an observation over IPv6 alone."""

SILENT_PAGE = "page:"
"""Begins the source of a signal that says nothing but that a provider's status page stopped answering."""


class Health(StrEnum):
    """The health that a signal reports. UNKNOWN counts neither as good nor as bad.

    DEGRADED: it answers, but slowly, or one path or one IP version of several fails.
    """

    BAD = "bad"
    DEGRADED = "degraded"
    GOOD = "good"
    UNKNOWN = "unknown"


class Trouble(StrEnum):
    """What is wrong with a target that is BAD or DEGRADED, as far as one probe can tell."""

    NONE = ""
    DNS = "dns"
    ADDRESS = "address"
    CONNECT = "connect"
    TIMEOUT = "timeout"
    TLS = "tls"
    CERTIFICATE = "certificate"
    EXPIRING = "expiring"
    STATUS = "status"
    RATE_LIMITED = "rate_limited"
    BODY = "body"
    REDIRECT = "redirect"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation of one scope at one time (UTC).

    `provider`, `region`, `service` are the parts of a Scope; the last two may be empty. `source` names the observer and
    stays the same from round to round (`dns:dynamodb.us-east-1.amazonaws.com`, `statuspage:stripe/abc123`). `via`: what the
    observation went through, a DNS resolver for instance; `vantage`: the replica that observed it. `control`: a target of the
    control group, probed only to tell a failure of our own network from one of a provider.

    Of probes and canaries: `trouble` is what is wrong, `seconds` the latency of the answer, `retried` that the first attempt of
    this round failed and a later one did not.

    Of a status page: `began` is the start by the page's own time, `parts` the components that it names, `progress` the state
    that it reports, `updates` its last updates, newest first, and `first_reading` that it was listed when this page was first
    read, so that nothing is known of when it appeared.
    """

    provider: str
    region: str
    service: str
    kind: SignalSource
    state: Health
    at: datetime
    source: str
    severity: IncidentSeverity = IncidentSeverity.MAJOR
    vantage: str = ""
    via: str = ""
    detail: str = ""
    control: bool = False
    url: str = ""
    trouble: Trouble = Trouble.NONE
    seconds: float | None = None
    retried: bool = False
    began: datetime | None = None
    parts: tuple[str, ...] = ()
    progress: IncidentState | None = None
    updates: tuple[IncidentUpdate, ...] = ()
    first_reading: bool = False

    @property
    def scope(self) -> Scope:
        """The scope observed. A service without a region counts as the provider as a whole."""
        return Scope(self.provider, self.region, self.service if self.region else "")
