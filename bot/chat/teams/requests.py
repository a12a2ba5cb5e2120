"""Turns what Teams sends (message, card click, installation) into requests, and into conversations to post to."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.cards.render.teams_form import ID
from bot.chat.teams.channel_list import SHARED, channel_name
from bot.model import Caller, Conversation

Payload = Mapping[str, Any]
Kind = Literal["personal", "groupChat", "channel"]
CARD_ACTION = "adaptiveCard/action"
_AT = re.compile(r"<at[^<>]*>(.*?)</at>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an answer goes.

    `reference` addresses the conversation, in a channel the thread. `reply_to`: the message that is answered.
    `message`: id of the card that the answer replaces, empty for a new one. `person`: the caller's id in Teams (29:...).
    `direct`: nobody else reads there.
    """

    reference: Payload
    reply_to: str = ""
    message: str = ""
    person: str = ""
    direct: bool = False


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request of one person. `key` is the same when Teams delivers it again; `fields`: the values of a submitted form.

    `tenants`: every tenant that the request names, in lower case. `team`: id of the team in whose channel it was made; empty
    in chats, and in channels that are shared with other teams.
    """

    line: str
    caller: Caller
    place: Destination
    key: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    tenants: frozenset[str] = frozenset()
    team: str = ""


def from_message(activity: Payload) -> ChatRequest:
    """The request of a message, or of an older kind of button (Action.Submit), which arrives as a message."""
    if is_button(activity):
        return _from_button(activity, _part(activity, "value"))
    place = _place(activity, reply_to=_text(activity, "id"))
    return ChatRequest(
        plain(activity),
        caller_of(activity),
        place,
        _key(activity),
        tenants=_tenants(activity),
        team=team_of(activity),
    )


def is_button(activity: Payload) -> bool:
    """Whether a message comes from an older kind of button of one of our cards."""
    return isinstance(_part(activity, "value").get("command"), str)


def from_click(activity: Payload) -> ChatRequest | None:
    """The request of a click on a card (Action.Execute); None for a card that is not ours."""
    action = _part(_part(activity, "value"), "action")
    data = action.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("command"), str):
        return None
    return _from_button(activity, data)


def _from_button(activity: Payload, data: Payload) -> ChatRequest:
    card = _text(activity, "replyToId")
    place = _place(activity, reply_to=card, message=card if data.get("update", True) else "")
    # Numbers come as numbers from some clients and as text from others.
    values = {
        name.removeprefix(ID): str(value)
        for name, value in data.items()
        if name.startswith(ID) and isinstance(value, str | int | float)
    }
    asker, tenants, team = caller_of(activity), _tenants(activity), team_of(activity)
    return ChatRequest(str(data["command"]), asker, place, _key(activity), values, tenants, team)


def _place(activity: Payload, *, reply_to: str, message: str = "") -> Destination:
    person, direct = _text(_part(activity, "from"), "id"), kind_of(activity) == "personal"
    return Destination(reference_of(activity), reply_to, message, person, direct)


def _tenants(activity: Payload) -> frozenset[str]:
    """The tenants of the request, of its conversation and of its sender; in a shared channel they may differ."""
    named = _text(_part(activity, "conversation"), "tenantId"), _text(_part(activity, "from"), "tenantId")
    return frozenset(tenant.lower() for tenant in (tenant_of(activity), *named) if tenant)


def by_bot(activity: Payload) -> bool:
    """Whether a bot wrote it, this one included. Ids of bots begin with 28:, those of people with 29:."""
    sender, ours = _part(activity, "from"), _text(_part(activity, "recipient"), "id")
    person = _text(sender, "id")
    return person.startswith("28:") or bool(ours and person == ours) or _text(sender, "role") in ("bot", "skill")


def caller_of(activity: Payload) -> Caller:
    """The caller, by Entra id, which is the same everywhere; in a team its group counts as one of the caller's groups."""
    sender = _part(activity, "from")
    user = _text(sender, "aadObjectId") or _text(sender, "id")
    group = _text(channel_data(activity, "team"), "aadGroupId") if team_of(activity) else ""
    prefix = "" if kind_of(activity) == "personal" else "@backstay"
    return Caller(
        "teams",
        user,
        channel_of(activity),
        _text(sender, "name"),
        _time_zone(activity),
        (group,) if group else (),
        {"prefix": prefix},
    )


def team_of(activity: Payload) -> str:
    """The id of the team whose members ask here; empty in chats, and in a channel that members of other teams read."""
    shared = _text(channel_data(activity, "channel"), "type") == SHARED
    return "" if shared else _text(channel_data(activity, "team"), "id")


def channel_data(activity: Payload, part: str) -> Payload:
    """A part of `channelData`: `team`, `channel`, `settings`."""
    return _part(_part(activity, "channelData"), part)


def event_of(activity: Payload) -> str:
    """The kind of a conversation update, such as `channelRenamed`; empty for other activities."""
    update = activity.get("type") == "conversationUpdate"
    return _text(_part(activity, "channelData"), "eventType") if update else ""


def sender_of(activity: Payload) -> str:
    """The sender's id in Teams (29:...)."""
    return _text(_part(activity, "from"), "id")


def mentions_bot(activity: Payload) -> bool:
    """Whether a message mentions the bot. In a channel the bot gets other messages only where an administrator allows it."""
    bot = _text(_part(activity, "recipient"), "id")
    return any(
        entity.get("type") == "mention" and bot and _text(_part(entity, "mentioned"), "id") == bot
        for entity in _list(activity, "entities")
    )


def plain(activity: Payload) -> str:
    """The typed text, without the bot's name, with other people by name, and without HTML entities."""
    typed, bot = _text(activity, "text"), _text(_part(activity, "recipient"), "id")
    for entity in _list(activity, "entities"):
        if entity.get("type") == "mention" and bot and _text(_part(entity, "mentioned"), "id") == bot:
            typed = typed.replace(_text(entity, "text") or "\x00", " ", 1)
    return html.unescape(_AT.sub(r"\1", typed)).strip()


def kind_of(activity: Payload) -> Kind:
    """The kind of conversation: personal, group chat, or channel of a team."""
    kind = _text(_part(activity, "conversation"), "conversationType")
    if kind in ("channel", "groupChat"):
        return "channel" if kind == "channel" else "groupChat"
    return "channel" if _part(activity, "channelData").get("team") else "personal"


def tenant_of(activity: Payload) -> str:
    """The tenant of an activity, from its channelData; empty where there is none."""
    return _text(channel_data(activity, "tenant"), "id")


def channel_of(activity: Payload) -> str:
    """The id of the chat or channel, without the thread."""
    return _text(_part(activity, "conversation"), "id").partition(";messageid=")[0]


def reference_of(activity: Payload) -> Payload:
    """The address for answers, as Teams sent it: the SDK's own reference loses the tenant."""
    return {
        "serviceUrl": _text(activity, "serviceUrl"),
        "channelId": _text(activity, "channelId") or "msteams",
        "conversation": dict(_part(activity, "conversation")),
        "bot": dict(_part(activity, "recipient")),
        "tenant": tenant_of(activity),
    }


def own_name(activity: Payload) -> str:
    """The name that an activity gives to its own channel; empty where it gives none, as messages do."""
    channel = channel_data(activity, "channel")
    # An event about another channel comes in the team's first one.
    return _text(channel, "name") if _text(channel, "id") in ("", channel_of(activity)) else ""


def chosen_reference(activity: Payload) -> Payload:
    """The address of the channel that a person chose at installation (`settings.selectedChannel`), else the event's own."""
    reference = reference_of(activity)
    chosen = _text(_part(channel_data(activity, "settings"), "selectedChannel"), "id")
    return {**reference, "conversation": {**reference["conversation"], "id": chosen}} if chosen else reference


def conversation_of(activity: Payload, seen_at: datetime) -> Conversation:
    """The conversation of an activity, to post there later unasked."""
    reference, channel, kind = reference_of(activity), channel_of(activity), kind_of(activity)
    type_given = _text(channel_data(activity, "channel"), "type")
    return Conversation(
        id=channel,
        kind=kind,
        reference={
            **reference,
            "conversation": {**reference["conversation"], "id": channel},
            **({"channel": {"type": type_given}} if type_given else {}),
        },
        seen_at=seen_at,
        name=_name(activity, kind),
        team=_text(channel_data(activity, "team"), "id"),
        tenant=tenant_of(activity),
    )


def _name(activity: Payload, kind: Kind) -> str:
    if kind == "personal":
        return _text(_part(activity, "from"), "name")
    if kind == "groupChat":
        return _text(activity, "topicName") or _text(_part(activity, "conversation"), "name")
    team, told = channel_data(activity, "team"), own_name(activity)
    first = channel_of(activity) == _text(team, "id")
    return channel_name(_text(team, "name"), told) if _text(team, "name") and (told or first) else ""


def _key(activity: Payload) -> str:
    """The same for a repeated delivery; empty where Teams gave no id."""
    given = _text(activity, "id")
    return f"teams {channel_of(activity)} {given}" if given else ""


def _time_zone(activity: Payload) -> str:
    zones = [_text(entity, "timezone") for entity in _list(activity, "entities") if entity.get("type") == "clientInfo"]
    return _text(activity, "localTimezone") or next((zone for zone in zones if zone), "")


def _list(activity: Payload, key: str) -> list[Payload]:
    found = activity.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _part(activity: Payload, key: str) -> Payload:
    found = activity.get(key)
    return found if isinstance(found, dict) else {}


def _text(activity: Payload, key: str) -> str:
    """A string without U+0000, which not every ledger stores; empty where there is none."""
    found = activity.get(key)
    return found.replace("\0", "") if isinstance(found, str) else ""
