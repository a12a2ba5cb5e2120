"""Messages, routes and their results, receipts, schedules and audiences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Protocol, runtime_checkable


class Priority(StrEnum):
    """The order of sending: alerts first, then replies, then reports; LATER waits for all of them."""

    ALERT = "alert"
    REPLY = "reply"
    REPORT = "report"
    LATER = "later"


class Purpose(StrEnum):
    """What a message is for. The values are stored in the ledger."""

    ALERT = "alert"
    ALERT_DETAIL = "alert_detail"
    FOLLOW_UP = "follow_up"
    SCORECARD = "scorecard"
    DIGEST = "digest"
    MISSED_POSTS = "missed_posts"
    BROADCAST = "broadcast"
    SELF_CHECK = "self_check"
    FALLBACK_TEST = "fallback_test"
    CATCH_UP = "catch_up"
    EARLY_WARNING = "early_warning"
    ZONE_ALARM = "zone_alarm"


@dataclass(frozen=True, slots=True)
class Message:
    """A card as plain data (`Card.dump()`), for one audience. `id` is the delivery id, the same on every attempt.

    `dedupe` is the idempotency key (`weekly:payments:2026-11-23T09:00Z`): a second message with the same key is not accepted.
    `replaces`: the id of an earlier message that this one edits in place. A route that cannot edit leaves it out; a later
    message with the same `replaces` supersedes it.
    `under`: the id of an earlier message whose thread it belongs to, on the route that delivered that one. A route without
    threads leaves it out.
    `outdates`: the id of an earlier message that is superseded by this one if it was not sent yet.
    `doubt`: the route by which it may already have arrived; the sender sets it for the next route it tries.
    `purpose`: what it is for, None where that was not given. `incident` is the id of the incident it is about and `reason`
    why it was sent (`NotificationReason`); both are empty for other messages. `alert_key`: the same for all messages to one
    audience about one incident, from its beginning to its end, so that a receiver can close what it opened.
    """

    id: str
    audience: str
    card: Mapping[str, Any]
    priority: Priority = Priority.REPORT
    dedupe: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None
    replaces: str = ""
    under: str = ""
    outdates: str = ""
    doubt: str = ""
    purpose: Purpose | None = None
    incident: str = ""
    reason: str = ""
    alert_key: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The message was delivered. `reference` identifies it on the platform (Slack: `channel:ts`)."""

    reference: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """The attempt failed and may be repeated. `after`: the wait the platform asked for. `ambiguous`: it may have arrived.

    `unreached`: the platform itself could not be reached (no address, no connection), whatever the channel.
    """

    reason: str
    after: timedelta | None = None
    ambiguous: bool = False
    unreached: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform answered no: the channel is archived, the token revoked, the payload too large.

    `may_pass`: it is about access (a token, a membership, a policy), which people or the platform may restore.
    """

    reason: str
    may_pass: bool = False


Result = Sent | Retry | Refused


class Route(Protocol):
    """A way to deliver messages to one destination (a channel, a URL). It only reports its result; the sender decides."""

    kind: str
    name: str
    """As in the audience's list: `slack:#payments`, `webhook:pager`."""
    platform: str
    """Routes that fail together and share one circuit breaker (`slack`, `teams`, the host of a webhook)."""

    async def send(self, message: Message, attempt: int) -> Result:
        """Try once. A failure of the platform is a result, never an exception.

        `attempt` counts from 1; from 2 on, an earlier one may have arrived.
        """
        ...


@runtime_checkable
class Pingable(Protocol):
    """A route whose platform can be pinged without anybody seeing it."""

    async def ping(self) -> Result:
        """Ping the platform. `Retry` where it seems to be down; a refusal shows that it is up."""
        ...


@dataclass(frozen=True, slots=True)
class Proof:
    """What a call showed about a route, a token or a secret, without a message. `works`: None where no call can show it.

    `detail` is a sentence without a secret: what was found, and what to do about it.
    """

    works: bool | None
    detail: str


@runtime_checkable
class Provable(Protocol):
    """A route that can be proven by calls that nobody sees."""

    async def prove(self) -> Proof:
        """Call the far end: does it answer, accept our credentials, and know the destination?"""
        ...


@runtime_checkable
class Editable(Protocol):
    """A route that can edit a message it has sent."""

    async def update(self, reference: str, message: Message, attempt: int) -> Result:
        """Replace the message that `reference` (a `Sent.reference`) identifies by this card. Idempotent."""
        ...


@runtime_checkable
class Threadable(Protocol):
    """A route that can reply in the thread of a message it has sent."""

    async def send_under(self, reference: str, message: Message, attempt: int) -> Result:
        """As `send`, in the thread of the message that `reference` identifies. Refused where that does not exist."""
        ...


@runtime_checkable
class PartlyThreadable(Protocol):
    """A route some of whose destinations have no threads."""

    async def has_thread(self, reference: str) -> bool:
        """Whether the message that `reference` identifies can have a thread. False: details stay behind its button."""
        ...


ReceiptOutcome = Literal["sent", "retry", "refused", "skipped", "expired", "superseded", "left_out"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of one attempt to deliver one message.

    `outcome`: sent, retry, refused, skipped (circuit breaker open), expired, superseded (out of date before it was sent),
    or left_out (an edit or a thread reply of a message that the route does not have).
    """

    message: str
    audience: str
    route: str
    outcome: ReceiptOutcome
    at: datetime
    detail: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """A route as an audience lists it. `name` is unique in the installation: `slack:#payments`, `webhook:pager`.

    `kind` picks the builder (slack, webhook, teams_workflow), `options` are its settings; secrets in them are still
    references (`env:NAME`, `file:PATH`), resolved when the route is built.
    """

    kind: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an audience gets a post. `id` is stable while the entry is unchanged; a missed slot is made up within `grace`."""

    id: str
    audience: str
    cron: str
    timezone: str
    grace: timedelta
    post: str = "scorecard"


@dataclass(frozen=True, slots=True)
class Audience:
    """A team and its routes in the order they are tried. `members`: ids of its people or groups, empty where not set."""

    name: str
    routes: tuple[RouteSpec, ...]
    schedules: tuple[Schedule, ...] = ()
    timezone: str = "UTC"
    members: tuple[str, ...] = ()
