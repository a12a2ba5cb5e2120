"""The seams between the flows and the world, and what passes through them. Read this first.

Flows (`review`, `schedule`, `delivery`) name only these protocols; `app.py` hands them the real edges.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Protocol

from checks import Fact, Gap, Scorecard, Service

# --- collecting -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long piece of work is: `done` of `total` steps (total grows while more is discovered), and on what."""

    done: int
    total: int
    doing: str = ""


@dataclass(frozen=True, slots=True)
class Collected:
    """What one run of the collectors brought: facts, what could not be read, and what it took.

    `accounts`: account ids reached. `calls`: requests sent, `seconds`: wall time.
    """

    facts: Sequence[Fact]
    gaps: Sequence[Gap]
    accounts: tuple[str, ...] = ()
    calls: int = 0
    seconds: float = 0.0


class Collector(Protocol):
    """A source of facts. `services` is the catalogue (empty: whatever there is)."""

    async def collect(self, services: Sequence[Service], progress: Callable[[Progress], None]) -> Collected:
        """Read. A failure of one place is a gap, never an exception; raises only `Unusable` when nothing can be read."""
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


# --- delivering -------------------------------------------------------------------------------------------------


class Priority(StrEnum):
    """An alert overtakes a reply, which overtakes a report."""

    ALERT = "alert"
    REPLY = "reply"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves: a card as plain data (`Card.dump()`), for one audience. `id` is the delivery id, the same on every try.

    `dedupe` names what it is about (`weekly:payments:2026-11-23T09:00Z`): a second post with the same one is not accepted.
    """

    id: str
    audience: str
    card: Mapping[str, Any]
    priority: Priority = Priority.REPORT
    dedupe: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None


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


Clock = Callable[[], datetime]
Progressing = Callable[[Progress], None]
Events = AsyncIterator[Any]
