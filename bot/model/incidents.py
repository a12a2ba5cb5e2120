"""Incidents, affected services, and the queries and actions that incidents offer."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.model.feeds import IncidentSeverity, IncidentState, IncidentUpdate
from bot.model.observed import StatedItem, TargetAlarm, item_key
from checks import Fate, Scope, Severity


class OutageState(StrEnum):
    """The state of what fails, as far as anybody knows. The worst first.

    DOWN: we observe that it fails. DEGRADED: we observe that it is slow, or that a share of requests, paths or vantage points
    fails. REPORTED: only the provider reports it.
    """

    DOWN = "down"
    DEGRADED = "degraded"
    REPORTED = "reported"


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
    fails over. `proved_at`: the last successful failover test. `since`: from when on it counts as affected (UTC). `worst`: its
    worst fate in this incident so far. `stated`: the severity that the provider reports for the parts that it needs.
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
    worst: Fate | None = None
    stated: IncidentSeverity = IncidentSeverity.NONE


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry of an incident's timeline. `kind`: seen, confirmed, wave, provider, calm, resolved, told, person, joined."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ProviderStatement:
    """What a provider reports about an incident. `since`: when we first saw that; `open` False: it reports the end.

    `began`: the start by its own words. `parts`: the components that it names, none for all of it. `updates`: newest first. `items`:
    all that is open on the page; the other fields are of the most severe one.
    """

    provider: str
    open: bool
    since: datetime
    title: str = ""
    severity: IncidentSeverity = IncidentSeverity.NONE
    url: str = ""
    began: datetime | None = None
    parts: tuple[str, ...] = ()
    progress: IncidentState | None = None
    updates: tuple[IncidentUpdate, ...] = ()
    items: tuple[StatedItem, ...] = ()

    @property
    def open_items(self) -> tuple[StatedItem, ...]:
        """What is open on the page; an earlier version kept the most severe item alone."""
        if not self.open:
            return ()
        keyed = [item for item in self.items if item.key]
        fixed = self.progress is IncidentState.MONITORING
        one = StatedItem(
            self.severity, self.parts, item_key(self.provider, self.severity, self.url or self.title), fixed
        )
        return tuple(keyed) or (one,)


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

    `outage`: whether it is down, degraded, or only reported by the provider. `symptoms`: what we observe ourselves, in words
    (`api.stripe.com: HTTP 503 in 4 of 4 probes`); `links`: where our monitoring shows more; `slight`: that is a warning at most,
    such as a certificate that ends soon.
    `worth_alert` False: it is a line of the digest, and nobody is interrupted. `own_part`: what of our own network fails
    (`resolver`, `IPv6`, `way out`, `packet loss`), where `ours`. `seen_from` and `not_seen_from`: vantage points that see it and
    that do not, where they differ. `announced`: titles of maintenance that is on beside it and does not explain it. `old`: it
    had begun long before the first reading of the provider's page. `parts`: the provider's parts that fail, none for all of it.

    `unwatched`: how much of the time since `quiet_since` nobody was watching, because the machine slept or no replica ran.
    `alarms`: targets that are degraded now. `closes_at`: when it is resolved if it stays quiet, as long as it recovers.
    `down_since` and `down_before`: since when it is DOWN now, and for how long it was before. `overruled`: open items of pages
    (`StatedItem.key`) in spite of which it was resolved, on our own observations. `said`: the severity that the provider
    reports, one step milder where our own probes of the same part succeed. `observed`: those of `scopes` that we have seen failing;
    `failing`: those that fail now, or failed last.
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
    outage: OutageState = OutageState.DOWN
    symptoms: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    worth_alert: bool = True
    own_part: str = ""
    seen_from: tuple[str, ...] = ()
    not_seen_from: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()
    old: bool = False
    unwatched: timedelta = timedelta(0)
    parts: tuple[str, ...] = ()
    down_since: datetime | None = None
    down_before: timedelta = timedelta(0)
    slight: bool = False
    overruled: tuple[str, ...] = ()
    said: IncidentSeverity = IncidentSeverity.NONE
    observed: tuple[Scope, ...] = ()
    failing: tuple[Scope, ...] = ()
    closes_at: datetime | None = None
    alarms: tuple[TargetAlarm, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it is not resolved yet."""
        return self.phase is not Phase.RESOLVED

    @property
    def started_at(self) -> datetime:
        """When it started: by the provider's own words where that is earlier and no more than a day, else as we saw it."""
        told = [word.began for word in self.words if word.began is not None and word.began <= self.onset_at]
        credible = [at for at in told if self.old or self.onset_at - at <= timedelta(days=1)]
        return min([self.onset_at, *credible])

    def down_for(self, now: datetime) -> timedelta:
        """How long we have observed it down, until now or its end: what money may be counted for."""
        if self.down_since is None:
            return self.down_before
        return self.down_before + max((self.ended_at or now) - self.down_since, timedelta(0))

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
