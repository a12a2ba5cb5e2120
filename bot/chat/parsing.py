"""Splits a typed line into a command word, its arguments and its options, and keeps free text as it was typed."""

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

MAX_LINE = 12_000
"""Longer than Slack's longest message of 4,000 characters, each of which may be escaped."""

# Phones turn straight quotes, hyphens and spaces into typographic ones and put marks without width between words.
_DOUBLE, _SINGLE = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033', "'\u2018\u2019\u201a\u201b\u2032"
_NO_WIDTH = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f"
_UNSEEN = re.compile(f"[{_NO_WIDTH}\x00-\x08\x0e-\x1f\x7f]")
_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys(_DOUBLE, '"'),
        **dict.fromkeys(_SINGLE, "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2007\u202f\u3000\u2028\u2029\t\r\n\v\f", " "),
        "\uff0f": "/",
        "\uff1d": "=",
    }
)
_PLAIN_SPACES = str.maketrans(dict.fromkeys("\u00a0\u2007\u202f\u3000", " "))
# A quote opens at the beginning of a word and closes at the end of one, so that an apostrophe is a plain character.
# `'"'"'` is an apostrophe within single quotes, as `quoted` writes it.
_WORD = re.compile(
    rf"""(?:(?P<key>[A-Za-z]+=))?(?:
        '(?P<single>(?:'"'"'|[^'])*)'(?=\s|$)
        |[{_DOUBLE}](?P<double>[^{_DOUBLE}]*)[{_DOUBLE}](?=[\s.,;:!?]|$)
        |[\u2018\u201a](?P<curly>[^\u2018\u2019\u201a\u201b]*)[\u2018\u2019\u201b](?=\s|$)
    )|\S+""",
    re.VERBOSE,
)
_ENDS = ".,;:!?…`\u00a1\u00bf\"'"
_MARKED = re.compile(r"^\s*([*_~`]+)(?P<inside>[^*~`]+)\1\s*$", re.DOTALL)
_BRACKETED = re.compile(r"^\s*\((?P<inside>[^()]+)\)[\s.,;:!?]*$", re.DOTALL)
_ONLY_MARKS = re.compile(r"[^\w*/\"'=]+")


class Typed(NamedTuple):
    """One word of a line.

    `text`: for look-ups, with straight quotes and without marks at its ends; empty where it is made of marks alone. `raw`: as it
    was typed, with the space before it. `inner`: as it was typed, without the quotes around it.
    """

    text: str
    raw: str
    inner: str


def straighten(typed: str) -> str:
    """The text with straight quotes, hyphens and spaces, without marks that cannot be seen, trimmed."""
    return _UNSEEN.sub("", typed).translate(_STRAIGHT).strip()


def split(typed: str) -> list[str]:
    """The words of a line; what is in quotes is one word."""
    return [word.text for word in words(typed) if word.text]


def words(typed: str) -> list[Typed]:
    """The words of a line: a quote that is never closed, and an apostrophe, are plain characters.

    Only the first 12,000 characters count: no command needs more.
    """
    line = typed[:MAX_LINE]
    if marked := _MARKED.match(line) or _BRACKETED.match(line):  # `scorecard checkout` as code, in bold, in brackets
        line = marked["inside"]
    line = _spaced(line)
    found: list[Typed] = []
    end = 0
    for word in _WORD.finditer(line):
        found.append(Typed(_text(word), line[end : word.end()], _inner(word)))
        end = word.end()
    return found


def arguments(parts: Sequence[Typed], keys: Collection[str]) -> tuple[tuple[Typed, ...], Mapping[str, str]]:
    """Separate a command's words from its options: `page=2` is an option where the command knows `page`, else a word."""
    plain: list[Typed] = []
    options: dict[str, str] = {}
    for part in parts:
        key, equals, value = part.text.partition("=")
        key = key.lstrip("-").lower()
        if equals and key in keys:
            options[key] = value
        else:
            plain.append(part)
    return tuple(plain), options


def quoted(*words: str) -> str:
    """A command line that `split` splits into these words again."""
    return " ".join(_quoted_word(word) for word in words)


def free_text(parts: Sequence[Typed], skip: int = 0) -> str:
    """The words as they were typed, with their quotes, spaces and line breaks; without the quotes around all of it.

    `skip`: how many words are left out at the beginning; what is made of marks alone is not counted.
    """
    while skip and parts:
        skip -= bool(parts[0].text)
        parts = parts[1:]
    if not parts:
        return ""
    typed = "".join(part.raw for part in parts).strip()
    around = _DOUBLE + _SINGLE
    return parts[0].inner if len(parts) == 1 and typed[0] in around and typed[-1] in around else typed


def _quoted_word(word: str) -> str:
    plain = shlex.quote(word)
    if plain == word and split(word) != [word]:
        return f"'{word}'"
    return plain


def _spaced(line: str) -> str:
    """The line with every kind of space as one that ends a word; marks without width stay in free text."""
    return line.translate(_PLAIN_SPACES)


def _quoted_text(word: re.Match[str]) -> str | None:
    if word["single"] is not None:
        return word["single"].replace("'\"'\"'", "'")
    return word["double"] if word["double"] is not None else word["curly"]


def _inner(word: re.Match[str]) -> str:
    inside = _quoted_text(word)
    return word[0] if inside is None else f"{word['key'] or ''}{inside}"


def _text(word: re.Match[str]) -> str:
    """The word for look-ups, empty where it is made of marks alone."""
    inside = _quoted_text(word)
    if inside is not None:
        return f"{word['key'] or ''}{straighten(inside)}"
    text = straighten(word[0])
    return "" if _ONLY_MARKS.fullmatch(text) else text.strip(_ENDS)
