"""Signals, incidents, affected services, and the queries and actions that incidents offer."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

from bot.model import IncidentSeverity
from checks import Fate, Scope, Severity

SignalSource = Literal["feed", "probe", "hook", "canary"]


class Health(StrEnum):
    """The health that a signal reports. UNKNOWN counts neither as good nor as bad."""

    BAD = "bad"
    GOOD = "good"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation of one scope at one time (UTC).

    `provider`, `region`, `service` are the parts of a Scope; the last two may be empty. `source` names the observer and
    stays the same from round to round (`dns:dynamodb.us-east-1.amazonaws.com`, `statuspage:stripe/abc123`). `via`: what the
    observation went through, a DNS resolver for instance; `vantage`: the replica that observed it. `control`: a target of the
    control group, probed only to tell a failure of our own network from one of a provider.
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

    @property
    def scope(self) -> Scope:
        """The scope observed. A service without a region counts as the provider as a whole."""
        return Scope(self.provider, self.region, self.service if self.region else "")


class Phase(StrEnum):
    """The phases of an incident. SUSPECTED: nobody is notified yet; MONITORING: healthy again, but not for long enough."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Affected:
    """A service that an incident affects: its expected fate, why, and the first runbook steps.

    `because`: the dependency path from the service to the failure, nearest first. `rto`: its expected recovery time where it
    fails over. `proved_at`: the last successful failover test. `since`: from when on it counts as affected (UTC).
    """

    service: str
    tier: int
    fate: Fate
    because: tuple[str, ...] = ()
    audience: str = ""
    owner: str = ""
    users: int | None = None
    cost_per_hour: float | None = None
    rto: timedelta | None = None
    proved_at: datetime | None = None
    runbook: str = ""
    first_steps: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry of an incident's timeline. `kind`: seen, confirmed, wave, provider, calm, resolved, told, person, joined."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ProviderStatement:
    """What a provider reports about an incident. `since`: when we first saw that; `open` False: it reports the end."""

    provider: str
    open: bool
    since: datetime
    title: str = ""
    severity: IncidentSeverity = IncidentSeverity.NONE
    url: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What people did about an incident: acknowledged, assigned, muted, escalated."""

    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    assigned_to: str = ""
    muted_until: datetime | None = None
    escalated_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as backstay detects it: signals of one cause, combined.

    `scopes` are what fails, the widest first; `cause` is the common cause (the cloud that forty providers run on), None where
    it is not known, and `cause_why` how it was inferred. `ours`: every path out failed, so the fault is in our own network and
    not a provider's. `wave` counts from 1. `severity` is backstay's own and rises with the tiers of the affected services.
    `watched`: probes, canaries or webhooks of ours observe it. `part_of`: the incident that this one was merged into.
    `onset_at`: the first bad signal; `confirmed_at`: when it was first confirmed. `calm_since`: since when all our own
    observations are good; `quiet_since`: since when nobody, the provider included, reports a problem.
    """

    id: str
    phase: Phase
    title: str
    scopes: tuple[Scope, ...]
    onset_at: datetime
    updated_at: datetime
    severity: Severity = Severity.LOW
    cause: Scope | None = None
    cause_why: str = ""
    ours: bool = False
    wave: int = 1
    flapping: bool = False
    watched: bool = False
    confirmed_at: datetime | None = None
    calm_since: datetime | None = None
    quiet_since: datetime | None = None
    resolved_at: datetime | None = None
    affected: tuple[Affected, ...] = ()
    evidence: tuple[str, ...] = ()
    words: tuple[ProviderStatement, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    handling: Response = field(default_factory=Response)
    part_of: str = ""

    @property
    def open(self) -> bool:
        """Whether it is not resolved yet."""
        return self.phase is not Phase.RESOLVED

    @property
    def touches_us(self) -> bool:
        """Whether any of our services is, or may be, affected."""
        return any(affected.fate is not Fate.UNAFFECTED for affected in self.affected)

    @property
    def ended_at(self) -> datetime | None:
        """When it ended: the last bad signal, not when that was confirmed. None: it is open."""
        if self.resolved_at is None or self.quiet_since is None:
            return self.resolved_at
        return min(self.quiet_since, self.resolved_at)

    def lasted(self, now: datetime) -> timedelta:
        """Its duration: from the first bad signal to its end, or to now."""
        return max((self.ended_at or now) - self.onset_at, timedelta(0))

    @property
    def detected_after(self) -> timedelta | None:
        """Time to confirm: from the first bad signal to confirmation."""
        return None if self.confirmed_at is None else self.confirmed_at - self.onset_at

    @property
    def lead(self) -> timedelta | None:
        """How long before the provider's first report we confirmed it; negative: after it. None: there is no report."""
        if self.confirmed_at is None or not self.words:
            return None
        return min(statement.since for statement in self.words) - self.confirmed_at


@dataclass(frozen=True, slots=True)
class NotificationReceipt:
    """One notification of an audience. `why`: opened, worse, wave or resolved; `posted_at` and `at` (arrival) in UTC.

    Where it was not delivered `at` is None and `problem` is the reason: pending, out of date, refused.
    """

    audience: str
    why: str
    posted_at: datetime
    at: datetime | None = None
    route: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ActiveMaintenance:
    """A maintenance window that is open: problems of the scope open no incident until it ends. `ours`: from our settings."""

    scope: Scope
    ends: datetime
    why: str = ""
    ours: bool = False


class UnknownIncidentError(Exception):
    """There is no incident with this id."""


class IncidentQueries(Protocol):
    """Incidents as commands and pages query and change them. Implemented by `incidents.service.IncidentService`.

    Every method with an `id` raises UnknownIncidentError where there is no such incident. `by` is the person's display name,
    `actor` their id in the audit log (`slack:U1`).
    """

    @property
    def audiences(self) -> tuple[str, ...]:
        """The audiences that can be notified."""
        ...

    def active_maintenance(self) -> tuple[ActiveMaintenance, ...]:
        """The maintenance windows that are open now; the one that ends first comes first."""
        ...

    def blind(self) -> tuple[tuple[str, str], ...]:
        """Paths on which even the control group fails: vantage point, and DNS server (empty where DNS is not at fault)."""
        ...

    async def incidents(self, *, since: datetime | None = None) -> tuple[Incident, ...]:
        """The open incidents, and those that ended at or after `since`; the most severe first."""
        ...

    async def incident(self, id: str) -> Incident:
        """One incident, by its id or the beginning of it."""
        ...

    async def notification_receipts(self, id: str) -> tuple[NotificationReceipt, ...]:
        """Who was notified of it, when and by which route; oldest first."""
        ...

    async def acknowledge(self, id: str, by: str, *, actor: str = "") -> Incident:
        """Acknowledge: it is not escalated to the next audience. The first acknowledgement counts."""
        ...

    async def assign(self, id: str, to: str, by: str, *, actor: str = "") -> Incident:
        """Assign it to a person."""
        ...

    async def mute(self, id: str, lasts: timedelta, by: str, *, actor: str = "") -> Incident:
        """Mute: send no new message for this long; messages already sent are still updated."""
        ...

    async def escalate(self, id: str, audience: str, by: str, *, actor: str = "") -> Incident:
        """Notify another audience now. Raises ValueError where there is no such audience."""
        ...
