"""Wraps a card into a message for Teams: the body that a bot posts, and that a Workflows webhook takes."""

from typing import Any

from bot.cards.card import Card
from bot.cards.render.teams import render
from bot.cards.render.teams_text import literal
from bot.cards.sanitise import cut

CARD = "application/vnd.microsoft.card.adaptive"
SUMMARY = 400


def message(card: Card, *, interactive: bool = True) -> dict[str, Any]:
    """The message with the card, and with the `summary` that notifications and the list of chats show: a card alone is "a card".

    Sources: learn.microsoft.com, "Send proactive messages" (`summary`); "Create incoming webhooks with Workflows". `interactive`:
    as in `render`.
    """
    return {
        "type": "message",
        "summary": cut(f"{literal(card.title)}: {literal(card.summary)}", SUMMARY),
        "attachments": [{"contentType": CARD, "content": render(card, interactive=interactive)}],
    }
