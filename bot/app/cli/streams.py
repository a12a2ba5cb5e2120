"""Makes standard output and standard error take every character, whatever their encoding is, and end quietly when a pipe closes."""

import codecs
import os
import sys
from typing import Final, NoReturn, TextIO

import typer

PIPE_CLOSED: Final = 141
"""Exit code when the reader of standard output has gone: 128 and SIGPIPE, as shells count it."""

_FALLBACK: Final = "backstay.plain"
# What a reader of ASCII sees in place of the signs that cards and tables use.
_PLAIN: Final = {
    "✓": "+",
    "✗": "x",
    "×": "x",
    "•": "*",
    "·": "*",
    "–": "-",
    "—": "-",
    "\u2212": "-",
    "…": "...",
    "→": "->",
    "←": "<-",
    "↑": "^",
    "↓": "v",
    "▲": "^",
    "▼": "v",
    "›": ">",
    "\u2039": "<",
    "≥": ">=",
    "≤": "<=",
    "“": '"',
    "”": '"',
    "„": '"',
    "\u2018": "'",
    "\u2019": "'",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "█": "#",
    "░": ".",
    "─": "-",
    "━": "-",
    "│": "|",
}
_SPARKS: Final = "▁▂▃▄▅▆▇"
_LEVELS: Final = "_.:-=+*"


def accept_every_character() -> None:
    """Let standard output and standard error write a plain twin for each character that their encoding lacks."""
    codecs.register_error(_FALLBACK, _plain_twins)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors=_FALLBACK)


def emit(text: str, stream: TextIO) -> None:
    """Write text and flush it.

    Raises:
        typer.Exit: the reader of the stream has gone (code 141); nothing is printed about it.
    """
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        end_quietly(stream)


def end_quietly(stream: TextIO) -> NoReturn:
    """End without a message after the reader of a stream has gone.

    Raises:
        typer.Exit: always (code 141).
    """
    # The interpreter flushes the stream once more when it ends: that must not fail again.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
    raise typer.Exit(PIPE_CLOSED)


def _plain_twins(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_plain_twin(letter) for letter in error.object[error.start : error.end]), error.end


def _plain_twin(letter: str) -> str:
    """ASCII for one character: its twin, its base letter without accents, nothing for marks that take no place, else `?`."""
    import unicodedata

    if letter in _PLAIN:
        return _PLAIN[letter]
    if letter in _SPARKS:
        return _LEVELS[_SPARKS.index(letter)]
    if unicodedata.category(letter) in {"Cf", "Mn", "Me"}:
        return ""
    base = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode("ascii")
    return base or "?"
