"""A message as plain data, for receivers that are programs: webhooks, templates, files."""

from typing import Any

from bot.cards.bare_links import for_any_chat
from bot.cards.card import load
from bot.cards.render import text as to_text
from bot.model import Message
from bot.model.notifications import ENDS, NotificationReason, alert_key


def content(message: Message) -> dict[str, Any]:
    """The fields of a message that a receiver or a template gets.

    `title` and `text` are for people: nothing in them can be followed or calls anybody. `card` is as it was posted.
    """
    card = load(message.card)
    shown = for_any_chat(card)
    return {
        "id": message.id,
        "kind": card.kind,
        "title": shown.title,
        "text": to_text.render(shown),
        "card": dict(message.card),
        "data": card.data,
        "audience": message.audience,
        "created_at": message.created_at.isoformat() if message.created_at else None,
        "incident": incident_state(message),
    }


def incident_state(message: Message) -> dict[str, str] | None:
    """The incident that a message is about, for receivers that open and close something: None where it is about none.

    `key` is the same from the beginning of the incident to its end, for each audience; `state` is `firing` or `resolved`.
    """
    if not message.incident:
        return None
    return {
        "id": message.incident,
        "key": key_of(message),
        "state": "resolved" if is_end(message) else "firing",
        "reason": message.reason,
    }


def key_of(message: Message) -> str:
    """The key of the alert that a message is about; versions before 0013 posted it without."""
    return message.alert_key or alert_key(message.incident, message.audience)


def is_end(message: Message) -> bool:
    """Whether a message says that its incident is over."""
    return message.reason in ENDS


def is_acknowledgement(message: Message) -> bool:
    """Whether a message says only that somebody responds."""
    return message.reason == NotificationReason.ACKNOWLEDGED
