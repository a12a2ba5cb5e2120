"""The whole line, as a process of its own: a signed slash command, an AWS to read, a scorecard in the channel."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from support.fakes.misbehaving import status
from support.fakes.slack import FakeSlack
from support.fakes.slack_requests import SECRET, encoded, press, signed, slash
from support.harness.loopback import serving
from support.harness.serving import Served, backstay_serve, create_invoices, moto_aws

YAML = """
organisation: Acme
slack: {bot_token: env:SLACK_BOT_TOKEN, signing_secret: env:SLACK_SIGNING_SECRET}
aws: {regions: [us-east-1]}
services:
  - name: billing
    tier: 1
    revenue_per_hour: 42000
    resources: {tags: {service: billing}}
    depends_on: [login, stripe]
  - {name: login, tier: 1, resources: {tags: {service: login}}}
"""


def environment(slack: FakeSlack, aws: dict[str, str], *, over_socket: bool = False) -> dict[str, str]:
    tokens = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_SIGNING_SECRET": SECRET}
    if over_socket:
        tokens["BACKSTAY_SLACK__APP_TOKEN"] = slack.app_token
    return {**aws, **tokens, "BACKSTAY_SLACK__API_URL": slack.url}


@pytest.fixture
def aws() -> Any:
    with moto_aws() as variables:
        create_invoices(variables)
        yield variables


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack().running() as fake:
        yield fake


async def ask(served: Served, body: dict[str, Any]) -> int:
    sent, kind = encoded(body)
    url, headers = f"{served.url}/slack/events", signed(sent, kind)
    async with aiohttp.ClientSession() as session, session.post(url, data=sent, headers=headers) as answer:
        return answer.status


async def until(true: Callable[[], bool], within: float = 60) -> None:
    """Wait for something that another process brings about."""
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - no event crosses the processes
            await asyncio.sleep(0.02)


async def shown(slack: FakeSlack, title: str) -> dict[str, Any]:
    """The post with this in its title, once it is there."""

    def found() -> list[dict[str, Any]]:
        return [post for post in slack.channel("payments") if title in post["blocks"][0]["text"]["text"]]

    await until(lambda: bool(found()))
    return found()[0]


async def test_from_a_slash_command_to_a_scorecard_of_the_account(
    tmp_path: Path, slack: FakeSlack, aws: dict[str, str]
) -> None:
    async with backstay_serve(tmp_path, YAML, environment(slack, aws)) as served:
        assert await ask(served, slash("scorecard")) == 200
        post = await shown(slack, "Acme:")
        assert len(slack.channel("payments")) == 1, "progress and answer are one message"
        assert "billing" in str(post["blocks"])

        assert await ask(served, slash("scorecard billing")) == 200
        card = await shown(slack, "billing:")
        details = next(
            element for block in card["blocks"] for element in block.get("elements", []) if "page=2" in str(element)
        )
        assert await ask(served, press(details["value"], message=card["ts"])) == 200
        await until(lambda: "invoices" in str(slack.channel("payments")[1]["blocks"]))

        assert await ask(served, slash("whatif aws/us-east-1 15h")) == 200
        assert "billing" in str((await shown(slack, "If aws/us-east-1"))["blocks"])
        assert slack.violations == []
        assert await served.stop() == 0
        assert slack.bot_token not in "".join(served.log)


async def test_health_and_readiness(tmp_path: Path, slack: FakeSlack) -> None:
    async with backstay_serve(tmp_path, YAML, environment(slack, {})) as served, aiohttp.ClientSession() as session:
        async with session.get(f"{served.url}/healthz") as answer:
            assert answer.status == 200
        async with session.get(f"{served.url}/readyz") as answer:
            state = await answer.json()
            assert (answer.status, state["ledger"]) == (200, "ok")
            assert state["loop_lag_ms"] < 1000


async def test_slack_down_at_the_start_is_survived(tmp_path: Path, slack: FakeSlack) -> None:
    slack.always("*", status(503))
    async with backstay_serve(tmp_path, YAML, environment(slack, {}, over_socket=True)) as served:
        async with aiohttp.ClientSession() as session, session.get(f"{served.url}/healthz") as answer:
            assert answer.status == 200
        slack.always("*")
        await slack.send("slash_commands", slash("whatif", response_url=slack.response_url("w")), within=15)
        await until(lambda: bool(slack.responses))
        assert "whatif aws/us-east-1 15h" in str(slack.responses[0])


async def silence(_: web.Request) -> web.Response:
    await asyncio.sleep(3600)
    return web.Response()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_when_asked_even_with_an_audit_under_way(
    tmp_path: Path, slack: FakeSlack, number: signal.Signals
) -> None:
    silent = web.Application()
    silent.router.add_route("*", "/{path:.*}", silence)
    async with serving(silent) as root:
        nowhere = {"AWS_ENDPOINT_URL": root, "AWS_ACCESS_KEY_ID": "loopback", "AWS_SECRET_ACCESS_KEY": "loopback"}
        async with backstay_serve(tmp_path, YAML, environment(slack, nowhere)) as served:
            assert await ask(served, slash("check billing")) == 200
            await shown(slack, "Auditing billing")
            assert await served.stop(number) == 0


async def test_a_port_that_is_taken_is_told(tmp_path: Path, slack: FakeSlack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env = environment(slack, {}) | {"BACKSTAY_WEB__PORT": str(port)}
        with pytest.raises(AssertionError, match=f"cannot listen on 127.0.0.1:{port}"):
            async with backstay_serve(tmp_path, YAML, env):
                pass
