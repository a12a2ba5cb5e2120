"""Status pages -> one shape: what providers say of themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


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
    `feed`: which of a provider's feeds it was, empty for its public page.
    """

    provider: str
    format: str
    incidents: tuple[ProviderIncident, ...] = ()
    components: tuple[FeedComponent, ...] = ()
    severity: IncidentSeverity | None = None
    read_at: datetime | None = None
    changed: bool = False
    error: str = ""
    feed: str = ""


@dataclass(frozen=True, slots=True)
class CacheValidators:
    """What to ask with the next time, so that an unchanged page need not come in full.

    `etag` and `modified` are the server's own marks, `digest` is ours of the body. `source` tells where they come from: of
    another address, or another version of ours, they hold no more.
    """

    etag: str = ""
    modified: str = ""
    digest: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class CachedReading:
    """A feed's last reading as the ledger has it, by the feed's name."""

    name: str
    reading: FeedReading
    marks: CacheValidators = CacheValidators()


class Feed(Protocol):
    """A provider's status page, or another word of its own on how it is."""

    @property
    def name(self) -> str:
        """Its own, unlike that of any other: the provider's, and which of its feeds it is."""
        ...

    @property
    def provider(self) -> str:
        """The name in the catalogue."""
        ...

    async def read(self) -> FeedReading:
        """Ask once. Never raises for what the far side does: the reading then carries the last known and an `error`."""
        ...

    @property
    def marks(self) -> CacheValidators:
        """What belongs to the last reading."""
        ...

    def remember(self, reading: FeedReading, marks: CacheValidators) -> bool:
        """Start from an earlier reading of this very source. False: it is of another, and worth nothing here."""
        ...

    def wait(self, interval: timedelta) -> timedelta:
        """How long to wait before the next poll, where `interval` is usual: longer after failures, or as it was asked to."""
        ...
