"""Renders text as YAML: scalars on one line, and comments that hide secrets."""

import re
import textwrap
from collections.abc import Iterator

from bot.catalogue import secret_kind

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
# Words that some YAML version reads as a boolean or null.
_RESERVED = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def scalar(text: str) -> str:
    """Text as a YAML scalar on one line; quotes, colons, line feeds and control characters are escaped."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    code = ord(letter)
    if 0xD800 <= code <= 0xDFFF:  # an unpaired surrogate is not a character
        return "\ufffd"
    if letter.isprintable():
        return letter
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def comment(text: str) -> str:
    """Text as one line of a comment. Text that looks like a secret is replaced."""
    if secret_kind(text):
        return "(hidden: looks like a secret)"
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return printable if len(printable) <= 160 else printable[:159] + "…"


def comment_lines(text: str, first: str = "# ", then: str = "#   ") -> Iterator[str]:
    """Text as lines of a comment, at most 120 columns wide. Text that looks like a secret is replaced."""
    if secret_kind(text):
        text = "(hidden: looks like a secret)"
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    yield from textwrap.wrap(
        printable, 120, initial_indent=first, subsequent_indent=then, break_long_words=False, break_on_hyphens=False
    )
