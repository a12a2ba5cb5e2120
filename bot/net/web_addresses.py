"""Breaks web addresses in text, so that no program turns them into links."""

import re

# Shown with no width, and no program reads an address across it.
BREAK = "\u200c"
_ADDRESS = re.compile(r"(?<=[A-Za-z0-9]):(?=//)|(?<=\bwww)(?=\.)|(?<=\bmailto):", re.IGNORECASE)


def unlinked(text: str) -> str:
    """The text, which looks as before, with every web address broken after its scheme."""
    return _ADDRESS.sub(lambda found: found[0] + BREAK, text)
