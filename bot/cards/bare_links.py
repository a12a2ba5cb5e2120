"""Takes the effect from text of others on a card: web addresses, which programs turn into links, and what calls people.

A name, a reason or a feed's text is somebody else's: only what a card itself links may be followed with a click.
"""

import re
from collections.abc import Callable
from typing import Any

from bot.cards.card import Card, load
from bot.net.web_addresses import BREAK, unlinked

# Markup of chats that take our plain text: a link or a mention of Slack's kind, a call of everybody, a link in Markdown.
_MARKUP = re.compile(r"<(?=[!@#]|[a-z][a-z0-9+.-]*:)|@(?=(?:everyone|here|channel|all|room)\b)|\](?=\()", re.IGNORECASE)
_NOT_SHOWN = frozenset({"link", "command", "opens", "data", "mark", "type", "kind", "tone", "at", "name", "value"})


def without_bare_links(card: Card) -> Card:
    """The card with its text unlinked. What it links itself stays a link, and code stays as it is, to be copied."""
    return load(_walked(card.dump(), unlinked))


def for_any_chat(card: Card) -> Card:
    """The card for a receiver whose markup is not known: unlinked, and nobody is called by its text."""
    return load(_walked(card.dump(), lambda shown: _MARKUP.sub(lambda found: found[0] + BREAK, unlinked(shown))))


def _walked(part: Any, change: Callable[[str], str], key: str = "") -> Any:
    if isinstance(part, str):
        return part if key in _NOT_SHOWN else change(part)
    if isinstance(part, list | tuple):
        return [_walked(item, change, key) for item in part]
    if not isinstance(part, dict) or key == "data":
        return part
    if part.get("mark") == "code" or part.get("link"):
        return part
    return {name: _walked(item, change, name) for name, item in part.items()}
