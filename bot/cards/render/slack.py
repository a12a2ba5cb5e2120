"""Renders a card for Slack: Block Kit within Slack's limits, never refused for its size.

Sources: the Block Kit reference at docs.slack.dev; the size of a whole message is measured, Slack does not state it.
What does not fit is cut with a count. The buttons are kept before anything else: they are the way to the rest.
"""

import json
import re
from dataclasses import replace
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
from bot.cards.render import slack_chart
from bot.cards.render.slack_form import inputs
from bot.cards.render.slack_text import escaped, line, literal, mrkdwn, runs
from bot.cards.sanitise import clean, cut, secure
from bot.cards.wording import bar, coverage_words, symbol

BLOCKS, VIEW_BLOCKS = 50, 100
SECTION = 3000
FIELDS, FIELD = 10, 2000
HEADER = 150
VIEW_TITLE = 24
BUTTONS, LABEL, VALUE = 25, 75, 2000
MENU, OPTION = 5, 150  # options of an overflow menu, two at least, and letters of the value of one
ROWS, COLUMNS, TABLE = 100, 20, 9_500
CELL = 600
WHOLE = 12_000  # 13,200 was refused (msg_blocks_too_long); the rest is room for text and metadata
NOTIFICATION = 800
REPLACE, REPLY, OPEN, FORM, MORE = "replace", "reply", "open", "form", "menu"
"""First word of an action_id: the answer replaces the card or is a new message, a link opens, or the answer is a form to open
as a modal. `value` is the command. Of a menu each option's value begins with such a word and a space."""
SHOWN = "shown"
"""callback_id of a view that asks for nothing."""

NOTHING = "–"  # Slack refuses an empty text
_MARKS = re.compile(r"[*_~`<>&\[\]:@#]")


def render(card: Card, *, charts: bool = True) -> dict[str, Any]:
    """The message: `text` for notifications and screen readers, `blocks` for everyone else.

    `charts=False` writes charts as text, for a workspace that refuses the block (`slack_chart.drawn_in` tells).
    """
    summary = cut(clean(card.summary), NOTIFICATION // 2)
    title = cut(clean(card.title), HEADER)
    return {"text": f"{escaped(title)}: {escaped(summary)}", "blocks": _Sheet(card, charts=charts).blocks}


def size(blocks: Any) -> int:
    """Characters that Slack counts: UTF-16 units of the JSON."""
    return len(json.dumps(blocks, ensure_ascii=False).encode("utf-16-le", "surrogatepass")) // 2


def modal(card: Card) -> dict[str, Any]:
    """The view for `views.open`: asks for the card's form, or shows a card that has none.

    Each field is an input block whose block_id is `field.` and its name; `private_metadata` is the command that what was
    filled in is for. Errors of fields go back by block_id (`response_action: errors`).
    """
    form = card.form
    if form is None:
        view = {"type": "modal", "callback_id": SHOWN, "title": _words(card.title, VIEW_TITLE)}
        return view | {"close": _words("Close", VIEW_TITLE), "blocks": _Sheet(card, view=True).blocks}
    shown = tuple(part for part in card.blocks if not isinstance(part, Form | Buttons))
    sheet = _Sheet(replace(card, blocks=shown), view=True)
    return {
        "type": "modal",
        "callback_id": FORM,
        "title": _words(card.title, VIEW_TITLE),
        "submit": _words(form.submit, VIEW_TITLE),
        "close": _words("Cancel", VIEW_TITLE),
        "private_metadata": form.command,
        "blocks": [*sheet.blocks[1:], *inputs(form)],
    }


def home(card: Card) -> dict[str, Any]:
    """The view for `views.publish`: the card as a person's App Home."""
    return {"type": "home", "callback_id": SHOWN, "blocks": _Sheet(card, view=True).blocks}


class _Sheet:
    """The layout of one message: its blocks so far, and the space that is left. A `view` draws neither tables nor charts."""

    def __init__(self, card: Card, *, view: bool = False, charts: bool = True) -> None:
        self.room, self.actions, self.tabled = WHOLE, 0, view
        self.charts = slack_chart.CHARTS if charts and not view else 0
        card = replace(card, blocks=tuple(part for block in card.blocks for part in _spelled_out(block)))
        rows = {index: self._buttons(part) for index, part in enumerate(card.blocks) if isinstance(part, Buttons)}
        self.room -= sum(size(row) for row in rows.values())
        # A place is kept for each row of buttons and for the note on what did not fit.
        self.places = (VIEW_BLOCKS if view else BLOCKS) - 1 - sum(len(row) for row in rows.values())
        self.blocks: list[dict[str, Any]] = []
        self._put([_header(card)])
        self._put([_rich([_section(text(card.summary))])])
        dropped = 0
        for index, part in enumerate(card.blocks):
            if index in rows:
                self.blocks += rows[index]
            elif not self._put(self._draw(part)):
                dropped += 1
        if dropped:
            noun = "part does" if dropped == 1 else "parts do"
            self.blocks.append(_context(text(f"… {dropped} more {noun} not fit into one message.")))

    def _put(self, drawn: list[dict[str, Any]]) -> bool:
        """Add what fits whole; say whether it did."""
        needed = size(drawn)
        if not drawn or needed > self.room or len(drawn) > self.places:
            return not drawn
        self.blocks += drawn
        self.room -= needed
        self.places -= len(drawn)
        return True

    def _draw(self, part: Block) -> list[dict[str, Any]]:  # noqa: PLR0911 - one arm for each kind of block
        match part:
            case Paragraph():
                return [_context(part.text) if part.quiet else _rich([_section(part.text)])]
            case Heading():
                return [_rich([{"type": "rich_text_section", "elements": runs((Span(part.text, "bold"),), SECTION)}])]
            case Pairs():
                return _pairs(part)
            case Items():
                return self._items(part)
            case Table():
                return self._table(part)
            case Gauge():
                return [_gauge(part)]
            case Chart():
                return self._chart(part)
            case Rule():
                return [{"type": "divider"}]
            case Buttons() | Form():  # laid out beforehand
                return []
            case _ as never:
                assert_never(never)

    def _chart(self, part: Chart) -> list[dict[str, Any]]:
        if part.instead is not None:
            return self._table(part.instead)
        drawn = slack_chart.block(part) if self.charts else None
        if drawn is None:
            return [_rich([_section(line) for line in slack_chart.written(part)])]
        self.charts -= 1
        return [drawn, _context(text(part.alt))]

    def _items(self, part: Items) -> list[dict[str, Any]]:
        sections, room = [], self.room - 400
        for item in part.items:
            section = _section(item)
            room -= size(section) + 2
            if room < 0:
                break
            sections.append(section)
        style = "ordered" if part.numbered else "bullet"
        drawn = [_rich([{"type": "rich_text_list", "style": style, "elements": sections}])] if sections else []
        return drawn + _left_out(part.left_out + len(part.items) - len(sections))

    def _table(self, part: Table) -> list[dict[str, Any]]:
        if self.tabled or len(part.columns) > COLUMNS:
            return self._items(Items(tuple(_joined(row) for row in part.rows), left_out=part.left_out))
        rows = [[_cell((Span(name, "bold"),)) for name in part.columns]]
        settings = [{"is_wrapped": True} for _ in part.columns]
        table: dict[str, Any] = {"type": "table", "column_settings": settings, "rows": rows}
        room, letters = self.room - size(table) - 200, TABLE
        for row in part.rows[: ROWS - 1]:
            cells = [_cell(cell) for cell in row]
            room -= size(cells) + 2
            letters -= sum(len(line(cell)) for cell in row)
            if room < 0 or letters < 0:
                break
            rows.append(cells)
        if len(rows) == 1:
            return _left_out(part.left_out + len(part.rows))
        self.tabled = True
        return [table, *_left_out(part.left_out + len(part.rows) - len(rows) + 1)]

    def _buttons(self, part: Buttons) -> list[dict[str, Any]]:
        elements = []
        menu = _menu(part)
        for button in part.buttons[:BUTTONS]:
            if button not in menu and (made := _button(button, self.actions)):
                elements.append(made)
                self.actions += 1
        if menu:
            options = [{"text": _words(button.label, LABEL), "value": _option(button)} for button in menu]
            elements.append({"type": "overflow", "action_id": f"{MORE}.{self.actions}", "options": options})
            self.actions += 1
        return [{"type": "actions", "elements": elements}] if elements else []


def _button(button: Button, number: int) -> dict[str, Any] | None:
    link = secure(button.link)
    # A command cut short would run something else: such a button is left out.
    if not link and not 0 < len(button.command) <= VALUE:
        return None
    kind = OPEN if link else FORM if button.form else REPLACE if button.update else REPLY
    made: dict[str, Any] = {
        "type": "button",
        "action_id": f"{kind}.{number}",
        "text": _words(button.label, LABEL),
        **({"url": link} if link else {"value": button.command}),
    }
    return made | {"style": "primary"} if button.primary else made


def _menu(part: Buttons) -> list[Button]:
    """The buttons for the menu; none, and they are drawn as buttons, where a menu cannot hold them."""
    menu = [button for button in part.buttons if button.menu and button.command and not button.link]
    fits = 2 <= len(menu) <= MENU and all(len(_option(button)) <= OPTION for button in menu)
    return menu if fits else []


def _option(button: Button) -> str:
    return f"{FORM if button.form else REPLACE if button.update else REPLY} {button.command}"


def _spelled_out(part: Block) -> tuple[Block, ...]:
    return part.spelled_out() if isinstance(part, Form) else (part,)


def _words(said: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": cut(literal(said), limit) or NOTHING, "emoji": True}


def _header(card: Card) -> dict[str, Any]:
    shown = cut(symbol(card) + literal(card.title), HEADER) or NOTHING
    return {"type": "header", "text": {"type": "plain_text", "text": shown, "emoji": True}}


def _rich(elements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": elements}


def _section(words: Text) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": runs(words, SECTION)}


def _context(words: Text) -> dict[str, Any]:
    shown = mrkdwn(words, SECTION) or NOTHING
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": shown, "verbatim": True}]}


def _left_out(number: int) -> list[dict[str, Any]]:
    return [_context(text(f"… and {number:,} more."))] if number > 0 else []


def _pairs(part: Pairs) -> list[dict[str, Any]]:
    fields = [
        {"type": "mrkdwn", "text": f"*{escaped(cut(name, 200))}*\n{mrkdwn(value, FIELD // 2)}", "verbatim": True}
        for name, value in part.pairs
    ]
    return [{"type": "section", "fields": fields[at : at + FIELDS]} for at in range(0, len(fields), FIELDS)]


def _joined(row: tuple[Text, ...]) -> Text:
    joined: list[Span] = []
    for cell in row:
        joined += [*([Span(" · ")] if joined else []), *cell]
    return tuple(joined)


def _cell(words: Text) -> dict[str, Any]:
    # Raw text is smaller, but whether every client leaves marks in it alone is not documented.
    marked = any(span.mark in ("bold", "code", "bad") or _MARKS.search(span.text) for span in words)
    if marked or any(span.at is not None or span.link for span in words):
        return _rich([{"type": "rich_text_section", "elements": runs(words, CELL)}])
    return {"type": "raw_text", "text": cut(line(words), CELL) or NOTHING}


def _gauge(part: Gauge) -> dict[str, Any]:
    return _rich([_section((Span(bar(part.score)), Span(f" {coverage_words(part)}")))])
