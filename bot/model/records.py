"""What people leave with backstay, who and when included: words for practices, subscriptions, broadcasts, runbooks' copies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from checks import Waiver

Gravity = Literal["information", "warning", "critical"]

SCORECARD, DIGEST, DIGEST_IF_ANY = "scorecard", "digest", "digest_if_any"
"""What can be posted on a schedule: the scorecard (alone, or `scorecard` and a service's name) and the digest, which comes
though nothing happened, or only where there is something to say."""
DIGESTS = (DIGEST, DIGEST_IF_ANY)


@dataclass(frozen=True, slots=True)
class AttestationRecord:
    """Somebody's word for a practice of a service that no machine can read. It counts until `expires_at` (UTC).

    `practice` is one of `checks.vouchable`; `by` is who, as people know them.
    """

    service: str
    practice: str
    by: str
    at: datetime
    expires_at: datetime
    link: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel that asked for a post. `cron` has five fields, read in `timezone` (IANA). `by`: who asked, when (UTC).

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
    """A message to several audiences, drafted and perhaps sent. `actor` is who, for machines (`slack:U1`), `by` for people."""

    id: str
    text: str
    gravity: Gravity
    audiences: tuple[str, ...]
    actor: str
    by: str
    at: datetime
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunbookCopy:
    """What a runbook said when it was last read (`read_at`, UTC; None: never). `steps` are its first ones.

    `tried_at` and `problem` tell of the last try, which may have failed since; `problem` is empty when it did not.
    """

    service: str
    source: str
    tried_at: datetime
    read_at: datetime | None = None
    text: str = ""
    steps: tuple[str, ...] = ()
    problem: str = ""


class Records(Protocol):
    """Where commands put what people leave. Each change is written to the audit log in the same transaction.

    `actor` is who, by the platform's id: `slack:U1`.
    """

    @property
    def timezone(self) -> str:
        """The organisation's time zone (IANA)."""
        ...

    async def attest(self, word: AttestationRecord, actor: str) -> None:
        """Keep a word; it becomes a fact with the next audit."""
        ...

    async def waive(self, waiver: Waiver, actor: str, at: datetime) -> None:
        """Accept a failed check for a while; scores say so from now on."""
        ...

    async def runbook(self, service: str) -> RunbookCopy | None:
        """The copy of a service's runbook, None where there is none."""
        ...

    async def subscriptions(self, platform: str = "", channel: str = "") -> Sequence[Subscription]:
        """What a channel gets; with neither named, what all channels get."""
        ...

    async def subscribe(self, wanted: Subscription, actor: str) -> bool:
        """Let a channel have a post, instead of the same post at another time. False: it had just this already."""
        ...

    async def unsubscribe(self, platform: str, channel: str, post: str, actor: str, at: datetime) -> int:
        """Take a channel's post away, all of them where `post` is empty; how many there were."""
        ...

    async def audiences(self) -> Mapping[str, str]:
        """Everybody who can be told something: names, with what to call them in a list."""
        ...

    async def draft(self, broadcast: Broadcast) -> None:
        """Keep a broadcast that waits for its confirmation."""
        ...

    async def drafted(self, id: str) -> Broadcast | None:
        """A broadcast by its id, sent or not."""
        ...

    async def broadcast(self, id: str, card: Mapping[str, Any], at: datetime) -> bool:
        """Post a drafted broadcast to each of its audiences, once. False: it was sent before."""
        ...

    async def refused(self, actor: str, word: str, at: datetime) -> None:
        """Note that somebody was refused a command."""
        ...
