"""What Slack sends (slash command, pressed button, mention) becomes one thing: somebody asks a line somewhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.cards.to_slack import REPLY
from bot.ports import Caller

Payload = Mapping[str, Any]
_ENTITY = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_UNESCAPE = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer belongs.

    `message`: the post (its ts) that the answer replaces, empty for a new one. `hidden`: that post is seen by its reader
    alone and can only be replaced through `response_url`, which Slack takes five times within half an hour.
    """

    channel: str
    user: str
    thread: str = ""
    message: str = ""
    hidden: bool = False
    response_url: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of one person. `key` is the same when Slack delivers it again; empty where Slack gave none."""

    line: str
    caller: Caller
    place: Place
    key: str = ""


def from_command(body: Payload) -> Ask:
    """A slash command."""
    labels = {"prefix": _text(body, "command")}
    caller = Caller("slack", _text(body, "user_id"), _text(body, "channel_id"), _text(body, "user_name"), labels=labels)
    place = Place(caller.channel, caller.user, response_url=_text(body, "response_url"))
    return Ask(plain(_text(body, "text")), caller, place, _text(body, "trigger_id"))


def from_action(body: Payload, command: str) -> Ask | None:
    """A pressed button; None for one that runs nothing (a link). `command`: how people call the bot here."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], dict) else {}
    line = _text(action, "value")
    if not line:
        return None
    user, channel, container = _part(body, "user"), _part(body, "channel"), _part(body, "container")
    name, labels = _text(user, "name") or _text(user, "username"), {"prefix": command}
    caller = Caller("slack", _text(user, "id"), _text(channel, "id"), name, labels=labels)
    replaces = _text(action, "action_id").partition(".")[0] != REPLY
    place = Place(
        channel=caller.channel or _text(container, "channel_id"),
        user=caller.user,
        thread=_text(container, "thread_ts"),
        message=_text(container, "message_ts") if replaces else "",
        hidden=container.get("is_ephemeral") is True,
        response_url=_text(body, "response_url"),
    )
    return Ask(line, caller, place, _text(body, "trigger_id"))


def from_mention(body: Payload) -> Ask:
    """The bot's name in a channel, with words after it; the answer goes to that message's thread."""
    event = _part(body, "event")
    caller = Caller("slack", _text(event, "user"), _text(event, "channel"), labels={"prefix": "@backstay"})
    place = Place(caller.channel, caller.user, thread=_text(event, "thread_ts") or _text(event, "ts"))
    spoken = re.sub(r"^(\s*<@[A-Z0-9]+(\|[^<>]*)?>[\s:,]*)+", "", _text(event, "text"))
    return Ask(plain(spoken), caller, place, _text(body, "event_id"))


def plain(text: str) -> str:
    """Slack's markup as the person typed it: links and channels by their label, no mention of people, no entities."""
    text = _ENTITY.sub(_typed, text)
    for escaped, character in _UNESCAPE:
        text = text.replace(escaped, character)
    return text.strip()


def _typed(entity: re.Match[str]) -> str:
    target, label = entity[1], entity[2]
    if target.startswith(("@", "!")):
        return ""
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    return label or target


def _part(body: Payload, key: str) -> Payload:
    part = body.get(key)
    return part if isinstance(part, dict) else {}


def _text(body: Payload, key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""
