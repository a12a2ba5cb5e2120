"""Cards -> people: messages, routes, what becomes of a try, and who is to be told what and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Protocol, runtime_checkable


class Priority(StrEnum):
    """An alert overtakes a reply, which overtakes a report. What is for later holds up nothing and nobody."""

    ALERT = "alert"
    REPLY = "reply"
    REPORT = "report"
    LATER = "later"


class Purpose(StrEnum):
    """What a message is for. The values are stored in the ledger."""

    ALERT = "alert"
    ALERT_DETAIL = "alert_detail"
    SCORECARD = "scorecard"
    DIGEST = "digest"
    MISSED_POSTS = "missed_posts"
    BROADCAST = "broadcast"
    SELF_CHECK = "self_check"
    FALLBACK_TEST = "fallback_test"
    CATCH_UP = "catch_up"


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves: a card as plain data (`Card.dump()`), for one audience. `id` is the delivery id, the same on every try.

    `dedupe` names what it is about (`weekly:payments:2026-11-23T09:00Z`): a second post with the same one is not accepted.
    `replaces`: the id of an earlier message whose text this one takes over where it stands. A route that cannot do that
    leaves it out: it is no news. A later one with the same `replaces` makes it out of date.
    `under`: the id of an earlier message in whose thread it belongs, by the route that has delivered that one. Where there
    are no threads it is left out: it is the detail of what is already said.
    `outdates`: the id of an earlier message that is not sent any more, if it has not left yet: this one tells it better.
    `doubt`: the route by which it may have arrived already, said by the sender to the route that it tries next.
    `purpose`: what it is for; None where whoever posted it did not say. `incident` is the id of the incident that it is
    about and `reason` why it was sent (`NotificationReason`); both are empty for messages about anything else.
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
        """Try once. Never raises for what the far side does. `attempt` is 1 at first; more: an earlier one may have arrived."""
        ...


@runtime_checkable
class Pingable(Protocol):
    """A route whose platform can be pinged without anybody seeing it."""

    async def ping(self) -> Result:
        """Ping the platform. `Retry` where it seems to be down; a refusal shows that it is up."""
        ...


@runtime_checkable
class Editable(Protocol):
    """A route that can change what it has sent."""

    async def update(self, reference: str, message: Message, attempt: int) -> Result:
        """Put the message's card in place of what `reference` (a `Sent.reference`) leads to. To repeat it does no harm."""
        ...


@runtime_checkable
class Threadable(Protocol):
    """A route that can say something under what it has sent."""

    async def send_under(self, reference: str, message: Message, attempt: int) -> Result:
        """As `send`, in the thread of what `reference` (a `Sent.reference`) leads to. Refused where there is no thread."""
        ...


ReceiptOutcome = Literal["sent", "retry", "refused", "skipped", "expired", "superseded", "left_out"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one try of one message.

    `outcome`: sent, retry, refused, skipped (breaker open), expired, superseded (it was out of date before it could leave),
    or left_out (a detail or a change of something that does not stand where this could be said).
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
