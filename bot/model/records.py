"""What people record in backstay, with who and when: attestations, subscriptions, broadcasts and copies of runbooks."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from bot.model.checklists import Checklist, Tick
from bot.model.delivery import Receipt
from bot.model.runbooks import PageDetails
from bot.model.tickets import KeptTicket
from checks import Waiver

Gravity = Literal["information", "warning", "critical"]

SCORECARD, DIGEST, DIGEST_IF_ANY = "scorecard", "digest", "digest_if_any"
"""What can be posted on a schedule: the scorecard (alone, or `scorecard` and a service's name), and the digest, posted always
or only after incidents (`digest_if_any`)."""
DIGESTS = (DIGEST, DIGEST_IF_ANY)


@dataclass(frozen=True, slots=True)
class AttestationRecord:
    """A person's attestation of a practice that cannot be read from a machine. Valid until `expires_at` (UTC).

    `practice` is one of `checks.vouchable`; `by` is the display name of the person who attested it.
    """

    service: str
    practice: str
    by: str
    at: datetime
    expires_at: datetime
    link: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel's subscription to a post. `cron` has five fields, read in `timezone` (IANA). `by` subscribed it, `at` (UTC).

    `post` is what it gets: `scorecard`, `scorecard` and a service's name, `digest`, `digest_if_any`.
    """

    platform: str
    channel: str
    post: str
    cron: str
    timezone: str
    by: str
    at: datetime

    @property
    def audience(self) -> str:
        """The channel as an audience of its own; it is also the name of the route to it."""
        return f"{self.platform}:{self.channel}"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A message to several audiences, drafted and perhaps sent. `actor` is the author's id (`slack:U1`), `by` their name."""

    id: str
    text: str
    gravity: Gravity
    audiences: tuple[str, ...]
    actor: str
    by: str
    at: datetime
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BroadcastDelivery:
    """What became of a broadcast to one audience so far: its attempts, oldest first. `settled`: nothing more will be tried."""

    audience: str
    settled: bool = False
    attempts: tuple[Receipt, ...] = ()


@dataclass(frozen=True, slots=True)
class RunbookCopy:
    """A copy of a runbook as last read (`read_at`, UTC; None: never). `steps` are its first steps.

    `tried_at` is the last attempt to read it and `problem` why that failed, empty where it succeeded. `details`: what was known
    of the page when it was last read.
    """

    service: str
    source: str
    tried_at: datetime
    read_at: datetime | None = None
    text: str = ""
    steps: tuple[str, ...] = ()
    problem: str = ""
    details: PageDetails = PageDetails()  # noqa: RUF009 - frozen


class Records(Protocol):
    """Stores what people record. Each change is written to the audit log in the same transaction.

    `actor` is the person's id on their platform: `slack:U1`.
    """

    @property
    def timezone(self) -> str:
        """The organisation's time zone (IANA)."""
        ...

    async def attest(self, attestation: AttestationRecord, actor: str) -> None:
        """Store an attestation; the next audit counts it."""
        ...

    async def waive(self, waiver: Waiver, actor: str, at: datetime) -> None:
        """Store a waiver of a failed check; it counts from now until it expires."""
        ...

    async def runbook(self, service: str) -> RunbookCopy | None:
        """The copy of a service's runbook, None where there is none."""
        ...

    async def tickets(self) -> Mapping[str, KeptTicket]:
        """The tickets of failed findings, by key."""
        ...

    async def runbooks(self) -> Mapping[str, RunbookCopy]:
        """The copies of all runbooks, by service."""
        ...

    async def checklists(self, incident: str) -> Sequence[Checklist]:
        """The checklists of an incident with their ticks, the one that was begun first first."""
        ...

    async def tick(self, checklist: Checklist, tick: Tick) -> Checklist:
        """Tick a step or take a tick back, beginning the checklist if it is new; the checklist as it then is."""
        ...

    async def subscriptions(self, platform: str = "", channel: str = "") -> Sequence[Subscription]:
        """The subscriptions of a channel; of all channels where none is named."""
        ...

    async def subscribe(self, wanted: Subscription, actor: str) -> bool:
        """Subscribe a channel to a post, replacing the same post at another time. False: it was subscribed already."""
        ...

    async def unsubscribe(self, platform: str, channel: str, post: str, actor: str, at: datetime) -> int:
        """End a channel's subscription to a post, or all of them where `post` is empty; returns how many."""
        ...

    async def audiences(self) -> Mapping[str, str]:
        """Every audience: its name, and its label in a list."""
        ...

    async def draft(self, broadcast: Broadcast) -> None:
        """Store a broadcast that awaits confirmation."""
        ...

    async def drafted(self, id: str) -> Broadcast | None:
        """A broadcast by its id, sent or not."""
        ...

    async def broadcast(self, id: str, card: Mapping[str, Any], at: datetime) -> bool:
        """Post a drafted broadcast to each of its audiences, once. False: it was sent before."""
        ...

    async def deliveries(self, id: str) -> Sequence[BroadcastDelivery]:
        """What became of a sent broadcast so far, an entry for each of its audiences."""
        ...

    def follow(self, id: str) -> AsyncIterator[Sequence[BroadcastDelivery]]:
        """The deliveries at once and again whenever they changed, until all are settled or it has taken too long."""
        ...

    async def refused(self, actor: str, command: str, at: datetime, why: str = "") -> None:
        """Record in the audit log that a command was refused. `why`: what else than the role was the reason: `guest`."""
        ...
