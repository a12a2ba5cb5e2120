"""Renders a card for Microsoft Teams: an Adaptive Card 1.5 within the size that bots and webhooks take.

Sources: the Adaptive Cards schema explorer; Teams' limits for bots (100 KB) and for Workflows webhooks (28 KB), counted as
UTF-16. What does not fit is cut with a count; the buttons are kept.
"""

import json
from dataclasses import replace
from itertools import groupby
from typing import Any, assert_never

from bot.cards.card import (
    Block,
    Button,
    Buttons,
    Card,
    Chart,
    Form,
    Gauge,
    Heading,
    Items,
    Pairs,
    Paragraph,
    Rule,
    Span,
    Table,
    Text,
    text,
)
from bot.cards.render import teams_chart
from bot.cards.render.teams_form import inputs
from bot.cards.render.teams_text import NOTHING, block, line, literal, title
from bot.cards.render.text import column_widths, plain
from bot.cards.sanitise import clean, cut, secure
from bot.cards.wording import bar, coverage_words, symbol

BOT_BYTES = 76_000  # Teams takes 100 KB; the message round the card needs some
WEBHOOK_BYTES = 25_000  # of 28 KB
TITLE, PARAGRAPH, CELL = 300, 4000, 600
ACTIONS = 6  # more are folded behind "…" and hard to reach
COLUMNS = 4
PHONE = 26
"""Bold letters beside each other in the 236 px that a card has inside of 300 px: Teams lets longer words overlap."""
VERB = "command"
"""Verb of every Action.Execute. Its data: {"command": the command line, "update": whether the answer replaces the card}, and of a
form what was filled in, each under `field.` and its name."""

EMPTY = text("–")  # an empty cell of a table; left out where names are beside the values
_CONTAINERS = {"good": "good", "warning": "warning", "bad": "attention", "neutral": "emphasis"}


def render(card: Card, *, interactive: bool = True) -> dict[str, Any]:
    """The Adaptive Card. `interactive=False` is for Workflows webhooks, which cannot run a command: those are written out."""
    sheet = _Sheet(card, interactive=interactive)
    actions = {"actions": sheet.actions} if sheet.actions else {}
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "fallbackText": _fallback(card),
        "speak": _fallback(card),
        "msteams": {"width": "full"},
        "body": sheet.body,
        **actions,
    }


def size(part: Any) -> int:
    """Bytes as Teams counts them: UTF-16 of the JSON."""
    return len(json.dumps(part, ensure_ascii=False).encode("utf-16-le", "surrogatepass"))


def _fallback(card: Card) -> str:
    return cut(f"{literal(card.title)}: {literal(card.summary)}", 800)


class _Sheet:
    """One card being laid out: its body, its actions and the room that is left."""

    def __init__(self, card: Card, *, interactive: bool) -> None:
        self.body: list[dict[str, Any]] = []
        self.interactive = interactive
        buttons = [button for part in card.blocks if isinstance(part, Buttons) for button in part.buttons]
        forms = [part for part in card.blocks if isinstance(part, Form)] if interactive else []
        made = [self._action(button, beside_form=bool(forms)) for button in buttons]
        self.actions = [*map(_submit, forms), *(action for action in made if action)][:ACTIONS]
        written = [] if interactive else _commands(buttons)
        self.room = (
            (BOT_BYTES if interactive else WEBHOOK_BYTES) - size([self.actions, written]) - 2 * size(_fallback(card))
        )
        self._put([_banner(card)])
        dropped = sum(not self._put(self._draw(part)) for part in card.blocks)
        if dropped:
            noun = "part does" if dropped == 1 else "parts do"
            self.body.append(_quiet(text(f"… {dropped} more {noun} not fit into one message.")))
        self.body += written

    def _put(self, drawn: list[dict[str, Any]]) -> bool:
        needed = size(drawn)
        if needed > self.room:
            return False
        self.body += drawn
        self.room -= needed
        return True

    def _draw(self, part: Block) -> list[dict[str, Any]]:  # noqa: C901, PLR0911 - one arm for each kind of block
        match part:
            case Paragraph():
                return [_quiet(part.text) if part.quiet else block(part.text, PARAGRAPH)]
            case Heading():
                return [title(part.text, TITLE, weight="Bolder", size="Medium", style="heading", spacing="Large")]
            case Pairs():
                return _facts(part)
            case Items():
                return self._items(part)
            case Table():
                return self._table(part)
            case Gauge():
                return [_gauge(part)]
            case Chart():
                return self._chart(part)
            case Rule():
                return [{"type": "Container", "separator": True, "spacing": "Medium", "items": []}]
            case Buttons():
                return []
            case Form():
                return inputs(part) if self.interactive else [block(part.spelled_out()[0].text, PARAGRAPH)]
            case _ as never:
                assert_never(never)

    def _chart(self, part: Chart) -> list[dict[str, Any]]:
        """A picture where the client draws one, else the table or the line; both with a sentence on what it shows."""
        plain = teams_chart.written(part)
        if part.instead is not None:
            plain = {"type": "Container", "items": self._table(part.instead)}
        said = _quiet(text(part.alt))
        drawn = teams_chart.element(part, plain)
        # Teams keeps a chart's own title for screen readers. Bars are under a heading already.
        named = [block((Span(part.title, "bold"),), TITLE)] if part.kind == "line" else []
        return [{"type": "Container", "spacing": "Medium", "items": [*named, drawn or plain, said]}]

    def _items(self, part: Items) -> list[dict[str, Any]]:
        rows, room = [], self.room - 800
        for number, item in enumerate(part.items, 1):
            row = _item(f"{number}." if part.numbered else "•", item)
            room -= size(row) + 4
            if room < 0:
                break
            rows.append(row)
        return rows + _left_out(part.left_out + len(part.items) - len(rows))

    def _table(self, part: Table) -> list[dict[str, Any]]:
        widths = _widths(part)
        rows, room = [], self.room - 2000
        for row in part.rows:
            drawn = _row(row) if widths else _stacked(part.columns, row)
            room -= size(drawn) + 4
            if room < 0:
                break
            rows.append(drawn)
        left_out = _left_out(part.left_out + len(part.rows) - len(rows))
        if not widths or not rows:
            return rows + left_out
        table = {
            "type": "Table",
            "columns": [{"width": width} for width in widths],
            "firstRowAsHeader": True,  # the schema's spelling; renderers read the plural
            "firstRowAsHeaders": True,
            "showGridLines": False,
            "rows": [_row(tuple((Span(name, "bold"),) for name in part.columns)), *rows],
        }
        return [table, *left_out]

    def _action(self, button: Button, *, beside_form: bool) -> dict[str, Any] | None:
        words = cut(literal(button.label), 80) or NOTHING
        if link := secure(button.link):
            return {"type": "Action.OpenUrl", "title": words, "url": link}
        if not self.interactive or not button.command:
            return None
        data = {"command": button.command, "update": button.update}
        # Action.Execute is the only kind whose answer can replace the card for everyone.
        made = {"type": "Action.Execute", "title": words, "verb": VERB, "data": data}
        made |= {"mode": "secondary"} if button.menu else {"style": "positive"} if button.primary else {}
        return made | {"associatedInputs": "none"} if beside_form else made


def _submit(form: Form) -> dict[str, Any]:
    words = cut(literal(form.submit), 80) or NOTHING
    data = {"command": form.command, "update": True}
    return {"type": "Action.Execute", "title": words, "verb": VERB, "data": data, "style": "positive"}


def _commands(buttons: list[Button]) -> list[dict[str, Any]]:
    """The commands of buttons as text, for cards on which nothing can be clicked."""
    spans: list[Span] = []
    for button in buttons[:ACTIONS]:
        if button.command and not button.link:
            spans += [
                Span(" · " if spans else "Ask backstay: "),
                Span(f"{button.label} "),
                Span(button.command, "code"),
            ]
    return [_quiet(tuple(spans))] if spans else []


def _banner(card: Card) -> dict[str, Any]:
    heading = title(symbol(card) + clean(card.title), TITLE, weight="Bolder", size="Large", style="heading")
    return {
        "type": "Container",
        "style": _CONTAINERS[card.tone],
        "bleed": True,
        "items": [heading, block(text(card.summary), PARAGRAPH)],
    }


def _quiet(words: Text) -> dict[str, Any]:
    return block(words, PARAGRAPH, isSubtle=True, size="Small")


def _left_out(number: int) -> list[dict[str, Any]]:
    return [_quiet(text(f"… and {number:,} more."))] if number > 0 else []


def _facts(part: Pairs) -> list[dict[str, Any]]:
    """The pairs as facts; a fact is text alone, so that a value with a link becomes a line of its own."""
    made: list[dict[str, Any]] = []
    for linked, pairs in groupby(part.pairs, lambda pair: _has_link(pair[1])):
        if linked:
            lines = ((Span(f"{cut(clean(name), 200)}: ", "bold"), *value) for name, value in pairs)
            made += [block(words, PARAGRAPH) | {"spacing": "Small"} for words in lines]
            continue
        facts = [
            {"title": cut(literal(name), 200) or NOTHING, "value": cut(line(value), 1000) or NOTHING}
            for name, value in pairs
        ]
        made.append({"type": "FactSet", "facts": facts})
    return made


def _has_link(words: Text) -> bool:
    """Whether there is a link that can be drawn: a text with a moment has none in Teams."""
    return any(secure(span.link) for span in words) and all(span.at is None for span in words)


def _columns(*columns: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    made = [{"type": "Column", "width": width, "items": items} for width, items in columns]
    return {"type": "ColumnSet", "columns": made}


def _item(bullet: str, words: Text) -> dict[str, Any]:
    return _columns(("auto", [title(bullet, 10)]), ("stretch", [block(words, PARAGRAPH)])) | {"spacing": "Small"}


def _row(cells: tuple[Text, ...]) -> dict[str, Any]:
    made = [{"type": "TableCell", "items": [block(cell, CELL)]} for cell in cells]
    return {"type": "TableRow", "cells": made}


def _stacked(columns: tuple[str, ...], cells: tuple[Text, ...]) -> dict[str, Any]:
    """A row of a wide table: its first cell, and under it the others with their names."""
    rest: list[Span] = []
    for name, cell in zip(columns[1:], cells[1:], strict=True):
        if cell != EMPTY:
            rest += [Span(f" · {name}: " if rest else f"{name}: ", "quiet"), *cell]
    first = tuple(replace(span, mark="bold") if span.mark == "plain" else span for span in cells[0])
    items = [block(first, CELL), block(tuple(rest), PARAGRAPH) | {"spacing": "None"}]
    return {"type": "Container", "separator": True, "spacing": "Small", "items": items}


def _widths(part: Table) -> list[int] | None:
    """The widths of columns at which no word is cut on a phone; None where the columns do not fit."""
    if not part.rows or len(part.columns) > COLUMNS:
        return None
    rows = [["x" * 12 if any(span.at for span in cell) else plain(cell) for cell in row] for row in part.rows]
    return column_widths(part.columns, rows, PHONE, 1)


def _gauge(part: Gauge) -> dict[str, Any]:
    meter = block((Span(bar(part.score, 20), "code"),), PARAGRAPH)
    return {"type": "Container", "spacing": "Medium", "items": [meter, _quiet(text(coverage_words(part)))]}
