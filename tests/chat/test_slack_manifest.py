"""The manifest is what Slack takes, names every command that there is, and asks for no more than is used."""

from pathlib import Path

import pytest
import yaml
from support.limits.slack_manifest_rules import Manifest

from bot.chat.command import commands
from bot.chat.slack.manifest import GROUPS_SCOPE, SCOPES, manifest
from bot.chat.slack.requests import FORWARD, SHORTCUTS

WRITTEN = Path(__file__).parents[2] / "manifest" / "slack.yaml"


@pytest.mark.parametrize("url", ["", "https://backstay.example.com", "https://backstay.example.com/"])
@pytest.mark.parametrize("groups", [False, True])
def test_slack_takes_the_manifest(url: str, *, groups: bool) -> None:
    made = manifest(url=url, groups=groups)
    Manifest.model_validate(made)
    [slash] = made["features"]["slash_commands"]
    assert all(word in slash["usage_hint"] for word in commands())
    assert made["settings"]["socket_mode_enabled"] is (url == "")


def test_slack_takes_the_manifest_that_is_in_the_tree() -> None:
    Manifest.model_validate(yaml.safe_load(WRITTEN.read_text(encoding="utf-8")))


def test_over_http_every_address_is_the_one_that_serve_answers() -> None:
    made = manifest(url="https://backstay.example.com")
    where = "https://backstay.example.com/slack/events"
    assert made["features"]["slash_commands"][0]["url"] == where
    assert made["settings"]["interactivity"]["request_url"] == where
    assert made["settings"]["event_subscriptions"]["request_url"] == where


def test_every_shortcut_that_is_offered_is_understood() -> None:
    offered = {shortcut["callback_id"]: shortcut["type"] for shortcut in manifest()["features"]["shortcuts"]}
    assert offered == dict.fromkeys(SHORTCUTS, "global") | {FORWARD: "message"}


def test_it_asks_for_few_scopes() -> None:
    assert manifest()["oauth_config"]["scopes"]["bot"] == [
        "app_mentions:read",
        "channels:history",
        "channels:join",
        "channels:read",
        "chat:write",
        "chat:write.public",
        "commands",
        "groups:history",
        "groups:read",
        "im:history",
        "users:read",
    ]
    assert manifest(groups=True)["oauth_config"]["scopes"]["bot"] == [*SCOPES, GROUPS_SCOPE]
