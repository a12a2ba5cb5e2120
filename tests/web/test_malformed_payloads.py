"""Signed bodies with one part spoiled: refused with 400, or understood without it; never a 500, never a traceback."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from support.builders import alerts as sent
from support.builders.malformed import NOTHINGS, paths, spoiled, with_value, without
from support.builders.posts import START
from support.fakes import slack_requests as slack
from support.fakes import teams_activities as teams
from support.fakes.slack import FakeSlack
from support.harness.serving import backstay_serve

from bot.chat.slack import requests as from_slack
from bot.chat.slack import shape as slack_shape
from bot.chat.slack.submission import from_submission
from bot.chat.teams import requests as from_teams
from bot.chat.teams import shape as teams_shape
from bot.detection.alerts import HookError, ParseContext, PlacementNames, format_of

YAML = """
services: [{name: checkout, tier: 1}]
audiences: {payments: {routes: [{file: out.txt}]}}
slack: {bot_token: env:SLACK_BOT_TOKEN, signing_secret: env:SIGNING}
teams: {allow_anonymous: true}
watch: {feeds: none}
"""
SERVICE = "http://127.0.0.1:1/"
MODAL = {"type": "modal", "callback_id": "x", "private_metadata": ""}
OF_SLACK: dict[str, Mapping[str, Any]] = {
    "slash": slack.slash("help"),
    "press": slack.press("help", message="1.1"),
    "press in a modal": slack.pressed_in(MODAL, "help"),
    "submission": slack.submission(MODAL, text={"value": "a"}),
    "shortcut": slack.shortcut("status"),
    "message shortcut": slack.shortcut("broadcast_message", message="1.2", text="x"),
    "mention": slack.mention("help"),
    "direct": slack.direct("help"),
    "home": slack.home_opened(),
}
OF_TEAMS: dict[str, Mapping[str, Any]] = {
    "message": teams.message(SERVICE, "help", mention=True, scope="channel"),
    "click": teams.click(SERVICE, "help"),
    "button": teams.activity(SERVICE, value={"command": "help"}),
    "installed": teams.installed(SERVICE),
    "members": teams.activity(SERVICE, "conversationUpdate", membersAdded=[teams.BOT]),
}
OF_MONITORING: Mapping[str, Any] = {
    "alertmanager": sent.alertmanager(sent.alert()),
    "grafana": sent.alertmanager(sent.alert(service="stripe"), orgId=1, state="alerting"),
    "datadog": sent.datadog(),
    "newrelic": sent.new_relic(),
}


def posted(name: str, body: Mapping[str, Any]) -> tuple[str, bytes, dict[str, str]]:
    """The path, the bytes and the headers with which a body is posted, signed where it is Slack's."""
    if name in OF_TEAMS:
        return "/api/messages", json.dumps(body).encode(), {"Content-Type": "application/json"}
    if "command" in OF_SLACK[name] or "event" in OF_SLACK[name]:  # a form has no types, so spoiled ones come as JSON
        raw, kind = json.dumps(body).encode(), "application/json"
    else:
        raw, kind = urlencode({"payload": json.dumps(body)}).encode(), "application/x-www-form-urlencoded"
    return "/slack/events", raw, slack.signed(raw, kind)


def one_each() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each field once, with the next of the values that no sender sends."""
    values = cycle(NOTHINGS)
    bodies = OF_SLACK | OF_TEAMS
    for name in ("press", "press in a modal", "submission", "mention", "slash", "message", "click"):
        body = bodies[name]
        for path in paths(body):
            yield name, ".".join(map(str, path)), with_value(body, path, next(values))


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("press", {"actions": []}),
    ("press", {"actions": None}),
    ("press", {"actions": [None]}),
    ("press", {"view": None}),
    ("press", {"user": None}),
    ("press", {"user": {}}),
    ("press", {"type": None}),
    ("submission", {"view": None}),
    ("submission", {"user": None}),
    ("shortcut", {"user": None}),
    ("mention", {"event": None}),
    ("mention", {"authorizations": None}),
    ("slash", {"user_id": ""}),
    ("message", {"from": None}),
    ("message", {"conversation": []}),
    ("click", {"value": None}),
    ("installed", {"conversation": None}),
]


async def test_a_served_installation_refuses_what_is_malformed(tmp_path: Path) -> None:
    async with FakeSlack().running() as workspace, aiohttp.ClientSession() as session:
        env = {
            "SIGNING": slack.SECRET,
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "BACKSTAY_SLACK__API_URL": workspace.url,
        }
        async with backstay_serve(tmp_path, YAML, env) as served:

            async def status(name: str, body: Mapping[str, Any]) -> int:
                path, raw, headers = posted(name, body)
                async with session.post(served.url + path, data=raw, headers=headers) as answer:
                    return answer.status

            for name, part in REFUSED:
                assert await status(name, {**(OF_SLACK | OF_TEAMS)[name], **part}) == 400, (name, part)
            seen: Counter[int] = Counter()
            for name, path, body in one_each():
                found = await status(name, body)
                assert found in (200, 400, 401, 404, 501), (name, path)
                seen[found] += 1
            assert await status("slash", slack.slash("help")) == 200
            assert await served.stop() == 0
        assert seen[400] > seen[200] > 0
        log = "".join(served.log)
        assert "Traceback" not in log
        assert "_failed" not in log


def readers(name: str, body: dict[str, Any]) -> None:
    """Read a body as the chat does."""
    if name == "slash":
        from_slack.from_command(body)
    elif name.startswith("press"):
        from_slack.from_action(body, "/resilience")
    elif name == "submission":
        from_submission(body, "/resilience")
    elif "shortcut" in name:
        from_slack.from_shortcut(body, "/resilience")
    else:
        from_slack.from_home(body, "/resilience")
        from_slack.from_direct(body)
        from_slack.from_mention(body)


@pytest.mark.parametrize("name", OF_SLACK)
def test_what_slack_never_sends_is_refused_or_read(name: str) -> None:
    assert slack_shape.is_sound(OF_SLACK[name])
    for _, body in (*spoiled(OF_SLACK[name]), *without(OF_SLACK[name])):
        if slack_shape.is_sound(body):
            readers(name, body)


@pytest.mark.parametrize("name", OF_TEAMS)
def test_what_teams_never_sends_is_refused_or_read(name: str) -> None:
    assert teams_shape.is_sound(OF_TEAMS[name])
    for _, body in (*spoiled(OF_TEAMS[name]), *without(OF_TEAMS[name])):
        if teams_shape.is_sound(body):
            from_teams.from_message(body)
            from_teams.from_click(body)
            from_teams.conversation_of(body, START)


@pytest.mark.parametrize(
    "body",
    [
        slack.press("help")
        | {"team": None, "enterprise": {"id": "E1", "name": "Acme"}},  # installed in an organization
        slack.submission(MODAL, text={"value": None}),  # an input that was left empty
        slack.direct("", subtype="message_changed", user=None),
        slack.direct("", bot_id="B1", user=None),
        {"type": "view_closed", "view": None},  # not handled
    ],
)
def test_what_slack_does_send_is_not_refused(body: Mapping[str, Any]) -> None:
    assert slack_shape.is_sound(body)


@pytest.mark.parametrize("name", OF_MONITORING)
def test_what_no_monitoring_sends_is_refused_or_read(name: str) -> None:
    ground = ParseContext("prod", START, PlacementNames(frozenset(("checkout",)), {}), None)
    for _, body in (*spoiled(OF_MONITORING[name]), *without(OF_MONITORING[name])):
        with suppress(HookError):  # anything else would be answered with 500
            format_of(name).read(json.dumps(body).encode(), ground)
