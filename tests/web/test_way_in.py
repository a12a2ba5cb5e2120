"""Chat is dead: a broadcast and questions from the command line reach a running `serve`, and people by a fallback."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.fakes.misbehaving import status
from support.fakes.receivers import Receiver
from support.fakes.slack import FakeSlack
from support.harness.command_line import command_line
from support.harness.loopback import closed_port
from support.harness.serving import backstay_serve
from support.harness.waiting import until

TOKEN = "t0ken-of-the-hooks-long"


def yaml(hook: Receiver) -> str:
    made: dict[str, Any] = {
        "organisation": "Acme",
        "slack": {"bot_token": "env:SLACK_BOT_TOKEN"},
        "hooks": {"token": "env:HOOK_TOKEN"},
        "heartbeat": "env:HEARTBEAT",
        "admin_audience": "payments",
        "fallback_tests": False,
        "outgoing": {"private": True},
        "audiences": {
            "payments": {"routes": [{"slack": "#payments"}, {"webhook": {"url": hook.url, "name": "pager"}}]}
        },
        "services": [{"name": "billing", "tier": 1}],
    }
    return json.dumps(made)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack().running() as fake:
        yield fake


async def test_a_broadcast_from_the_command_line_while_slack_is_dead(tmp_path: Path, slack: FakeSlack) -> None:
    slack.always("*", status(503))
    async with Receiver().running() as hook:
        env = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "BACKSTAY_SLACK__API_URL": slack.url,
            "HOOK_TOKEN": TOKEN,
            "HEARTBEAT": f"{hook.url}?beat",
        }
        async with backstay_serve(tmp_path, yaml(hook), env) as served:
            line = command_line(tmp_path, "http://127.0.0.1:9")
            here = {**env, "BACKSTAY_URL": served.url}
            ran = await line.run("broadcast", "Payments are slow", "--to", "payments", "--key", "seven", **here)
            assert (ran.code, ran.err) == (0, "")
            assert ran.out.startswith("posted to payments (")
            await until(lambda: bool(hook.received), within=10)
            again = await line.run("broadcast", "Payments are slow", "--to", "payments", "--key", "seven", **here)
            assert again.out.startswith("already posted to payments (")
            asked = await line.run("ask", "help", **here)
            assert "scorecard" in asked.out
            refused = await line.run("ask", "waive billing:DR01 7 later", **here)
            assert (refused.code, "changes state" in refused.err) == (2, True)
            stranger = await line.run("ask", "help", **{**here, "HOOK_TOKEN": "guess-guess-guess"})
            assert (stranger.code, "a bearer token or a signature is required" in stranger.err) == (2, True)
            async with aiohttp.ClientSession() as session, session.get(f"{served.url}/openapi.json") as answer:
                assert (await answer.json())["info"]["title"] == "backstay"
        assert TOKEN not in "".join(served.log) + ran.out + ran.err
    (told,) = hook.received
    assert told.json["kind"] == "broadcast"
    assert "Payments are slow" in told.json["text"]


async def test_a_password_in_the_address_is_not_repeated(tmp_path: Path) -> None:
    line = command_line(tmp_path, "http://127.0.0.1:9")
    ran = await line.run(
        "ask", "help", "--url", f"http://ada:hunter2@127.0.0.1:{closed_port()}", BACKSTAY_HOOKS__TOKEN=TOKEN
    )
    assert ran.code == 2
    assert "127.0.0.1" in ran.err
    assert "hunter2" not in ran.err + ran.out
