"""Escapes text for Markdown."""

import re

from bot.net.web_addresses import unlinked

_MARKS = re.compile(r"([\\`*_\[\]#|~$<>&])")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def inert(text: str) -> str:
    """Escape text so that Markdown shows it literally: no markup, no HTML, no link, no mention, one line."""
    return _MARKS.sub(r"\\\1", unlinked(_CONTROLS.sub(" ", text))).replace("@", "@\u200b").strip()
