"""A message as plain data, for receivers that are programs: webhooks, templates, files."""

from typing import Any

from bot.cards.card import load
from bot.cards.render import text as to_text
from bot.model import Message


def content(message: Message) -> dict[str, Any]:
    """The fields of a message that a receiver or a template gets."""
    card = load(message.card)
    return {
        "id": message.id,
        "kind": card.kind,
        "title": card.title,
        "text": to_text.render(card),
        "card": dict(message.card),
        "data": card.data,
        "audience": message.audience,
        "created_at": message.created_at.isoformat() if message.created_at else None,
    }
