"""What Teams sends (message, click on a card, installation) becomes: somebody asks a line somewhere, or a place to post at."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.cards.render.teams_form import ID
from bot.chat.teams.authentication import tenant_of
from bot.model import Caller, Conversation

Payload = Mapping[str, Any]
Kind = Literal["personal", "groupChat", "channel"]
CARD_ACTION = "adaptiveCard/action"
_AT = re.compile(r"<at[^<>]*>(.*?)</at>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an answer belongs.

    `reference` addresses the conversation, in a channel the thread. `reply_to`: the message that is answered.
    `message`: id of the card that the answer replaces, empty for a new one.
    """

    reference: Payload
    reply_to: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request of one person. `key` is the same when Teams delivers it again; `fields`: what a form was filled in with."""

    line: str
    caller: Caller
    place: Destination
    key: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def from_message(activity: Payload) -> ChatRequest:
    """A message, with the bot's name in it or not, or an older kind of button, which speaks like a message."""
    value = activity.get("value")
    if isinstance(value, dict) and isinstance(value.get("command"), str):
        return _pressed(activity, value)
    place = Destination(reference_of(activity), reply_to=_text(activity, "id"))
    return ChatRequest(plain(activity), caller_of(activity), place, _key(activity))


def from_click(activity: Payload) -> ChatRequest | None:
    """A click on a card (Action.Execute); None for one that is not ours."""
    action = _part(_part(activity, "value"), "action")
    data = action.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("command"), str):
        return None
    return _pressed(activity, data)


def _pressed(activity: Payload, data: Payload) -> ChatRequest:
    card = _text(activity, "replyToId")
    place = Destination(reference_of(activity), reply_to=card, message=card if data.get("update", True) else "")
    # Numbers come as numbers from some clients and as text from others.
    filled = {
        name.removeprefix(ID): str(value)
        for name, value in data.items()
        if name.startswith(ID) and isinstance(value, str | int | float)
    }
    return ChatRequest(str(data["command"]), caller_of(activity), place, _key(activity), filled)


def caller_of(activity: Payload) -> Caller:
    """Who asks: by the Entra id, which is the same everywhere; in a team its group counts as one of theirs."""
    sender, team = _part(activity, "from"), _part(_part(activity, "channelData"), "team")
    user = _text(sender, "aadObjectId") or _text(sender, "id")
    group = _text(team, "aadGroupId")
    prefix = "" if kind_of(activity) == "personal" else "@backstay"
    return Caller(
        "teams",
        user,
        channel_of(activity),
        _text(sender, "name"),
        _zone(activity),
        (group,) if group else (),
        {"prefix": prefix},
    )


def addressed(activity: Payload) -> bool:
    """Whether a message names the bot. In a channel it sees others only where an administrator lets it read along."""
    bot = _text(_part(activity, "recipient"), "id")
    return any(
        one.get("type") == "mention" and bot and _text(_part(one, "mentioned"), "id") == bot
        for one in _list(activity, "entities")
    )


def plain(activity: Payload) -> str:
    """What the person typed: without the bot's name, other people by their names, no entities of HTML."""
    said, bot = _text(activity, "text"), _text(_part(activity, "recipient"), "id")
    for one in _list(activity, "entities"):
        if one.get("type") == "mention" and bot and _text(_part(one, "mentioned"), "id") == bot:
            said = said.replace(_text(one, "text") or "\x00", " ", 1)
    return html.unescape(_AT.sub(r"\1", said)).strip()


def kind_of(activity: Payload) -> Kind:
    """Where it was said: alone with the bot, in a chat of several, or in a channel of a team."""
    said = _text(_part(activity, "conversation"), "conversationType")
    if said in ("channel", "groupChat"):
        return "channel" if said == "channel" else "groupChat"
    return "channel" if _part(activity, "channelData").get("team") else "personal"


def channel_of(activity: Payload) -> str:
    """The id of the chat or channel; a thread in a channel is named after it."""
    return _text(_part(activity, "conversation"), "id").partition(";messageid=")[0]


def reference_of(activity: Payload) -> Payload:
    """What it takes to answer there, as Teams said it: the SDK's own reference loses the tenant."""
    return {
        "serviceUrl": _text(activity, "serviceUrl"),
        "channelId": _text(activity, "channelId") or "msteams",
        "conversation": dict(_part(activity, "conversation")),
        "bot": dict(_part(activity, "recipient")),
        "tenant": tenant_of(activity),
    }


def conversation_of(activity: Payload, seen_at: datetime) -> Conversation:
    """The place that an activity comes from, to post there later without being asked."""
    reference, here = reference_of(activity), channel_of(activity)
    data = _part(activity, "channelData")
    team, kind = _part(data, "team"), kind_of(activity)
    return Conversation(
        id=here,
        kind=kind,
        reference={**reference, "conversation": {**reference["conversation"], "id": here}},
        seen_at=seen_at,
        name=_name(activity, kind),
        team=_text(team, "id"),
        tenant=tenant_of(activity),
    )


def channel_name(team: str, channel: str) -> str:
    """How people call a channel: Teams leaves the first one of a team without a name."""
    return f"{team} / {channel or 'General'}" if team else channel or "General"


def _name(activity: Payload, kind: Kind) -> str:
    if kind == "personal":
        return _text(_part(activity, "from"), "name")
    if kind == "groupChat":
        return _text(_part(activity, "conversation"), "name")
    data = _part(activity, "channelData")
    team, channel = _text(_part(data, "team"), "name"), _text(_part(data, "channel"), "name")
    first = channel_of(activity) == _text(_part(data, "team"), "id")
    return channel_name(team, channel) if team and (channel or first) else ""


def _key(activity: Payload) -> str:
    """The same for a second delivery of the same thing; empty where Teams gave no id."""
    given = _text(activity, "id")
    return f"teams {channel_of(activity)} {given}" if given else ""


def _zone(activity: Payload) -> str:
    said = _text(activity, "localTimezone")
    told = [_text(one, "timezone") for one in _list(activity, "entities") if one.get("type") == "clientInfo"]
    return said or next((zone for zone in told if zone), "")


def _list(activity: Payload, key: str) -> list[Payload]:
    found = activity.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _part(activity: Payload, key: str) -> Payload:
    found = activity.get(key)
    return found if isinstance(found, dict) else {}


def _text(activity: Payload, key: str) -> str:
    found = activity.get(key)
    return found if isinstance(found, str) else ""
