"""The manifest says what Slack's schema takes, and every command that there is."""

import pytest

from bot.chat.slack_manifest import SCOPES, manifest
from bot.commands import commands

# docs.slack.dev/reference/app-manifest: the lengths that Slack refuses to exceed.
NAME, DESCRIPTION, COMMAND, HINT = 35, 140, 32, 1000


@pytest.mark.parametrize("url", ["", "https://backstay.example.com", "https://backstay.example.com/"])
def test_the_manifest_keeps_slacks_limits(url: str) -> None:
    made = manifest(url=url)
    shown, [slash] = made["display_information"], made["features"]["slash_commands"]
    assert len(shown["name"]) <= NAME
    assert len(shown["description"]) <= DESCRIPTION
    assert len(slash["command"]) <= COMMAND
    assert len(slash["usage_hint"]) <= HINT
    assert all(word in slash["usage_hint"] for word in commands())
    assert made["settings"]["socket_mode_enabled"] is (url == "")


def test_over_http_every_address_is_the_one_that_serve_answers() -> None:
    made = manifest(url="https://backstay.example.com")
    where = "https://backstay.example.com/slack/events"
    assert made["features"]["slash_commands"][0]["url"] == where
    assert made["settings"]["interactivity"]["request_url"] == where
    assert made["settings"]["event_subscriptions"]["request_url"] == where


def test_it_asks_for_few_scopes() -> None:
    assert made_scopes() == ["app_mentions:read", "channels:history", "chat:write", "chat:write.public", "commands"]
    assert list(SCOPES) == sorted(SCOPES)


def made_scopes() -> list[str]:
    return list(manifest()["oauth_config"]["scopes"]["bot"])
