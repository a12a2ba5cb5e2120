"""Breaks web addresses in text, which mail programs and chats turn into links on their own.

A name, a reason or a feed's text is somebody else's: only what a card itself links may be followed with a click.
"""

import re
from typing import Any

from bot.cards.card import Card, load

# Renderers keep this mark, which has no width, and no program reads an address across it.
BREAK = "\u200c"
_ADDRESS = re.compile(r"(?<=[A-Za-z0-9]):(?=//)|(?<=\bwww)(?=\.)|(?<=\bmailto):", re.IGNORECASE)
_NOT_SHOWN = frozenset({"link", "command", "opens", "data", "mark", "type", "kind", "tone", "at", "name", "value"})


def unlinked(text: str) -> str:
    """The text, which looks as before, with every web address broken after its scheme."""
    return _ADDRESS.sub(lambda found: found[0] + BREAK, text)


def without_bare_links(card: Card) -> Card:
    """The card with its text unlinked. What it links itself stays a link, and code stays as it is, to be copied."""
    return load(_walked(card.dump()))


def _walked(part: Any, key: str = "") -> Any:
    if isinstance(part, str):
        return part if key in _NOT_SHOWN else unlinked(part)
    if isinstance(part, list | tuple):
        return [_walked(item, key) for item in part]
    if not isinstance(part, dict) or key == "data":
        return part
    if part.get("mark") == "code" or part.get("link"):
        return part
    return {name: _walked(item, name) for name, item in part.items()}
