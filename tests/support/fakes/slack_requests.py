"""What Slack sends to an app: commands, buttons, shortcuts, forms, events; signed for HTTP or wrapped for Socket Mode."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import urlencode

SECRET = "loopback-signing-secret"
CHANNEL = "C0PAYMENTS"  # one of the fake workspace's channels
TEAM = "T0TEAM"  # the fake workspace
_numbers = count(1)


def slash(text: str, *, response_url: str = "", channel: str = CHANNEL, trigger: str = "") -> dict[str, str]:
    """The body of `/resilience TEXT`."""
    return {
        "command": "/resilience",
        "text": text,
        "user_id": "U1",
        "user_name": "ada",
        "team_id": TEAM,
        "channel_id": channel,
        "channel_name": "general",
        "response_url": response_url,
        "trigger_id": trigger or f"trigger.{next(_numbers)}",
    }


def press(
    command: str,
    *,
    message: str = "",
    action: str = "replace.0",
    channel: str = CHANNEL,
    response_url: str = "",
    ephemeral: bool = False,
) -> dict[str, Any]:
    """The body of a pressed button with this value, on the post with the ts `message`."""
    return {
        "type": "block_actions",
        "trigger_id": f"trigger.{next(_numbers)}",
        "team": {"id": TEAM, "domain": "acme"},
        "user": {"id": "U1", "username": "ada", "team_id": TEAM},
        "channel": {"id": channel},
        "container": {
            "type": "message",
            "message_ts": message,
            "channel_id": channel,
            "is_ephemeral": ephemeral,
        },
        "response_url": response_url,
        "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": command}],
    }


def choose(value: str, *, message: str, action: str, channel: str = CHANNEL) -> dict[str, Any]:
    """The body of a chosen entry of an overflow menu (docs.slack.dev, block_actions payload): the entry, and no value beside it."""
    chosen = {"text": {"type": "plain_text", "text": "an entry", "emoji": True}, "value": value}
    action_of_menu = {"type": "overflow", "action_id": action, "block_id": "b", "selected_option": chosen}
    return press("", message=message, channel=channel) | {"actions": [action_of_menu | {"action_ts": "1.0"}]}


def mention(text: str, *, channel: str = CHANNEL, ts: str = "", event_id: str = "", **event: Any) -> dict[str, Any]:
    """The body of a message in a channel that names the bot; without a `ts` it is a new message."""
    stamp = ts or _stamp()
    said = {"type": "app_mention", "user": "U1", "text": text, "channel": channel, "ts": stamp, "event_ts": stamp}
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": "A1",
        "event_id": event_id or f"Ev{next(_numbers)}",
        "event": said | {"team": TEAM, "client_msg_id": f"client-{stamp}"} | event,
        "authorizations": [{"enterprise_id": None, "team_id": TEAM, "user_id": "U0BOT", "is_bot": True}],
        "is_ext_shared_channel": False,
    }


def _stamp() -> str:
    """The ts of a new message; Slack gives no two messages of a channel the same."""
    return f"1700000000.{next(_numbers):06d}"


def pressed_in(
    view: Mapping[str, Any], command: str, *, action: str = "replace.0", view_id: str = "V1"
) -> dict[str, Any]:
    """The body of a button with this value that was pressed in a modal or in the App Home."""
    return {
        "type": "block_actions",
        "trigger_id": f"trigger.{next(_numbers)}",
        "team": {"id": TEAM, "domain": "acme"},
        "user": {"id": "U1", "username": "ada", "team_id": TEAM},
        "container": {"type": "view", "view_id": view_id},
        "view": {"id": view_id, "private_metadata": "", **view},
        "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": command}],
    }


def submission(view: Mapping[str, Any], **filled_in: Any) -> dict[str, Any]:
    """The body of a form that somebody submits; `filled_in`: the state of each input by the name of its field."""
    return {
        "type": "view_submission",
        "trigger_id": f"trigger.{next(_numbers)}",
        "team": {"id": TEAM, "domain": "acme"},
        "user": {"id": "U1", "username": "ada", "team_id": TEAM},
        "view": {
            "id": "V1",
            "hash": "1",
            **view,
            "state": {"values": {f"field.{name}": {"value": state} for name, state in filled_in.items()}},
        },
    }


def shortcut(callback: str, *, message: str = "", text: str = "", response_url: str = "") -> dict[str, Any]:
    """The body of a shortcut: from the menu, or with `message` (its ts) on a message that says `text`."""
    body: dict[str, Any] = {
        "type": "message_action" if message else "shortcut",
        "callback_id": callback,
        "trigger_id": f"trigger.{next(_numbers)}",
        "team": {"id": TEAM, "domain": "acme"},
        "user": {"id": "U1", "username": "ada", "team_id": TEAM},
    }
    if message:
        body |= {"channel": {"id": CHANNEL}, "message": {"type": "message", "ts": message, "text": text}}
        body |= {"message_ts": message, "response_url": response_url}
    return body


def direct(text: str, **event: Any) -> dict[str, Any]:
    """The body of a message to the bot alone."""
    said = {
        "type": "message",
        "channel_type": "im",
        "user": "U1",
        "text": text,
        "channel": "DU1",
        "ts": _stamp(),
        "team": TEAM,
    }
    return mention("") | {"event": said | event}


def home_opened(*, tab: str = "home", user: str = "U1") -> dict[str, Any]:
    """The body of somebody opening the App Home."""
    event = {"type": "app_home_opened", "user": user, "channel": f"D{user}", "tab": tab}
    return mention("") | {"event": event}


_INTERACTIVE = ("block_actions", "view_submission", "shortcut", "message_action")


def encoded(body: Mapping[str, Any]) -> tuple[bytes, str]:
    """The bytes and content type in which Slack posts this body."""
    if body.get("type") in _INTERACTIVE:
        return urlencode({"payload": json.dumps(body)}).encode(), "application/x-www-form-urlencoded"
    if body.get("type") == "event_callback":
        return json.dumps(body).encode(), "application/json"
    return urlencode(body).encode(), "application/x-www-form-urlencoded"


def signed(body: bytes, content_type: str, *, secret: str = SECRET, age: float = 0.0, **headers: str) -> dict[str, str]:
    """The headers that Slack sends along; `age` in seconds."""
    stamp = str(int(time.time() - age))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
        **headers,
    }


def socket_kind(body: Mapping[str, Any]) -> str:
    """The type of envelope in which the same body comes over Socket Mode."""
    kinds = dict.fromkeys(_INTERACTIVE, "interactive") | {"event_callback": "events_api"}
    return kinds.get(str(body.get("type", "")), "slash_commands")
