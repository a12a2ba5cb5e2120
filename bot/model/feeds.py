"""Provider status pages in one shape: incidents, components, readings and the feed protocol."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

_TEST = re.compile(
    r"[\[(]test[\])]|please ignore|\bthis is (?:only )?a test\b|^\W*test(?: incident| message| post)?\W*$",
    re.IGNORECASE,
)


class IncidentState(StrEnum):
    """The state of an incident as its provider reports it; `scheduled` and `in_progress` are maintenance."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"


class IncidentSeverity(StrEnum):
    """The severity that a provider reports, mildest first; `maintenance` was announced."""

    NONE = "none"
    MAINTENANCE = "maintenance"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def is_failure(self) -> bool:
        """Whether something fails: minor or worse."""
        return self in (IncidentSeverity.MINOR, IncidentSeverity.MAJOR, IncidentSeverity.CRITICAL)

    @property
    def is_severe(self) -> bool:
        """Whether it is major or worse."""
        return self in (IncidentSeverity.MAJOR, IncidentSeverity.CRITICAL)


@dataclass(frozen=True, slots=True)
class IncidentUpdate:
    """One update that a provider published. `text` is plain text without markup."""

    at: datetime | None
    state: IncidentState | None
    text: str


@dataclass(frozen=True, slots=True)
class ProviderIncident:
    """An incident or maintenance as its provider reports it, in any format. A field that the feed lacks is None.

    `provider` is a name of the catalogue (`aws`, `stripe`), empty where the payload's owner is not known. `id` is the
    same in every poll. Times are UTC. `regions` are as the provider names them (`us-east-1`, `West US`). `updates` are
    newest first. `ends_at`: the planned end of a maintenance.
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
        """Whether it is going on: neither resolved nor only scheduled. A reopened item may keep its first `resolved_at`."""
        if self.state is None:
            return self.resolved_at is None
        return self.state not in (IncidentState.RESOLVED, IncidentState.SCHEDULED)

    @property
    def maintenance(self) -> bool:
        """Whether it is planned maintenance."""
        planned = (IncidentState.SCHEDULED, IncidentState.IN_PROGRESS)
        return self.severity is IncidentSeverity.MAINTENANCE or self.state in planned

    @property
    def test(self) -> bool:
        """Whether the provider only tries out its page: `[TEST] please ignore`."""
        return bool(_TEST.search(self.title))


@dataclass(frozen=True, slots=True)
class FeedComponent:
    """A component that a status page lists. `severity` is None where its status is not a known one."""

    name: str
    severity: IncidentSeverity | None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class FeedReading:
    """The result of one poll of one feed.

    `error` is empty after a good poll. `severity` is the worst of the page's own status, its components and its open
    incidents; None is unknown, never green. `changed`: the body differs from the last poll. `read_at`: the last good answer
    (UTC); once it is older than a few intervals the reading no longer counts. `feed`: which of a provider's feeds it was,
    empty for its public page. `unread`: what a good answer lists in a shape that is not read (`1 of incidents`), or empty.
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
    unread: str = ""


@dataclass(frozen=True, slots=True)
class CacheValidators:
    """Validators for the next conditional request, so that an unchanged page is not sent again.

    `etag` and `modified` are the server's, `digest` is backstay's own of the body. `source` identifies the address and the
    version of backstay they are for; for others they are not valid.
    """

    etag: str = ""
    modified: str = ""
    digest: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class CachedReading:
    """A feed's last reading as stored in the ledger, under the feed's name."""

    name: str
    reading: FeedReading
    marks: CacheValidators = CacheValidators()


class Feed(Protocol):
    """A source of a provider's own status: its public page, or an API such as AWS Health."""

    @property
    def name(self) -> str:
        """A unique name: the provider's, and which of its feeds it is."""
        ...

    @property
    def provider(self) -> str:
        """The provider's name in the catalogue."""
        ...

    async def read(self) -> FeedReading:
        """Poll once. A failure does not raise: the reading then has an `error` and the last known content."""
        ...

    @property
    def marks(self) -> CacheValidators:
        """The validators of the last good reading."""
        ...

    def remember(self, reading: FeedReading, marks: CacheValidators) -> bool:
        """Continue from a stored reading. False: it is of another source, and was ignored."""
        ...

    def wait(self, interval: timedelta) -> timedelta:
        """How long to wait before the next poll: `interval`, or longer after failures or when the server asks for it."""
        ...
