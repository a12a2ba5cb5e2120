"""Makes outside text harmless before a renderer shows it.

Names, evidence and feed text come from elsewhere. Invisible characters are dropped (control characters, terminal escapes,
changes of writing direction, halves of characters); right-to-left text keeps its direction to itself.
"""

import re
import unicodedata
from datetime import UTC, datetime

_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters, the terminal's escape among them
    "\u202a-\u202e\u2066\u2067\u200e\u200f\u061c"  # overrides, isolates of one direction and marks of direction
    "\u200b\u2060\ufeff\U000e0000-\U000e007f]"  # nothing wide at all, tag characters
)
_HALVES = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_ISOLATE, _END = "\u2068", "\u2069"
_BALANCED = re.compile("[^\u2068\u2069]*(?:\u2068[^\u2068\u2069]*\u2069[^\u2068\u2069]*)*")


def clean(text: str) -> str:
    """One line of what can be seen: unseen characters dropped, every run of white space a single space."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text
    text = _HALVES.sub("\ufffd", _UNSEEN.sub("", text))
    text = unicodedata.normalize("NFC", _SPACE.sub(" ", text))
    if (_ISOLATE in text or _END in text) and not _BALANCED.fullmatch(text):
        text = text.replace(_ISOLATE, "").replace(_END, "")
    return text


def isolated(text: str) -> str:
    """Cleaned text; where it has letters written from right to left they do not change the direction of the text beside them.

    Names are isolated when a sentence is made with them; a whole sentence that has such names in it is left as it is.
    """
    text = clean(text)
    return f"{_ISOLATE}{text}{_END}" if _RIGHT_TO_LEFT.search(text) and _ISOLATE not in text else text


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, an ellipsis where something went; an isolate that was opened is closed again."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    if kept.count(_ISOLATE) > kept.count(_END):
        kept = kept[:-1] + _END
    return kept.rstrip("\u200d\ufe0f ") + "…"


def brief(text: str, words: int) -> str:
    """At most so many words, an ellipsis where something went; an isolate that was opened is closed again."""
    found = text.split()
    if len(found) <= words:
        return text
    kept = " ".join(found[: max(1, words)]).rstrip(",;:.")
    return kept + (_END if kept.count(_ISOLATE) > kept.count(_END) else "") + "…"


def secure(link: str) -> str:
    """The link where it is https and has no character that could end it early, else nothing."""
    return link if re.fullmatch(r"https://[^\s<>|\"'`{}\\^\x00-\x1f\x7f]{1,2000}", link) else ""


def moment(at: datetime, *, day: bool = False) -> str:
    """`23 Nov 2026, 12:44 UTC`, the day alone with `day`."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y}" if day else f"{at.day} {at:%b %Y, %H:%M} UTC"
