"""What passes through the watch flow: a signal of a feed, a probe or a hook, our own incident, and whom of us it hits."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

from bot.model import IncidentSeverity
from checks import Fate, Scope, Severity

SignalSource = Literal["feed", "probe", "hook", "canary"]


class Health(StrEnum):
    """What a signal says. UNKNOWN is no news at all: never good, never bad."""

    BAD = "bad"
    GOOD = "good"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation of one thing at one moment (UTC).

    `provider`, `region`, `service` are the words of a Scope; the last two may be empty. `source` names the observer and
    stays the same from round to round (`dns:dynamodb.us-east-1.amazonaws.com`, `statuspage:stripe/abc123`). `via`: what an
    observation went through beside its vantage point, a resolver for instance; `vantage`: which replica saw it.
    `control`: a provider that nothing of ours needs, probed only to tell our own network from theirs.
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
        """What it is about. A service of no region is kept under the provider as a whole."""
        return Scope(self.provider, self.region, self.service if self.region else "")


class Phase(StrEnum):
    """The life of an incident. SUSPECTED is told to nobody yet; MONITORING: it looks good, but not for long enough."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Affected:
    """One of our services in an incident: what is expected to become of it, why, and what to do first.

    `because`: the path from the service to what broke, nearest first. `rto`: how soon it is expected back where it fails
    over. `first_steps` are taken from the runbook. `since`: from when on it counts as hit (UTC).
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
    """A line of an incident's timeline. `kind`: seen, confirmed, wave, provider, calm, resolved, told, person, joined."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ProviderStatement:
    """What a provider says of it. `since`: its first word on it that we saw; `open` False: it says that it is over."""

    provider: str
    open: bool
    since: datetime
    title: str = ""
    severity: IncidentSeverity = IncidentSeverity.NONE
    url: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What people have done about an incident."""

    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    assigned_to: str = ""
    muted_until: datetime | None = None
    escalated_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as we see it: several signals of one cause.

    `scopes` are what is broken, the widest first; `cause` is what is behind them all (the cloud that forty providers stand
    on), None where that is not known; `cause_why` says how that was told. `ours`: every way out of here is dead, so it is
    our own network and no provider's. `wave` counts from 1; `severity` is ours and grows with the tiers of those affected.
    `watched`: something of ours looks at it, so that silence is no success.
    `part_of`: another incident that has taken this one in.
    `onset_at`: the first bad signal; `confirmed_at`: when it was first sure. `calm_since`: since when all that we watch of it
    ourselves is well; `quiet_since`: since when nobody, the provider included, says that anything is wrong.
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
        """Not over yet."""
        return self.phase is not Phase.RESOLVED

    @property
    def touches_us(self) -> bool:
        """Whether any service of ours is, or may be, hit."""
        return any(one.fate is not Fate.UNAFFECTED for one in self.affected)

    @property
    def ended_at(self) -> datetime | None:
        """When it ended: not when that was sure, but since when nothing bad was seen any more. None: it goes on."""
        if self.resolved_at is None or self.quiet_since is None:
            return self.resolved_at
        return min(self.quiet_since, self.resolved_at)

    def lasted(self, now: datetime) -> timedelta:
        """From the first bad signal to its end, or until now."""
        return max((self.ended_at or now) - self.onset_at, timedelta(0))

    @property
    def detected_after(self) -> timedelta | None:
        """Time to detect: from the first bad signal until it was sure."""
        return None if self.confirmed_at is None else self.confirmed_at - self.onset_at

    @property
    def lead(self) -> timedelta | None:
        """How long before the provider's first word we were sure; negative: after it. None: it has said nothing."""
        if self.confirmed_at is None or not self.words:
            return None
        return min(word.since for word in self.words) - self.confirmed_at


@dataclass(frozen=True, slots=True)
class NotificationReceipt:
    """An audience was told of an incident. `why`: opened, worse, wave or resolved; `posted_at` and `at` (arrival) in UTC.

    Where it did not arrive `at` is None and `problem` says why: it is still on its way, out of date, refused.
    """

    audience: str
    why: str
    posted_at: datetime
    at: datetime | None = None
    route: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ActiveMaintenance:
    """A maintenance that is on: trouble of the scope opens no incident until it ends. `ours`: by our own settings."""

    scope: Scope
    ends: datetime
    why: str = ""
    ours: bool = False


class UnknownIncidentError(Exception):
    """No incident is called so."""


class IncidentQueries(Protocol):
    """What a command or a page may ask of the watch flow. `watch.Watch` is the real one.

    All methods with an `id` raise UnknownIncidentError where there is no such incident. `by` is who, as people know them;
    `actor` the same for the audit log (`slack:U1`).
    """

    @property
    def audiences(self) -> tuple[str, ...]:
        """Who can be told of an incident."""
        ...

    def active_maintenance(self) -> tuple[ActiveMaintenance, ...]:
        """The maintenance that is on now and keeps incidents from being opened; what ends first, first."""
        ...

    def blind(self) -> tuple[tuple[str, str], ...]:
        """Ways of looking that even the control group fails over: vantage point, and DNS server ("": no DNS alone)."""
        ...

    async def incidents(self, *, since: datetime | None = None) -> tuple[Incident, ...]:
        """The open ones, and those that ended at or after `since`; the worst first."""
        ...

    async def incident(self, id: str) -> Incident:
        """One of them, by its id or the beginning of it."""
        ...

    async def notification_receipts(self, id: str) -> tuple[NotificationReceipt, ...]:
        """Who was told of it, when and by which route; oldest first."""
        ...

    async def acknowledge(self, id: str, by: str, *, actor: str = "") -> Incident:
        """Somebody is on it: it is not repeated to the next audience. Who was first has it."""
        ...

    async def assign(self, id: str, to: str, by: str, *, actor: str = "") -> Incident:
        """Somebody is to be on it."""
        ...

    async def mute(self, id: str, lasts: timedelta, by: str, *, actor: str = "") -> Incident:
        """No new message for so long; the ones that are there are still kept up to date."""
        ...

    async def escalate(self, id: str, audience: str, by: str, *, actor: str = "") -> Incident:
        """Tell another audience now. Raises ValueError where there is no such audience."""
        ...
