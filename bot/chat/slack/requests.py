"""Turns what Slack sends (slash command, button, shortcut, mention, direct message) into one kind of request."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.cards.render.slack import MORE, OPEN, REPLACE, REPLY
from bot.chat.parsing import quoted
from bot.chat.slack.destination import Destination, unpacked
from bot.chat.slack.origin import Origin, origin_of
from bot.chat.slack.payload import Payload, part_of, text_of
from bot.chat.slack.typed_text import people_in, plain, with_people, without_mentions
from bot.model import Caller

MENTION = "@backstay"
HOME = "mine"
"""The command whose answer is the App Home."""

SHORTCUTS: Mapping[str, str] = {"scorecard": "scorecard", "broadcast": "broadcast", "status": "status"}
"""callback_id of each global shortcut -> the command that it runs."""
FORWARD = "broadcast_message"
"""callback_id of the shortcut on a message, whose text becomes a broadcast."""
MESSAGE_TEXT = 1_500
_SLACKBOT = "USLACKBOT"
"""Slackbot, which posts reminders; Slack says `is_bot: false` of it (github.com/slackapi/bolt-js/issues/794)."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request of one person. `key` is the same when Slack delivers it again; empty where Slack gave none.

    `message`: it is a message, of which `key` names the post and `sent` (`client_msg_id`) what the person's app sent, both
    the same under another event id. `edited_of`: when an edited message was written, in seconds since 1970, else 0.
    `fields`: the values of a submitted form by name; those named in `people` are user ids.
    `outdated`: it comes from a button or form that this version does not understand.
    """

    line: str
    caller: Caller
    place: Destination
    key: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    outdated: bool = False
    people: tuple[str, ...] = ()
    origin: Origin = field(default_factory=Origin)
    message: bool = False
    sent: str = ""
    edited_of: float = 0.0


def from_command(body: Payload) -> ChatRequest:
    """A slash command."""
    labels = {"prefix": text_of(body, "command")}
    user, channel, name = text_of(body, "user_id"), text_of(body, "channel_id"), text_of(body, "user_name")
    trigger = text_of(body, "trigger_id")
    place = Destination(channel, user, response_url=text_of(body, "response_url"), trigger=trigger)
    caller = Caller("slack", user, channel, name, labels=labels)
    return ChatRequest(plain(text_of(body, "text")), caller, place, trigger, origin=origin_of(body))


def from_action(body: Payload, command: str) -> ChatRequest | None:
    """A pressed button; None for one that only opens a link. `command`: the slash command here."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], dict) else {}
    line, kind = text_of(action, "value"), text_of(action, "action_id").partition(".")[0]
    if kind == MORE:
        kind, _, line = text_of(part_of(action, "selected_option"), "value").partition(" ")
    if kind == OPEN or (not line and action.get("url")):
        return None
    place = (
        _in_view(body, deeper=kind == REPLY) if part_of(body, "view") else _on_message(body, replaces=kind == REPLACE)
    )
    caller = _caller(body, place, command)
    return ChatRequest(line, caller, place, place.trigger, outdated=not line, origin=origin_of(body))


def from_mention(body: Payload) -> ChatRequest | None:
    """A mention of the bot in a channel; the answer goes to that message's thread. None where no person wrote it."""
    event = part_of(body, "event")
    if not _by_person(event):
        return None
    thread = text_of(event, "thread_ts") or text_of(event, "ts")
    return _from_event(body, Destination(text_of(event, "channel"), text_of(event, "user"), thread=thread))


def from_direct(body: Payload) -> ChatRequest | None:
    """A direct message to the bot; None for events that no person wrote just now (edits, bots, joins)."""
    event = part_of(body, "event")
    if event.get("channel_type") != "im" or event.get("subtype") or not _by_person(event):
        return None
    return _from_event(
        body, Destination(text_of(event, "channel"), text_of(event, "user"), thread=text_of(event, "thread_ts"))
    )


def from_shortcut(body: Payload, command: str) -> ChatRequest:
    """A shortcut from the menu or on a message; an unknown one is run by its name, which explains the error."""
    name, trigger = text_of(body, "callback_id"), text_of(body, "trigger_id")
    channel, message = text_of(part_of(body, "channel"), "id"), part_of(body, "message")
    thread = text_of(message, "thread_ts") or text_of(message, "ts")
    user, url = text_of(part_of(body, "user"), "id"), text_of(body, "response_url")
    place = Destination(channel, user, thread=thread if channel else "", response_url=url, trigger=trigger)
    if name == FORWARD:
        forwarded = plain(text_of(message, "text"))
        # Nobody is addressed in a broadcast, not even people whom the message named.
        words = with_people(forwarded, dict.fromkeys(people_in(forwarded), ""))[:MESSAGE_TEXT]
        line = f"broadcast {quoted(words)}" if words else "broadcast"
    else:
        line = SHORTCUTS.get(name, name)
    return ChatRequest(line, _caller(body, place, command), place, trigger, origin=origin_of(body))


def from_home(body: Payload, command: str) -> ChatRequest | None:
    """An opened App Home; None for its other tabs."""
    event = part_of(body, "event")
    if event.get("tab", "home") != "home":
        return None
    user = text_of(event, "user")
    caller = Caller("slack", user, labels={"prefix": command})
    place = Destination("", user, home=True)
    return ChatRequest(HOME, caller, place, text_of(body, "event_id"), origin=origin_of(body))


def _by_person(event: Payload) -> bool:
    """Whether a person wrote a message: not a bot, this one included, nor a workflow (docs.slack.dev, bot_message)."""
    by_bot = event.get("bot_id") or event.get("bot_profile") or event.get("subtype") == "bot_message"
    return text_of(event, "user") not in ("", _SLACKBOT) and not by_bot


def _from_event(body: Payload, place: Destination) -> ChatRequest:
    event = part_of(body, "event")
    written = text_of(event, "ts")
    caller = Caller("slack", place.user, place.channel, labels={"prefix": MENTION})
    sent = text_of(event, "client_msg_id")
    return ChatRequest(
        plain(without_mentions(text_of(event, "text"))),
        caller,
        place,
        f"message {place.channel} {written}" if written else text_of(body, "event_id"),
        origin=origin_of(body),
        message=True,
        sent=f"sent {sent}" if sent else "",
        edited_of=_seconds(written) if event.get("edited") else 0.0,
    )


def _seconds(ts: str) -> float:
    """The time of a message's ts, in seconds since 1970; 0 where it is none."""
    try:
        return float(ts)
    except ValueError:
        return 0.0


def _caller(body: Payload, place: Destination, command: str) -> Caller:
    user = part_of(body, "user")
    name = text_of(user, "name") or text_of(user, "username")
    return Caller("slack", place.user, place.channel, name, labels={"prefix": command})


def _on_message(body: Payload, *, replaces: bool) -> Destination:
    """The place of a button on a post: the answer replaces the post, or goes to its thread."""
    container = part_of(body, "container")
    message, hidden = text_of(container, "message_ts"), container.get("is_ephemeral") is True
    # An ephemeral message has no thread.
    thread = text_of(container, "thread_ts") or ("" if replaces or hidden else message)
    return Destination(
        channel=text_of(part_of(body, "channel"), "id") or text_of(container, "channel_id"),
        user=text_of(part_of(body, "user"), "id"),
        thread=thread,
        message=message if replaces else "",
        origin=message,
        hidden=hidden,
        response_url=text_of(body, "response_url"),
        trigger=text_of(body, "trigger_id"),
    )


def _in_view(body: Payload, *, deeper: bool) -> Destination:
    """The place of a button in a modal or in the App Home: a modal's answer stays in it, the App Home's opens one."""
    view, user, trigger = part_of(body, "view"), text_of(part_of(body, "user"), "id"), text_of(body, "trigger_id")
    if text_of(view, "type") != "modal":
        return Destination("", user, trigger=trigger)
    return unpacked(text_of(view, "private_metadata"), user).within(text_of(view, "id"), trigger, deeper=deeper)
