"""Every secret of an installation at work, and at its worst: none shows in a log, an error, a card, a receipt, a page or the ledger."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.fakes.misbehaving import status
from support.fakes.receivers import Receiver
from support.fakes.slack import FakeSlack
from support.harness.command_line import command_line
from support.harness.loopback import closed_port
from support.harness.serving import Served, backstay_serve
from support.harness.waiting import until

SECRETS: Mapping[str, str] = {
    "SLACK_BOT_TOKEN": "xoxb-S3CRETbottoken",
    "SLACK_SIGNING": "S3CRETsigningsecret0123456789",
    "HOOK_TOKEN": "S3CREThooktokenlongenough",
    "HOOK_SECRET": "S3CREThooksecretlongenough",
    "HOOK_KEY": "S3CRETheaderofawebhook",
    "SIGNATURE": "S3CRETsignsthewebhook",
    "PAGER_KEY": "S3CRETroutingkey",
    "MAIL_PASSWORD": "S3CRETmailpassword",
    "PATH_OF_HOOK": "S3CRETpathofahook",
    "PATH_OF_FLOW": "S3CRETsigofaworkflow",
    "PATH_OF_BEAT": "S3CRETpathofheartbeat",
}


@dataclass
class House:
    """An installation whose every way out is misconfigured or dead, but the last."""

    folder: Path
    env: dict[str, str]
    slack: FakeSlack
    hook: Receiver
    last: Receiver

    def yaml(self) -> str:
        dead, mail = closed_port(), closed_port()
        routes: list[dict[str, Any]] = [
            {"slack": "#payments"},
            {
                "webhook": {
                    "url": "env:URL_OF_HOOK", "name": "pager", "secret": "env:SIGNATURE",
                    "headers": {"X-Api-Key": "env:HOOK_KEY"},
                }
            },
            {"teams_workflow": {"url": "env:URL_OF_FLOW", "name": "flow"}},
            {"pagerduty": {"routing_key": "env:PAGER_KEY", "url": f"http://127.0.0.1:{dead}/v2", "name": "pd"}},
            {
                "email": {
                    "to": "a@example.com", "sender": "b@example.com", "host": "127.0.0.1", "port": mail, "name": "mail",
                    "security": "none", "username": "me", "password": "env:MAIL_PASSWORD",
                }
            },
            # Another name, so that it is not left alone together with the dead ones.
            {"webhook": {"url": self.last.url.replace("127.0.0.1", "localhost"), "name": "last"}},
        ]  # fmt: skip
        made = {
            "organisation": "Acme",
            "slack": {"bot_token": "env:SLACK_BOT_TOKEN", "signing_secret": "env:SLACK_SIGNING"},
            "hooks": {"token": "env:HOOK_TOKEN", "secret": "env:HOOK_SECRET"},
            "heartbeat": "env:URL_OF_BEAT",
            "admin_audience": "payments",
            "outgoing": {"private": True},
            "fallback_tests": False,
            "audiences": {"payments": {"routes": routes}},
            "services": [{"name": "billing", "tier": 1}],
        }
        return json.dumps(made)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(FakeSlack(bot_token=SECRETS["SLACK_BOT_TOKEN"]).running())
        hook = await stack.enter_async_context(Receiver().running())
        last = await stack.enter_async_context(Receiver().running())
        urls = {
            "URL_OF_HOOK": f"{hook.url}?key={SECRETS['PATH_OF_HOOK']}",
            "URL_OF_FLOW": f"{hook.url}?sig={SECRETS['PATH_OF_FLOW']}",
            "URL_OF_BEAT": f"{hook.url}/{SECRETS['PATH_OF_BEAT']}",
        }
        env = {**SECRETS, **urls, "BACKSTAY_SLACK__API_URL": slack.url}
        yield House(tmp_path, env, slack, hook, last)


async def pages(served: Served) -> list[str]:
    """What anybody gets to read over HTTP, with the right token and a wrong one."""
    found = []
    async with aiohttp.ClientSession() as session:
        for path in ("/health", "/healthz", "/ready", "/readyz", "/metrics", "/openapi.json", "/nowhere"):
            async with session.get(f"{served.url}{path}") as answer:
                found.append(await answer.text())
        wrong = {"X-Slack-Signature": "v0=0", "X-Slack-Request-Timestamp": "0", "Authorization": "Bearer guess-guess"}
        for path in ("/slack/events", "/hooks/broadcast", "/hooks/ask", "/hooks/command"):
            async with session.post(f"{served.url}{path}", data=b'{"text": 1', headers=wrong) as answer:
                found.append(await answer.text())
    return found


async def test_none_shows_anywhere(house: House) -> None:
    house.slack.always("*", status(500))
    house.hook.always("hook", status(403))
    said: list[str] = []
    async with backstay_serve(house.folder, house.yaml(), house.env) as served:
        line = command_line(house.folder, "http://127.0.0.1:9")
        here = {**house.env, "BACKSTAY_URL": served.url, "BACKSTAY_LEDGER": str(house.folder / "ledger.db")}
        posted = await line.run("broadcast", "Payments are slow", "--to", "payments", **here)
        assert posted.code == 0, posted.err
        await until(lambda: bool(house.last.received), within=25)
        refused = await line.run("ask", "waive billing:DR01 7 later", **here)
        said += [posted.out, posted.err, refused.out, refused.err, *await pages(served)]
        for words in (
            ("receipts",),
            ("audit-log",),
            ("doctor",),
            ("receipts", "--format", "json"),
            ("ask", "incidents"),
        ):
            ran = await line.run(*words, **here)
            said += [ran.out, ran.err]
        tried = (await line.run("receipts", **here)).out
        known = (await line.run("audit-log", **here)).out
        log = "".join(served.log)
    for route in ("slack:#payments", "pager", "flow", "pd", "mail", "last"):
        assert route in tried, tried
    assert "broadcast" in known
    kept = [path.read_bytes().decode("latin-1") for path in sorted(house.folder.glob("ledger.db*"))]
    assert kept
    cards = [request.body.decode() for request in house.last.received] + [json.dumps(house.slack.posts)]
    everything = "\n".join([log, *said, *kept, *cards])
    assert {name for name, value in SECRETS.items() if value in everything} == set()
    assert "S3CRET" not in everything
    # The receivers did get what proves who sends, so the search above had something to find.
    assert any(call.token == SECRETS["SLACK_BOT_TOKEN"] for call in house.slack.calls)
