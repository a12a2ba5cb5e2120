"""Builds the Slack app's manifest from the commands; `manifest/slack.yaml` is generated from it."""

from typing import Any

from bot.chat.command import commands
from bot.chat.slack.requests import FORWARD, SHORTCUTS

# Each with the reason why it is needed.
SCOPES = (
    "app_mentions:read",  # to answer mentions in a channel
    "channels:history",  # to check whether an uncertain post arrived before it is sent again
    "channels:join",  # to read a public channel that it posts to without an invitation, for that check alone
    "channels:read",  # to find that channel by its name
    "chat:write",  # to answer and to post scorecards
    "chat:write.public",  # the same in public channels without an invitation
    "commands",  # the slash command and the shortcuts
    "groups:history",  # as channels:history, in private channels that it was invited to
    "groups:read",  # as channels:read, for the same
    "im:history",  # to answer direct messages
    "users:read",  # to tell members from guests and strangers, and to use their time zone
)
GROUPS_SCOPE = "usergroups:read"
"""Only where roles or audiences name Slack user groups: to read their members."""
EVENTS = ("app_home_opened", "app_mention", "message.im")
_PATH = "/slack/events"
_HINT = 1_000  # slackapi/manifest-schema
_NAMES = {
    "scorecard": ("Resilience scorecard", "Show how well our services would survive an outage"),
    "broadcast": ("Broadcast to teams", "Send a message to several teams at once"),
    "status": ("Provider status", "Show what our providers' status pages report"),
}


def manifest(command: str = "/resilience", *, url: str = "", groups: bool = False) -> dict[str, Any]:
    """The app's manifest, in the shape of Slack's schema.

    Args:
        command: the slash command.
        url: the public address of `serve` (`https://backstay.example.com`); empty: Socket Mode, which needs none.
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
            # Without a writable messages tab nobody can send the bot a direct message.
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
                    "description": "Resilience scorecards, incidents and what-if simulations",
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
    """The global shortcuts, and the one on a message."""
    shortcuts = [
        {"name": name, "type": "global", "callback_id": callback, "description": description}
        for callback, (name, description) in _NAMES.items()
        if callback in SHORTCUTS
    ]
    forward = {"name": "Broadcast this", "type": "message", "callback_id": FORWARD}
    return [*shortcuts, forward | {"description": "Send this message to several teams"}]


def _hint() -> str:
    """The usage hint of the slash command: every command, with its arguments if they all fit."""
    known = [command for command in commands().values() if command.word != "help"]
    full = " | ".join([*(f"{command.word} {command.usage}".strip() for command in known), "help"])
    return full if len(full) <= _HINT else " | ".join([*(command.word for command in known), "help"])
