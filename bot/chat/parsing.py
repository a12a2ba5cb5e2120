"""Splits a typed line into a command word, its arguments and its options."""

import shlex
from collections.abc import Collection, Mapping, Sequence

MAX_LINE = 2_000
# Phones turn straight quotes into typographic ones and put no-break or zero-width characters between words.
_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u00a0\u2007\u202f\u3000\t\r\n", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", None),
    }
)


def straighten(typed: str) -> str:
    """The text with straight quotes and plain spaces, trimmed."""
    return typed.translate(_STRAIGHT).strip()


def split(typed: str) -> list[str]:
    """Split a line as a shell would; a quote that is never closed, or an apostrophe, is a plain character.

    Only the first 2,000 characters count: no command needs more.
    """
    line = straighten(typed[:MAX_LINE])
    try:
        return shlex.split(line)
    except ValueError:
        return [part for part in (word.strip("\"'") for word in line.split()) if part]


def arguments(parts: Sequence[str], keys: Collection[str]) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Separate a command's words from its options: `page=2` is an option where the command knows `page`, else a word."""
    words: list[str] = []
    options: dict[str, str] = {}
    for part in parts:
        key, equals, value = part.partition("=")
        if equals and key.lower() in keys:
            options[key.lower()] = value
        else:
            words.append(part)
    return tuple(words), options


def quoted(*words: str) -> str:
    """A command line that `split` splits into these words again."""
    return shlex.join(words)
