"""What routes are built with, and how mistakes in their settings are reported."""

import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.catalogue.secrets import is_reference
from bot.delivery.routing.connections import ConnectionPool
from bot.model import Clock, Conversation, Refused, Result, Retry, RouteSpec, utc_now
from bot.net.egress import EgressPolicy
from bot.net.http import RouteError


class SlackCalls(Protocol):
    """Slack's Web API with one bot token. Never raises for what Slack does."""

    async def call(self, method: str, args: Mapping[str, Any], limit: timedelta) -> Mapping[str, Any] | Refused | Retry:
        """Call a method such as `chat.postMessage` once, within `limit`; Slack's answer, or why there is none."""
        ...


class TeamsPosts(Protocol):
    """Posting to Teams: the same calls, tokens and connections as the chat's. Never raises for what Teams does."""

    async def send(self, reference: Mapping[str, Any], activity: Mapping[str, Any]) -> Result:
        """Post an activity to a conversation."""
        ...

    async def ping(self, reference: Mapping[str, Any]) -> Result:
        """Check whether Teams answers."""
        ...

    async def reach(self, reference: Mapping[str, Any]) -> Result:
        """Check that backstay is in the conversation, without a message there."""
        ...

    async def listed(self, known: Sequence[Conversation]) -> tuple[Sequence[Conversation], Retry | None]:
        """Every channel of the teams of these conversations as Teams lists them now, and why some may be missing for now."""
        ...

    async def replace(self, reference: Mapping[str, Any], activity_id: str, activity: Mapping[str, Any]) -> Result:
        """Put an activity in the place of an earlier one."""
        ...


@dataclass(frozen=True, slots=True)
class RouteContext:
    """What every route may use.

    `secret` resolves `env:NAME` and `file:PATH`. `slack` builds a client for a bot token. `last_reference` gives the
    reference of the last message that a route delivered (the Slack route learns a channel's id from it). `teams` posts
    to Teams where that is configured, to the `conversations` that backstay was added to. `timeout` bounds one request.
    `trust`: own certificate authorities, else the system's. `lines`: connections shared by all routes. `outgoing`: which
    addresses the settings may name.
    """

    secret: Callable[[str], str]
    slack_token: str = field(default="", repr=False)
    slack_api_url: str = "https://slack.com/api/"
    slack: "Callable[[str, RouteContext], SlackCalls] | None" = None
    clock: Clock = utc_now
    last_reference: Callable[[str], Awaitable[str]] | None = None
    teams: TeamsPosts | None = None
    conversations: Callable[[], Awaitable[Sequence[Conversation]]] | None = None
    timeout: timedelta = timedelta(seconds=5)
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    outgoing: EgressPolicy = field(default_factory=EgressPolicy)
    lines: ConnectionPool = field(default_factory=ConnectionPool, repr=False)

    def resolve(self, value: str) -> str:
        """The value that a reference leads to; any other text is returned as it is."""
        return self.secret(value) if is_reference(value) else value


class Options(BaseModel):
    """Settings of a route. Unknown ones are refused, and no error shows a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def of(cls, spec: RouteSpec) -> Self:
        """Reads the settings in a route's spec.

        Raises:
            RouteError: a setting is wrong; it names each.
        """
        try:
            return cls.model_validate(dict(spec.options))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}" for mistake in error.errors())
            raise RouteError(f"route {spec.name}: {wrong}") from None
