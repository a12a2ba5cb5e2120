"""The Slack app as its manifest says it, written from the commands: `manifest/slack.yaml` is made of this."""

from typing import Any

from bot.chat.command import commands
from bot.chat.slack.requests import FORWARD, SHORTCUTS

# Each with the reason why nothing less will do.
SCOPES = (
    "app_mentions:read",  # to be asked by name in a channel
    "channels:history",  # to look whether a post in doubt arrived before it is sent again
    "channels:read",  # to find the channel to look in by its name
    "chat:write",  # to answer and to post scorecards
    "chat:write.public",  # the same in public channels that nobody has invited it to
    "commands",  # the slash command and the shortcuts
    "im:history",  # to be asked in a direct message
    "users:read",  # to post at nine in the time zone of whoever subscribes a channel
)
GROUPS_SCOPE = "usergroups:read"
"""Only where roles or audiences name Slack user groups: to read who belongs to them."""
EVENTS = ("app_home_opened", "app_mention", "message.im")
_PATH = "/slack/events"
_HINT = 1_000  # slackapi/manifest-schema
_NAMES = {
    "scorecard": ("Resilience scorecard", "How well our services would survive an outage"),
    "broadcast": ("Broadcast to teams", "Tell several teams at once, by every route they have"),
    "status": ("Provider status", "What is wrong at the clouds and services we stand on"),
}


def manifest(command: str = "/resilience", *, url: str = "", groups: bool = False) -> dict[str, Any]:
    """The app's manifest, in the shape of Slack's schema.

    Args:
        command: the slash command.
        url: how Slack reaches `serve` (`https://backstay.example.com`); empty: over Socket Mode, where Slack needs no way in.
        groups: whether roles or audiences name Slack user groups.
    """
    address = {"url": url.rstrip("/") + _PATH} if url else {}
    request = {"request_url": url.rstrip("/") + _PATH} if url else {}
    return {
        "display_information": {
            "name": "backstay",
            "description": "How well your services would survive losing a zone, a region or a cloud",
            "background_color": "#1d3b4f",
        },
        "features": {
            # Without a messages tab that can be written to, nobody can send it a direct message.
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "backstay", "always_online": True},
            "shortcuts": _shortcuts(),
            "slash_commands": [
                {
                    "command": command,
                    "description": "How well would our services survive an outage?",
                    "usage_hint": _hint(),
                    "should_escape": False,
                    **address,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": [*SCOPES, GROUPS_SCOPE] if groups else list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def _shortcuts() -> list[dict[str, str]]:
    """The menu's shortcuts, and the one on a message."""
    made = [
        {"name": name, "type": "global", "callback_id": callback, "description": said}
        for callback, (name, said) in _NAMES.items()
        if callback in SHORTCUTS
    ]
    said = "Tell several teams what this message says"
    return [*made, {"name": "Broadcast this", "type": "message", "callback_id": FORWARD, "description": said}]


def _hint() -> str:
    """What Slack shows behind the command while it is typed: every command, with its arguments as long as they fit."""
    known = [one for one in commands().values() if one.word != "help"]
    full = " | ".join([*(f"{one.word} {one.usage}".strip() for one in known), "help"])
    return full if len(full) <= _HINT else " | ".join([*(one.word for one in known), "help"])
