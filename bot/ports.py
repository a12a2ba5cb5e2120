"""The seams between the flows and the world, and what passes through them. Read this first.

Flows (`review`, `schedule`, `delivery`) name only these protocols; `app.py` hands them the real edges.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Protocol, runtime_checkable

from bot.people import Records
from checks import Fact, Gap, Impact, PastScore, Scope, Scorecard, Service

# --- collecting -------------------------------------------------------------------------------------------------


Place = tuple[str, str, str]
"""Where facts come from: source, account, region."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long piece of work is: `done` of `total` steps (total grows while more is discovered), and on what."""

    done: int
    total: int
    doing: str = ""


@dataclass(frozen=True, slots=True)
class Collected:
    """What one run of the collectors brought: facts, what could not be read, and what it took.

    `read`: the (source, account, region) places that were listed, also those that turned out empty: facts of the same
    place from an earlier run are superseded. `accounts`: account ids reached. `calls`: requests sent, `seconds`: wall time.
    """

    facts: Sequence[Fact]
    gaps: Sequence[Gap]
    read: Sequence[Place] = ()
    accounts: tuple[str, ...] = ()
    calls: int = 0
    seconds: float = 0.0


class Collector(Protocol):
    """A source of facts. `services` is the catalogue (empty: whatever there is)."""

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Read. A failure of one place is a gap, never an exception.

        Args:
            services: the catalogue.
            progress: told how far it is.
            only: the places to read; None: all there are.

        Raises:
            UnusableError: nothing can be read at all.
        """
        ...


class UnusableError(Exception):
    """Settings or credentials make the whole source unusable. `mend` says what to do."""

    def __init__(self, problem: str, mend: str = "") -> None:
        super().__init__(problem)
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Audit:
    """A finished audit: the scorecard, and how it came about."""

    scorecard: Scorecard
    collected: Collected
    calls: int
    seconds: float


# --- watching ---------------------------------------------------------------------------------------------------


class IncidentState(StrEnum):
    """How far a provider says it is with an incident; `scheduled` and `in_progress` are maintenance."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"


class IncidentSeverity(StrEnum):
    """How bad a provider says it is, mildest first; `maintenance` was announced."""

    NONE = "none"
    MAINTENANCE = "maintenance"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class IncidentUpdate:
    """One thing that a provider said. `text` is plain: no markup of any platform is left in it."""

    at: datetime | None
    state: IncidentState | None
    text: str


@dataclass(frozen=True, slots=True)
class ProviderIncident:
    """An incident or a maintenance as its provider tells it, whatever the format. What the feed does not say is None.

    `provider` is a name of the catalogue (`aws`, `stripe`), empty where nobody said whose payload it is. `id` stays the
    same from poll to poll. Times are UTC. `regions` are the provider's own words (`us-east-1`, `West US`). `updates` are
    newest first. `ends_at`: when an announced maintenance is meant to end.
    """

    provider: str
    id: str
    title: str
    state: IncidentState | None = None
    severity: IncidentSeverity | None = None
    services: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    started_at: datetime | None = None
    updated_at: datetime | None = None
    resolved_at: datetime | None = None
    updates: tuple[IncidentUpdate, ...] = ()
    url: str | None = None
    ends_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Neither over nor only announced."""
        return self.state not in (IncidentState.RESOLVED, IncidentState.SCHEDULED) and self.resolved_at is None

    @property
    def maintenance(self) -> bool:
        """Whether it was announced rather than suffered."""
        planned = (IncidentState.SCHEDULED, IncidentState.IN_PROGRESS)
        return self.severity is IncidentSeverity.MAINTENANCE or self.state in planned


@dataclass(frozen=True, slots=True)
class FeedComponent:
    """A part of a provider as its page lists it. `severity` None: a word that is not known."""

    name: str
    severity: IncidentSeverity | None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class FeedReading:
    """What one poll of one feed brought.

    `error` empty: it was read. `severity` is the worst of what the page says of itself, of its components and of its open
    incidents; None is unknown, never green. `changed`: the body differs from the poll before. `read_at` is when the
    provider last answered with something that could be read: older than a few intervals, nothing of it holds any more.
    """

    provider: str
    format: str
    incidents: tuple[ProviderIncident, ...] = ()
    components: tuple[FeedComponent, ...] = ()
    severity: IncidentSeverity | None = None
    read_at: datetime | None = None
    changed: bool = False
    error: str = ""


class Feed(Protocol):
    """A provider's status page."""

    @property
    def provider(self) -> str:
        """The name in the catalogue."""
        ...

    async def read(self) -> FeedReading:
        """Ask once. Never raises for what the far side does: the reading then carries the last known and an `error`."""
        ...


# --- delivering -------------------------------------------------------------------------------------------------


class Priority(StrEnum):
    """An alert overtakes a reply, which overtakes a report. What is for later holds up nothing and nobody."""

    ALERT = "alert"
    REPLY = "reply"
    REPORT = "report"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves: a card as plain data (`Card.dump()`), for one audience. `id` is the delivery id, the same on every try.

    `dedupe` names what it is about (`weekly:payments:2026-11-23T09:00Z`): a second post with the same one is not accepted.
    `replaces`: the id of an earlier message whose text this one takes over where it stands. A route that cannot do that
    leaves it out: it is no news.
    """

    id: str
    audience: str
    card: Mapping[str, Any]
    priority: Priority = Priority.REPORT
    dedupe: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """It is there. `reference` finds it again (Slack `channel:ts`)."""

    reference: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now. `after`: what the platform asked for. `ambiguous`: it may have arrived (the line was cut after sending)."""

    reason: str
    after: timedelta | None = None
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: the channel is archived, the token revoked, the payload too large."""

    reason: str


Result = Sent | Retry | Refused


class Route(Protocol):
    """One way to people. A route is built for one destination (a channel, a URL) and decides nothing but its result."""

    kind: str
    name: str
    """As in the audience's list: `slack:#payments`, `webhook:pager`."""
    platform: str
    """What dies together: one breaker for each (`slack`, `teams`, the host of a webhook)."""

    async def send(self, message: Message, attempt: int) -> Result:
        """Try once. Never raises for what the far side does. `attempt` is 1 at first; an earlier one may have been ambiguous."""
        ...


@runtime_checkable
class Updating(Protocol):
    """A route that can change what it has sent."""

    async def update(self, reference: str, message: Message, attempt: int) -> Result:
        """Put the message's card in place of what `reference` (a `Sent.reference`) leads to. To repeat it does no harm."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one try of one message: `outcome` sent, retry, refused, skipped (breaker open) or expired."""

    message: str
    audience: str
    route: str
    outcome: Literal["sent", "retry", "refused", "skipped", "expired"]
    at: datetime
    detail: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """A route as an audience lists it. `name` is unique in the installation: `slack:#payments`, `webhook:pager`.

    `kind` picks the builder (slack, webhook, teams_webhook), `options` are its settings; secrets in them are still
    references (`env:NAME`, `file:PATH`), resolved when the route is built.
    """

    kind: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an audience gets its post. `id` is stable while its words are the same; `grace`: a missed slot is made up within it."""

    id: str
    audience: str
    cron: str
    timezone: str
    grace: timedelta
    post: str = "scorecard"


@dataclass(frozen=True, slots=True)
class Audience:
    """A team and its routes, in the order they are tried. `members`: ids of its people or groups, where somebody said."""

    name: str
    routes: tuple[RouteSpec, ...]
    schedules: tuple[Schedule, ...] = ()
    timezone: str = "UTC"
    members: tuple[str, ...] = ()


# --- chat -------------------------------------------------------------------------------------------------------


class Role(StrEnum):
    """Who may do what: each role may do what the one before may."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and where: ids of the platform. `timezone` is an IANA name, empty when not known."""

    platform: str
    user: str
    channel: str = ""
    name: str = ""
    timezone: str = ""
    groups: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def identities(self) -> frozenset[str]:
        """The ids by which settings may name the person or a group of theirs: plain, and with the platform before them."""
        mine = [one for one in (self.user, *self.groups) if one]
        return frozenset((*mine, *(f"{self.platform}:{one}" for one in mine)))


@dataclass(frozen=True, slots=True)
class Conversation:
    """A place in Teams where backstay may post without being asked, as the platform itself described it.

    `id` is that of the chat or channel, not of a thread in it. `reference` is the platform's raw JSON (serviceUrl,
    conversation, bot, tenant): what an SDK makes of it loses parts. `name`: `Team / Channel`, or a person's name.
    """

    id: str
    kind: Literal["personal", "groupChat", "channel"]
    reference: Mapping[str, Any]
    seen_at: datetime
    name: str = ""
    team: str = ""
    tenant: str = ""


Clock = Callable[[], datetime]
Progressing = Callable[[Progress], None]
Events = AsyncIterator[Any]


class Desk(Protocol):
    """What a command may ask of the flows. `review.Review` is the real one."""

    @property
    def organisation(self) -> str:
        """Whose services these are; empty where nobody said."""
        ...

    @property
    def currency(self) -> str:
        """What money is counted in (ISO 4217)."""
        ...

    @property
    def records(self) -> Records:
        """Where what people leave is kept: words for practices, waivers, subscriptions, broadcasts."""
        ...

    def teams_of(self, caller: Caller) -> Sequence[Audience]:
        """The audiences that somebody belongs to, as far as the catalogue says who does."""
        ...

    async def services(self) -> Sequence[Service]:
        """The catalogue as it was last read."""
        ...

    async def latest(self) -> Audit | None:
        """The last audit, None where there was none yet. Never reads the cloud."""
        ...

    async def audit(self, services: Sequence[str], progress: Progressing) -> Audit:
        """Read the cloud anew for these services (none named: all), remember and return it.

        A second call for the same services while one runs joins it.
        """
        ...

    async def history(self, service: str, since: datetime) -> Sequence[PastScore]:
        """Remembered scores, oldest first; `service` empty: the estate's."""
        ...

    async def whatif(self, scope: Scope, lasts: timedelta, progress: Progressing) -> Impact:
        """Lose a scope. Judges the facts of the last audit, reads them anew where there are none."""
        ...
