"""The Slack app as its manifest says it, written from the commands: `manifest/slack.yaml` is made of this."""

from typing import Any

from bot.commands import commands

# Each with the reason why nothing less will do.
SCOPES = (
    "app_mentions:read",  # to be asked by name in a channel
    "channels:history",  # to look whether a post in doubt arrived before it is sent again
    "chat:write",  # to answer and to post scorecards
    "chat:write.public",  # the same in public channels that nobody has invited it to
    "commands",  # the slash command
)
_PATH = "/slack/events"


def manifest(command: str = "/resilience", *, url: str = "") -> dict[str, Any]:
    """The app's manifest, in the shape of Slack's schema.

    Args:
        command: the slash command.
        url: how Slack reaches `serve` (`https://backstay.example.com`); empty: over Socket Mode, where Slack needs no way in.
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
            "bot_user": {"display_name": "backstay", "always_online": True},
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
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": ["app_mention"]},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def _hint() -> str:
    """What Slack shows behind the command while it is typed."""
    return (
        " | ".join(f"{one.word} {one.usage}".strip() for one in commands().values() if one.word != "help") + " | help"
    )
