"""The Teams chat as it runs: its web server on loopback, a fake Teams behind it, answers scripted by the test."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from support.fakes.teams import APP, PASSWORD, TENANT, FakeTeams, token
from support.harness.ledgers import ledger_at
from support.harness.loopback import serving

from bot.cards.card import Card
from bot.chat.dispatch import private
from bot.chat.teams.api import TeamsApi
from bot.chat.teams.authentication import TeamsAuthenticator
from bot.chat.teams.chat import TeamsChat, TeamsOptions
from bot.chat.teams.token import Registration, Tokens
from bot.model import Caller
from bot.storage.ledger import Ledger
from bot.web.loop_lag import LoopLag
from bot.web.server import application

Answer = Callable[[str, Caller, Mapping[str, str]], AsyncGenerator[Card, None]]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class TeamsApp:
    """The running chat. `ask` sends an activity as Teams would; `waits`: the pauses between tries, which take no time.

    `now`: the time of day, which tests set."""

    chat: TeamsChat
    api: TeamsApi
    teams: FakeTeams
    ledger: Ledger
    url: str
    session: aiohttp.ClientSession
    waits: list[float]
    now: list[datetime]

    async def ask(self, body: Mapping[str, Any] | bytes, **headers: str) -> tuple[int, Any]:
        """Status and answer."""
        shown = {"Authorization": f"Bearer {token(self.teams.url)}"} | headers
        sent: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
        async with self.session.post(self.url, **sent, headers=shown) as answer:
            said = await answer.json() if answer.content_type == "application/json" else await answer.text()
            return answer.status, said

    async def settle(self) -> None:
        """Wait until everything that was begun has been answered."""
        await self.chat.finish(60)


def teams_calls(teams: FakeTeams, waits: list[float] | None = None, *, password: str = PASSWORD) -> TeamsApi:
    """Calls to the fake Teams, with a token of its fake Entra ID."""

    async def wait(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)
        await asyncio.sleep(0)

    app = Registration(APP, password, TENANT, f"{teams.url}login")
    return TeamsApi(Tokens(app), service_urls=(teams.url,), seconds=5, sleep=wait)


@asynccontextmanager
async def teams_app(
    answer: Answer, folder: Path, *, anonymous: bool = False, **options: Any
) -> AsyncIterator[TeamsApp]:
    """Run the chat with these answers for the block, single-tenant, or without any app id."""
    async with (
        FakeTeams().running() as teams,
        aiohttp.ClientSession() as session,
        ledger_at(folder / "ledger.db") as ledger,
    ):
        waits: list[float] = []
        now = [NOW]
        quick: dict[str, Any] = {
            "tenant": "" if anonymous else TENANT,
            "organisation": "Acme",
            "update_seconds": 0.02,
            "click_seconds": 1.0,
        }
        api = TeamsApi(None) if anonymous else teams_calls(teams, waits)
        chat = TeamsChat(
            TeamsOptions(**(quick | options)),
            authenticator=None if anonymous else TeamsAuthenticator(APP, TENANT, keys_url=f"{teams.url}keys"),
            api=api,
            store=ledger,
            answer=answer,
            private=private,
            now=lambda: now[0],
            handled=ledger,
        )
        web = application(posts={"/api/messages": chat.handle}, probes={}, lag=LoopLag())
        api.open()
        async with serving(web) as root:
            try:
                yield TeamsApp(chat, api, teams, ledger, f"{root}/api/messages", session, waits, now)
            finally:
                await chat.stop(within=1)
                await api.close()
