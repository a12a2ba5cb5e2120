"""Callers (people who type a command), their roles and conversations, and the audit queries that commands use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Protocol

from bot.model.audits import Audit, Progress
from bot.model.delivery import Audience
from bot.model.risk import Risk
from checks import Impact, PastScore, Scope, Service


class Role(StrEnum):
    """What a caller may do; each role includes the one before it."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    ADMIN = "admin"


class Membership(StrEnum):
    """How a caller belongs to the workspace (Slack) or tenant (Teams) that backstay is installed in.

    `UNVERIFIED`: the request names our workspace, but the platform could not be asked whether the person is a guest.
    `UNKNOWN`: nothing says where the person belongs.
    """

    MEMBER = "member"
    UNVERIFIED = "unverified"
    GUEST = "guest"
    STRANGER = "stranger"
    UNKNOWN = "unknown"

    @property
    def external(self) -> bool:
        """Whether the person has only the role that `roles.external` gives: nothing shows that they are one of us."""
        return self in (Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who typed a command, and where, by the ids of the platform. `timezone` is an IANA name, empty when not known."""

    platform: str
    user: str
    channel: str = ""
    name: str = ""
    timezone: str = ""
    groups: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    membership: Membership = Membership.MEMBER

    @property
    def identities(self) -> frozenset[str]:
        """The ids by which settings may name the person or their groups: as they are, and prefixed with the platform."""
        plain = [identity for identity in (self.user, *self.groups) if identity]
        return frozenset((*plain, *(f"{self.platform}:{identity}" for identity in plain)))


@dataclass(frozen=True, slots=True)
class Conversation:
    """A Teams conversation in which backstay may post proactively, as Teams described it.

    `id` is that of the chat or channel, not of a thread in it. `reference` is the platform's raw JSON (serviceUrl,
    conversation, bot, tenant); the SDK's own types drop parts of it. `name`: `Team / Channel`, or a person's name.
    """

    id: str
    kind: Literal["personal", "groupChat", "channel"]
    reference: Mapping[str, Any]
    seen_at: datetime
    name: str = ""
    team: str = ""
    tenant: str = ""


Progressing = Callable[[Progress], None]


class AuditQueries(Protocol):
    """The audits and the catalogue as commands query them. Implemented by `audit.service.AuditService`."""

    @property
    def organisation(self) -> str:
        """Whose services these are; empty if not set."""
        ...

    @property
    def currency(self) -> str:
        """What money is counted in (ISO 4217)."""
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
        """Read the cloud again for these services (none named: all), remember and return it.

        A second call for the same services while one runs joins it.
        """
        ...

    async def history(self, service: str, since: datetime) -> Sequence[PastScore]:
        """Remembered scores, oldest first; `service` empty: the estate's."""
        ...

    async def whatif(self, scope: Scope, lasts: timedelta, progress: Progressing) -> Impact:
        """Return the impact of losing a scope, by the facts of the last audit; reads the cloud if there are none."""
        ...

    async def risk(self) -> Risk | None:
        """What depends on one thing, and what outages are expected to cost, by the last audit; None where there was none."""
        ...
