"""Renders text of a card for Teams: literal runs of a RichTextBlock, or a TextBlock where a moment must be shown.

A TextRun is never parsed for markdown. A TextBlock is, and it alone shows a moment in the reader's time zone, so there
marks that could begin a format or a link are shown by their twins. `{{` and `${` never pass: Teams and the template
language would fill them in.
"""

import re
from datetime import UTC
from typing import Any

from bot.cards.card import Span, Text
from bot.cards.sanitise import cut, isolated, secure
from bot.net.web_addresses import unlinked

SYMBOLS = {"good": "✅ ", "warning": "⚠️ ", "bad": "❌ ", "unclear": "❔ "}
NOTHING = "–"
_COLOURS = {"good": "Good", "warning": "Warning", "bad": "Attention"}
_FILLED = re.compile(r"(?<=[{$])(?=\{)")
_EDGE = re.compile(r"\*+|(?<!\w)[_~]+|[_~]+(?!\w)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_TWINS = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼"})
_MENTION = re.compile(r"<(?=/?at\b)", re.IGNORECASE)


def literal(text: str) -> str:
    """Text for a place that is not parsed: placeholders and mentions are broken all the same."""
    return _MENTION.sub("<\u2060", _FILLED.sub("\u2060", isolated(text)))


def unmarked(text: str) -> str:
    """Text for a TextBlock in which nothing formats, lists or links."""
    text = _EDGE.sub(lambda mark: mark[0].translate(_TWINS), unlinked(literal(text))).replace("`", "ˋ")
    # Markdown takes <https://...> for a link and <word> for a tag that is not shown.
    text = _ENTITY.sub("&\u2060", _TAG.sub("<\u2060", text))
    text = text.replace("](", "]\u2060(").replace("\\", "\\\\")
    return re.sub(r"^(\s*)([-+#>]|\d+[.)])(?=\s)", "\\1\u2060\\2", text)


def block(words: Text, limit: int, **look: Any) -> dict[str, Any]:
    """One element for spans of at most `limit` characters; `look` is laid on a TextBlock or on every run (size, weight)."""
    if any(span.at is not None for span in words):
        shown = cut("".join(_marked(span) for span in words), limit)
        return {"type": "TextBlock", "text": shown, "wrap": True, **look}
    runs: list[dict[str, Any]] = []
    for span in words:
        if limit > 1 and (run := _run(span, limit)):
            runs.append(run | look)
            limit -= len(run["text"])
    return {"type": "RichTextBlock", "inlines": runs or [{"type": "TextRun", "text": NOTHING}]}


def title(words: str, limit: int, **look: Any) -> dict[str, Any]:
    """A TextBlock of one plain text: headings are read out as such only there."""
    return {"type": "TextBlock", "text": cut(unmarked(words), limit) or NOTHING, "wrap": True, **look}


def line(words: Text) -> str:
    """Spans as one line for places that take a string and parse it (facts)."""
    return "".join(_marked(span) for span in words)


def _marked(span: Span) -> str:
    if span.at is not None:
        at = span.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{{{{DATE({at}, SHORT)}}}}" + ("" if span.day else f" {{{{TIME({at})}}}}")
    return SYMBOLS.get(span.mark, "") + unmarked(span.text)


def _run(span: Span, limit: int) -> dict[str, Any] | None:
    text = cut(SYMBOLS.get(span.mark, "") + literal(span.text), limit)
    if not text:
        return None
    run: dict[str, Any] = {"type": "TextRun", "text": text}
    if span.mark in ("bold", *_COLOURS):
        run["weight"] = "Bolder"
    if colour := _COLOURS.get(span.mark):
        run["color"] = colour
    if span.mark == "code":
        run["fontType"] = "Monospace"
    if span.mark == "quiet":
        run["isSubtle"] = True
    if link := secure(span.link):
        run["selectAction"] = {"type": "Action.OpenUrl", "url": link}
    return run
