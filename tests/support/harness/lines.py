"""One line of each kind: a route, and the server at its other end, which fails on order."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from support.builders.posts import START, context
from support.fakes.misbehaving import Misbehaving
from support.fakes.receivers import Receiver, Workflow
from support.fakes.slack import FakeSlack
from support.fakes.teams import APP, PASSWORD, TENANT, FakeTeams

from bot.chat.teams.api import TeamsApi
from bot.chat.teams.token import Registration, Tokens
from bot.delivery.routing import registry
from bot.model import Conversation, Route, RouteSpec

SECRET = "T0pS3cretPart"
SECRETS = {"env:SECRET": SECRET}


@dataclass
class Line:
    """A route and the server at its other end; `call` is what its failures are scripted under."""

    route: Route
    server: Misbehaving
    call: str
    arrived: Callable[[], int]
    seen: Callable[[], Sequence[Any]] = tuple
    """What arrived, as its readers see it."""


@asynccontextmanager
async def slack() -> AsyncIterator[Line]:
    # Nobody can look what arrived, as on the other lines.
    async with FakeSlack(bot_token=SECRET, missing_scopes={"conversations.list"}).running() as server:
        yield Line(
            slack_to(server.url),
            server,
            "chat.postMessage",
            lambda: len(server.channel("payments")),
            lambda: server.channel("payments"),
        )


def slack_to(root: str) -> Route:
    options = {"channel": "#payments", "token": "env:SECRET"}
    return made("slack", options, slack_api_url=root.replace("/hook", "/api/"))


@asynccontextmanager
async def webhook() -> AsyncIterator[Line]:
    async with Receiver().running() as server:
        yield Line(
            webhook_to(server.url),
            server,
            "hook",
            lambda: len(server.received),
            lambda: [request.json for request in server.received],
        )


def webhook_to(url: str) -> Route:
    headers = {"X-Api-Key": "env:SECRET"}
    return made("webhook", {"url": f"{url}?key={SECRET}", "secret": "env:SECRET", "headers": headers, "insecure": True})


@asynccontextmanager
async def teams_workflow() -> AsyncIterator[Line]:
    async with Workflow().running() as server:
        yield Line(
            teams_workflow_to(server.url),
            server,
            "hook",
            lambda: len(server.received),
            lambda: [request.json for request in server.received],
        )


def teams_workflow_to(url: str) -> Route:
    return made("teams_workflow", {"url": f"{url.replace('http://slack', 'https://slack')}?sig={SECRET}"})


def made(kind: str, options: Mapping[str, Any], **around: Any) -> Route:
    return registry.build(RouteSpec(kind, f"{kind}:it", options), context(secret=SECRETS.__getitem__, **around))


@asynccontextmanager
async def pagerduty() -> AsyncIterator[Line]:
    async with Receiver().running() as server:
        yield Line(
            pagerduty_to(server.url),
            server,
            "hook",
            lambda: len(server.received),
            lambda: [request.json for request in server.received],
        )


def pagerduty_to(url: str) -> Route:
    return made("pagerduty", {"routing_key": "env:SECRET", "url": url.replace("http://slack", "https://slack")})


@asynccontextmanager
async def teams() -> AsyncIterator[Line]:
    async with FakeTeams().running() as server:
        server.token = SECRET
        yield Line(teams_to(server.url), server, "post", lambda: len(server.posted), lambda: server.posted)


def teams_to(root: str) -> Route:
    app = Registration(APP, PASSWORD, TENANT, f"{root.removesuffix('hook')}login")
    api = TeamsApi(Tokens(app), service_urls=(root,), seconds=5)
    reference = {"serviceUrl": root, "conversation": {"id": "19:alerts@thread.tacv2"}}
    alerts = Conversation("19:alerts@thread.tacv2", "channel", reference, START, "Payments / Alerts")

    async def conversations() -> tuple[Conversation, ...]:
        return (alerts,)

    return made("teams", {"conversation": "#alerts"}, teams=api, conversations=conversations)


LINES = {"slack": slack, "webhook": webhook, "teams_workflow": teams_workflow, "pagerduty": pagerduty, "teams": teams}
TO = {
    "slack": slack_to,
    "webhook": webhook_to,
    "teams_workflow": teams_workflow_to,
    "pagerduty": pagerduty_to,
    "teams": teams_to,
}
