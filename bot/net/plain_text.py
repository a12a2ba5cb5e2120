"""Turns text of a status feed into plain text: markup is dropped, entities are resolved, hidden characters are removed."""

import html
import re

TITLE = 300
TEXT = 20_000

# Not the standard library's HTMLParser: 80,000 characters of unclosed tags keep it busy for more than a minute.
_START = re.compile(r"<(?:!--|!\[CDATA\[|/?[a-zA-Z]|[!?/])")
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,15})")
_REST = re.compile(r"""(?:[^<>"']+|"[^"]{0,1000}"|'[^']{0,1000}'|["'])*+>""")
_LINES = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "hr", "pre"})
_CELLS = frozenset({"td", "th", "dt", "dd", "option"})
_SILENT = frozenset({"script", "style", "template", "head", "noscript", "iframe", "svg", "object"})
_ESCAPED = re.compile(r"</(?:p|div|li|ul|ol|b|i|em|strong|a|span|script|table)>|<(?:br|hr|p)\s?/?>", re.IGNORECASE)
# html.unescape hands these to int(), which refuses more than 4,300 digits.
_ENDLESS = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")
# Controls, halves of surrogate pairs, and marks that hide text or turn its direction (Unicode overrides, isolates and tags).
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff"
    "\U000e0000-\U000e007f]"
)


def plain(text: str, most: int = TEXT) -> str:
    """Convert HTML or plain text to plain text of at most `most` characters; paragraphs become lines, runs of spaces one space.

    Markup that was escaped twice is dropped as well.
    """
    text = text[: 4 * most]
    # Most texts of most feeds are a plain line already.
    if len(text) <= most and text.isascii() and text.isprintable() and not ("<" in text or "&" in text or "  " in text):
        return text.strip()
    text = _unescaped(_stripped(text))
    if _ESCAPED.search(text):
        text = _unescaped(_stripped(text))
    text = _UNSEEN.sub("", text.replace("\r", "\n"))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)[:most].rstrip()


def line(text: str, most: int = TITLE) -> str:
    """Convert HTML or plain text to one line of plain text, for titles and names."""
    return " ".join(plain(text, most).split())


def _stripped(text: str) -> str:
    """The text without tags, comments, scripts and styles. A `<` without a `>` is text."""
    parts, at = [], 0
    while start := _START.search(text, at):
        parts.append(text[at : start.start()])
        replacement, at = _tag(text, start)
        parts.append(replacement)
    return "".join([*parts, text[at:]]) if parts else text


def _tag(text: str, start: re.Match[str]) -> tuple[str, int]:
    """What replaces the tag that starts here, and where it ends."""
    if start[0] == "<!--":
        return "", _after(text, "-->", start.end())
    if start[0] == "<![CDATA[":
        end = text.find("]]>", start.end())
        return (text[start.end() : end], end + 3) if end >= 0 else ("", start.end())
    rest = _REST.match(text, start.start() + 1)
    if not rest:
        return "<", start.start() + 1
    word = _NAME.match(text, start.start() + 1)
    name = word[1].lower() if word else ""
    if name in _SILENT and text[start.start() + 1] != "/" and not text.endswith("/>", 0, rest.end()):
        closing = re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE).search(text, rest.end())
        return "", closing.end() if closing else len(text)
    return "\n" if name in _LINES else " " if name in _CELLS else "", rest.end()


def _after(text: str, end: str, at: int) -> int:
    found = text.find(end, at)
    return found + len(end) if found >= 0 else len(text)


def _unescaped(text: str) -> str:
    return html.unescape(_ENDLESS.sub("", text)) if "&" in text else text
