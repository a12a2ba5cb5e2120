"""Renders text of a card for Slack: literal runs of a rich_text block, or mrkdwn where Slack takes nothing else.

A rich_text run is never parsed, so data cannot format, mention or link there. In mrkdwn `&`, `<` and `>` are escaped, which
ends every mention and link, and marks that could begin or end a format are shown by their twins.
"""

import re
from typing import Any

from bot.cards.card import Span, Text
from bot.cards.sanitise import clean, cut, isolated, moment, secure
from bot.net.web_addresses import unlinked

SYMBOLS = {"good": "✅ ", "warning": "⚠️ ", "bad": "❌ ", "unclear": "❔ "}
_TWINS = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼"})
_EDGE = re.compile(r"(?<!\w)[*_~]+|[*_~]+(?!\w)")
_CONTROL = re.compile(r"<(?=[!@#])")
_MOMENT, _DAY = "{date_short_pretty} {time}", "{date_short}"


def literal(text: str) -> str:
    """Text for a place that Slack does not parse. A control sequence is broken all the same: others copy our messages on."""
    return _CONTROL.sub("<\u2060", isolated(text))


def escaped(text: str) -> str:
    """Text for mrkdwn in which nothing formats, mentions, quotes or links."""
    text = unlinked(isolated(text)).replace("`", "ˋ")
    text = _EDGE.sub(lambda mark: mark[0].translate(_TWINS), text)
    text = re.sub(r"^>", "›", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(text: Text, limit: int) -> str:
    """Spans as mrkdwn of at most `limit` characters: whole spans, so that no escape and no format is cut in two."""
    written, room = [], limit - 1
    for span in text:
        piece = _mrkdwn_span(span)
        if len(piece) > room:
            written.append(_mrkdwn_span(Span(cut(clean(span.text), max(room // 6, 1)), span.mark))[:room] + "…")
            break
        written.append(piece)
        room -= len(piece)
    return "".join(written)


def _mrkdwn_span(span: Span) -> str:
    if span.at is not None:
        fallback = escaped(span.text or moment(span.at, day=span.day)).replace("|", "/")
        return f"<!date^{int(span.at.timestamp())}^{_DAY if span.day else _MOMENT}|{fallback}>"
    shown = SYMBOLS.get(span.mark, "") + escaped(span.text)
    if not shown.strip():
        return shown
    if link := secure(span.link):
        return f"<{link.replace('&', '&amp;')}|{shown.replace('|', '/')}>"
    if span.mark == "code":
        return f"`{_code(span.text)}`"
    return f"*{shown.strip()}*" if span.mark == "bold" else shown


def _code(text: str) -> str:
    # Nothing but the backtick ends code, so names of resources stay as they are and can be copied.
    text = isolated(text).replace("`", "ˋ")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def runs(text: Text, limit: int) -> list[dict[str, Any]]:
    """Spans as elements of a rich_text section, at most `limit` characters in all."""
    made: list[dict[str, Any]] = []
    for span in text:
        if limit <= 1:
            break
        element = _run(span, limit)
        if element is not None:
            made.append(element)
            limit -= len(element.get("text", "")) or 20
    return made or [{"type": "text", "text": "–"}]


def _run(span: Span, limit: int) -> dict[str, Any] | None:
    if span.at is not None:
        fallback, form = literal(span.text or moment(span.at, day=span.day)), _DAY if span.day else _MOMENT
        return {"type": "date", "timestamp": int(span.at.timestamp()), "format": form, "fallback": fallback}
    shown = cut(SYMBOLS.get(span.mark, "") + literal(span.text), limit)
    if not shown:
        return None
    if link := secure(span.link):
        return {"type": "link", "url": link, "text": shown}
    style = {"bold": "bold", "bad": "bold", "code": "code"}.get(span.mark)
    return {"type": "text", "text": shown, **({"style": {style: True}} if style else {})}


def line(text: Text) -> str:
    """Spans as one literal line, links and marks dropped."""
    return "".join(_plain(span) for span in text)


def _plain(span: Span) -> str:
    if span.at is not None:
        return literal(span.text or moment(span.at, day=span.day))
    return SYMBOLS.get(span.mark, "") + literal(span.text)
