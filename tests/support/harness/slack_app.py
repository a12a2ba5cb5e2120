"""The Slack chat as it runs: its web server on loopback, a fake Slack behind it, answers scripted by the test."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
from support.fakes.misbehaving import Behaviour
from support.fakes.slack import FakeSlack
from support.fakes.slack_requests import SECRET, encoded, signed, socket_kind
from support.harness.loopback import serving
from support.limits.slack_limits import view_violations

from bot.cards.card import Button, Buttons, Card
from bot.chat.deduplication import HandledRequests
from bot.chat.dispatch import private
from bot.chat.slack.chat import SlackChat
from bot.chat.slack.options import SlackOptions
from bot.model import Caller
from bot.web.loop_lag import LoopLag
from bot.web.server import application

Fields = Mapping[str, str]
Answer = Callable[[str, Caller, Fields], AsyncGenerator[Card, None]]


def card(title: str, *, kind: str = "scorecard", command: str = "") -> Card:
    """A small card; with `command` it has a button."""
    blocks = (Buttons((Button("More", command),)),) if command else ()
    return Card(kind, title, f"{title} said in full.", blocks)


def titles(posts: Iterable[Mapping[str, Any]]) -> list[str]:
    """The titles of these posts."""
    return [post["blocks"][0]["text"]["text"] for post in posts]


@dataclass
class SlackApp:
    """The running chat. `ask` sends one of Slack's requests over HTTP or Socket Mode and gives the acknowledgement.

    `waits`: the pauses between tries, which take no time here.
    """

    chat: SlackChat
    slack: FakeSlack
    url: str
    session: aiohttp.ClientSession
    waits: list[float]

    async def ask(self, body: Mapping[str, Any], *, over: str = "http") -> int:
        """The status of the acknowledgement."""
        if over == "socket":
            await self.slack.send(socket_kind(body), dict(body))
            return 200
        sent, content_type = encoded(body)
        async with self.session.post(self.url, data=sent, headers=signed(sent, content_type)) as answer:
            await answer.read()
            return answer.status

    async def submit(self, body: Mapping[str, Any], *, over: str = "http") -> dict[str, Any]:
        """What Slack is told to do with the modal that was submitted."""
        if over == "socket":
            return await self.slack.send(socket_kind(body), dict(body))
        sent, content_type = encoded(body)
        async with self.session.post(self.url, data=sent, headers=signed(sent, content_type)) as answer:
            assert answer.status == 200
            told: dict[str, Any] = await answer.json()
        if "view" in told:
            self.slack.violations.extend(view_violations(told["view"]))
        return told

    async def settle(self) -> None:
        """Wait until everything that was begun has been answered."""
        await self.chat.finish(60)


@asynccontextmanager
async def slack_app(
    answer: Answer,
    *,
    socket: bool = False,
    down: Behaviour | None = None,
    members: Mapping[str, list[str]] | None = None,
    handled: HandledRequests | None = None,
    **options: Any,
) -> AsyncIterator[SlackApp]:
    """Run the chat with these answers for the block.

    `down`: how Slack answers everything at first; `members`: who is in which user group; `handled`: remembers requests.
    """
    async with FakeSlack(members=dict(members or {})).running() as slack, aiohttp.ClientSession() as session:
        if down:
            slack.always("*", down)
        settings: dict[str, Any] = {"api_url": slack.url, "update_seconds": 0.02, "call_seconds": 3.0} | options
        waits: list[float] = []

        async def wait(seconds: float) -> None:
            waits.append(seconds)

        tokens = (slack.bot_token, SECRET, slack.app_token if socket else "")
        chat = SlackChat(SlackOptions(*tokens, **settings), answer, private, handled=handled, sleep=wait)
        running = asyncio.create_task(chat.run())
        web = application(posts={"/slack/events": chat.handle}, probes={}, lag=LoopLag())
        async with serving(web) as root:
            try:
                yield SlackApp(chat, slack, f"{root}/slack/events", session, waits)
            finally:
                await chat.stop(within=1)
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
            assert slack.violations == []
