"""`backstay doctor` proves tokens and routes by calls: a token that is there may be revoked, a channel may not be readable."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.builders.posts import context
from support.fakes.mail_server import MailServer
from support.fakes.receivers import Receiver
from support.fakes.slack import FakeSlack
from support.fakes.teams import APP, PASSWORD, TENANT, FakeTeams
from support.harness.command_line import command_line

from bot.chat.slack.proof import judge_signing_secret, prove_app_token, prove_bot_token
from bot.delivery.routing.registry import build
from bot.model import Proof, Provable, RouteSpec

REVOKED = "the token is not accepted any more"


@asynccontextmanager
async def channel(**fields: object) -> AsyncIterator[tuple[FakeSlack, Provable]]:
    name = str(fields.pop("channel", "#payments"))
    async with FakeSlack(**fields).running() as slack:  # type: ignore[arg-type] # each test knows its fields
        route = build(RouteSpec("slack", f"slack:{name}", {"channel": name}), context(slack_api_url=slack.url))
        assert isinstance(route, Provable)
        yield slack, route


@pytest.mark.parametrize(
    ("fields", "works", "said"),
    [
        ({}, True, "in the channel and can read it"),
        ({"private": {"C0PAYMENTS"}}, True, "in the channel and can read it"),
        ({"channel": "C0PAYMENTS"}, True, "in the channel and can read it"),
        ({"outside": {"C0PAYMENTS"}}, None, "/invite @backstay"),
        ({"outside": {"C0PAYMENTS"}, "channel": "C0PAYMENTS"}, None, "/invite @backstay"),
        ({"outside": {"C0PAYMENTS"}, "private": {"C0PAYMENTS"}}, False, "/invite @backstay"),
        ({"channel": "#paymints"}, False, "check its name"),
        ({"archived": {"C0PAYMENTS"}}, False, "archived"),
        ({"revoked": "token_revoked"}, False, "token_revoked"),
        ({"missing_scopes": {"conversations.history"}}, None, "backstay manifest slack"),
        ({"missing_scopes": {"conversations.list"}}, None, "backstay manifest slack"),
    ],
)
async def test_a_channel_of_slack(fields: dict[str, object], works: bool | None, said: str) -> None:
    async with channel(**fields) as (slack, route):
        proof = await route.prove()
        assert proof.works is works
        assert said in proof.detail
        assert not any(slack.posts.values()), "nobody sees it"
        assert slack.joined == []


async def test_an_address_that_answers_takes_messages_perhaps() -> None:
    async with Receiver().running() as hook:
        route = build(RouteSpec("webhook", "webhook:pager", {"url": hook.url}), context())
        assert isinstance(route, Provable)
        assert await route.prove() == Proof(None, "127.0.0.1 answers (HTTP 405 to HEAD)")
    assert not hook.received
    assert (await route.prove()).works is False


async def test_a_mail_server_is_asked_without_a_mail() -> None:
    options = {"to": ["ops@acme.example"], "sender": "backstay@acme.example", "security": "none", "host": "127.0.0.1"}
    async with MailServer().running() as mail:
        route = build(RouteSpec("email", "email:ops", {**options, "port": mail.port}), context())
        assert isinstance(route, Provable)
        assert (await route.prove()).works is True
    assert not mail.mails
    assert (await route.prove()).works is False


@pytest.mark.parametrize(
    ("path", "works"), [("a/new/file.jsonl", True), ("taken/file.jsonl", False), ("folder", False)]
)
async def test_a_file_is_not_written_to(tmp_path: Path, path: str, works: bool) -> None:
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "folder").mkdir()
    route = build(RouteSpec("file", "file:x", {"path": str(tmp_path / path)}), context())
    assert isinstance(route, Provable)
    assert (await route.prove()).works is works
    assert not (tmp_path / "a").exists()


async def test_tokens_of_slack() -> None:
    async with FakeSlack().running() as slack:
        token, url = slack.bot_token, slack.url
        assert [proof.works async for proof in prove_bot_token(token, url, groups=True)] == [True]
        slack.scopes -= {"groups:history", "chat:write"}
        (_, lacks) = [proof async for proof in prove_bot_token(token, url, groups=True)]
        assert lacks.works is False
        assert "chat:write, groups:history" in lacks.detail
        slack.revoked = "token_revoked"
        refused = [proof async for proof in prove_bot_token(token, url, groups=True)]
        assert refused == [Proof(False, "slack.bot_token: Slack refused: token_revoked")]
        assert (await prove_app_token(slack.app_token, url)).works is True
        assert "not_allowed_token_type" in (await prove_app_token(token, url)).detail
    unreached = [proof async for proof in prove_bot_token(token, url, groups=True)]
    assert [proof.works for proof in unreached] == [False]
    assert "cannot be reached" in unreached[0].detail


@pytest.mark.parametrize(
    ("secret", "works"), [("8f742231b10e8888abcd99yyyzzz85a5", None), ("0" * 32, True), ("xoxb-1", None)]
)
def test_the_shape_of_a_signing_secret(secret: str, works: bool | None) -> None:
    proof = judge_signing_secret(secret)
    assert proof.works is works
    assert secret not in proof.detail


async def test_the_doctor_calls(tmp_path: Path) -> None:
    backstay = command_line(tmp_path, "http://127.0.0.1:1")
    backstay.write(
        "slack: {bot_token: env:BOT, app_token: env:APP_TOKEN}\n"
        f"teams: {{app_id: {APP}, app_password: env:PASSWORD, tenant_id: {TENANT}}}\n"
        "audiences: {payments: {routes: [{slack: '#payments'}, {slack: '#nowhere'}, {webhook: {url: env:PAGER, allow_private: true}}]}}\n"
    )
    async with FakeSlack().running() as slack, FakeTeams().running() as teams, Receiver().running() as hook:
        env = {"BOT": slack.bot_token, "APP_TOKEN": REVOKED, "PASSWORD": f"not {PASSWORD}", "PAGER": hook.url}
        places = {"BACKSTAY_SLACK__API_URL": slack.url, "BACKSTAY_TEAMS__LOGIN_URL": f"{teams.url}login"}
        ran, quiet = await asyncio.gather(
            backstay.run("doctor", "--no-read", "--within", "60s", "--format", "json", **env, **places),
            backstay.run("doctor", "--no-read", "--no-call", "--format", "json", **env, **places),
        )
    assert ran.code == 1, ran.err
    found = {(line["about"], line["state"]): line["detail"] for line in json.loads(ran.out)["lines"]}
    assert "can read it" in found["route slack:#payments", "ok"]
    assert "check its name" in found["route slack:#nowhere", "problem"]
    assert "backstay send-test payments" in found["route webhook:pager", "warning"]
    details = " ".join(found.values())
    assert "slack.app_token: Slack refused: invalid_auth" in details
    assert "Entra ID refused" in details
    assert not any(secret in ran.out for secret in env.values())
    assert "route slack" not in quiet.out
