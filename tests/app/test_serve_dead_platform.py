"""`serve` with a platform that does not work says so: at the start, in /readyz, and in the log for each failed post."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.fakes.misbehaving import OK, error, status
from support.fakes.receivers import Receiver
from support.fakes.slack import FakeSlack
from support.fakes.slack_requests import SECRET, encoded, signed, slash
from support.fakes.teams import APP, PASSWORD, TENANT, FakeTeams
from support.harness.serving import Served, backstay_serve

YAML = """
slack: {bot_token: env:SLACK_BOT_TOKEN, signing_secret: env:SLACK_SIGNING_SECRET}
hooks: {token: env:HOOK_TOKEN}
audiences:
  payments: {routes: [{slack: "#payments"}, {webhook: {url: env:PAGER, allow_private: true}}], schedules: []}
"""
TOKEN = "a-token-that-nobody-guesses"
WITHIN = 30.0


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack().running() as fake:
        yield fake


@pytest.fixture
async def pager() -> AsyncIterator[Receiver]:
    async with Receiver().running() as receiver:
        yield receiver


@asynccontextmanager
async def served(folder: Path, slack: FakeSlack, pager: Receiver, **env: str) -> AsyncIterator[Served]:
    own = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": SECRET,
        "BACKSTAY_SLACK__API_URL": slack.url,
        "HOOK_TOKEN": TOKEN,
        "PAGER": pager.url,
    }
    async with backstay_serve(folder, YAML, own | env) as process:
        yield process


async def ready(process: Served) -> Any:
    async with aiohttp.ClientSession() as session, session.get(f"{process.url}/readyz") as answer:
        return {"status": answer.status, **await answer.json()}


async def until_degraded(process: Served, wanted: Callable[[Mapping[str, str]], bool]) -> Any:
    async with asyncio.timeout(WITHIN):
        while not wanted((state := await ready(process))["degraded"]):  # noqa: ASYNC110 - no event crosses the processes
            await asyncio.sleep(0.05)
    return state


async def broadcast(process: Served) -> None:
    body = {"text": "Payments are slow", "audiences": ["payments"]}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession() as session:
        url = f"{process.url}/hooks/broadcast"
        async with session.post(url, json=body, headers=headers) as answer:
            assert answer.status in (200, 202), await answer.text()


async def logged(process: Served, *words: str) -> str:
    async with asyncio.timeout(WITHIN):
        while True:
            for line in process.log:
                if all(word in line for word in words):
                    return line
            await asyncio.sleep(0.05)


async def test_a_token_that_slack_refuses(tmp_path: Path, slack: FakeSlack, pager: Receiver) -> None:
    slack.revoked = code = "token_revoked"
    async with served(tmp_path, slack, pager) as process:
        await logged(process, "platform_unusable", "slack", code)
        state = await until_degraded(process, lambda found: "slack" in found)
        assert state["status"] == 200
        assert code in state["degraded"]["slack"]
        assert f"Slack: does not work (Slack refused: {code})" in await process.said(5)

        await broadcast(process)
        await logged(process, "delivery_try_failed", "slack:#payments", code)
        state = await until_degraded(process, lambda found: "routes" in found)
        assert "1 route failed" in state["degraded"]["routes"]
        assert "payments" not in str(state), "anybody may read this"
        assert slack.bot_token not in "".join(process.log)


async def test_a_slack_that_cannot_be_reached_and_is_back(tmp_path: Path, slack: FakeSlack, pager: Receiver) -> None:
    slack.always("*", status(503))
    async with served(tmp_path, slack, pager) as process:
        state = await until_degraded(process, lambda found: "slack" in found)
        assert "503" in state["degraded"]["slack"]
        slack.always("*", OK)
        await until_degraded(process, lambda found: "slack" not in found)


async def test_a_wrong_signing_secret(tmp_path: Path, slack: FakeSlack, pager: Receiver) -> None:
    async with (
        served(tmp_path, slack, pager, SLACK_SIGNING_SECRET="of-another-app") as process,
        aiohttp.ClientSession() as session,
    ):
        sent, kind = encoded(slash("scorecard"))
        async with session.post(f"{process.url}/slack/events", data=sent, headers=signed(sent, kind)) as answer:
            assert answer.status == 401
        await logged(process, "slack_signature_wrong")
        state = await until_degraded(process, lambda found: "slack_requests" in found)
        assert "slack.signing_secret" in state["degraded"]["slack_requests"]


async def test_a_forged_request_degrades_nothing_where_the_secret_is_right(
    tmp_path: Path, slack: FakeSlack, pager: Receiver
) -> None:
    async with served(tmp_path, slack, pager) as process, aiohttp.ClientSession() as session:
        sent, kind = encoded(slash("help"))
        async with session.post(f"{process.url}/slack/events", data=sent, headers=signed(sent, kind)) as answer:
            assert answer.status == 200
        forged = {**signed(sent, kind), "X-Slack-Signature": "v0=" + "0" * 64}
        async with session.post(f"{process.url}/slack/events", data=sent, headers=forged) as answer:
            assert answer.status == 401
        assert (await ready(process))["degraded"] == {}


async def test_an_app_token_that_slack_refuses(tmp_path: Path, slack: FakeSlack, pager: Receiver) -> None:
    env = {"BACKSTAY_SLACK__APP_TOKEN": "env:APP_TOKEN", "APP_TOKEN": "xapp-revoked-long-ago"}
    async with served(tmp_path, slack, pager, **env) as process:
        await logged(process, "slack_socket_failed", "invalid_auth")
        state = await until_degraded(process, lambda found: "slack_socket" in found)
        assert "slack.app_token" in state["degraded"]["slack_socket"]


async def test_an_app_token_that_is_revoked_in_the_middle(tmp_path: Path, slack: FakeSlack, pager: Receiver) -> None:
    env = {"BACKSTAY_SLACK__APP_TOKEN": "env:APP_TOKEN", "APP_TOKEN": "xapp-made-up"}
    async with served(tmp_path, slack, pager, **env) as process:
        await slack.connected(WITHIN)
        await until_degraded(process, lambda found: not found)
        slack.always("apps.connections.open", error("invalid_auth"))
        await slack.drop_sockets()
        state = await until_degraded(process, lambda found: "slack_socket" in found)
        reason = "Slack refused slack.app_token: invalid_auth"
        assert (state["status"], state["chat"]) == (200, {"slack": reason}), "webhooks still work"
        assert "xapp" not in "".join(process.log)


async def test_a_process_that_serves_nothing_but_chat_is_not_ready_while_it_hears_nothing(
    tmp_path: Path, slack: FakeSlack
) -> None:
    slack.always("apps.connections.open", error("invalid_auth"))
    yaml = "slack: {bot_token: env:BOT, app_token: env:APP}"
    env = {"BOT": slack.bot_token, "APP": "xapp-made-up", "BACKSTAY_SLACK__API_URL": slack.url}
    async with backstay_serve(tmp_path, yaml, env) as process:
        state = await until_degraded(process, lambda found: "slack_socket" in found)
        assert (state["status"], state["ready"]) == (503, False)
        assert state["chat"] == {"slack": "Slack refused slack.app_token: invalid_auth"}


async def test_a_teams_password_that_entra_refuses(tmp_path: Path) -> None:
    yaml = f"teams: {{app_id: {APP}, app_password: env:PASSWORD, tenant_id: {TENANT}}}"
    async with FakeTeams().running() as teams:
        env = {"PASSWORD": "not-" + PASSWORD, "BACKSTAY_TEAMS__LOGIN_URL": f"{teams.url}login"}
        async with backstay_serve(tmp_path, yaml, env) as process:
            state = await until_degraded(process, lambda found: "teams" in found)
            assert "app_password" in state["degraded"]["teams"]
            await logged(process, "platform_unusable", "teams")
