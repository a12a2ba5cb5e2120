"""How a card reads as plain text: e-mail, webhooks, logs, and the last fallback of all."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from rich.cells import cell_len, set_cell_size

from bot.cards.card import (
    Block,
    Button,
    Buttons,
    Card,
    Chart,
    Gauge,
    Heading,
    Items,
    Pairs,
    Paragraph,
    Rule,
    Table,
    Text,
)
from bot.cards.inert import clean, isolated, moment, secure
from bot.cards.wording import bar, change_of, grade_words, interval, sparkline, whole

WIDTH = 80
SYMBOLS = {"good": "✓ ", "warning": "! ", "bad": "✗ ", "unclear": "? "}
_GAP = 2


def render(card: Card, width: int = WIDTH) -> str:
    """The card as lines of at most `width` columns. Buttons become the commands that they run."""
    title = isolated(card.title)
    lines = [*_wrap(title, width), "=" * min(width, cell_len(title)), *_wrap(isolated(card.summary), width)]
    previous: Block | None = None
    for part in card.blocks:
        drawn = list(_draw(part, width))
        if drawn and not (
            isinstance(previous, Heading) or (isinstance(part, Paragraph) and isinstance(previous, Gauge))
        ):
            lines.append("")
        lines += drawn
        previous = part
    return "\n".join(line.rstrip() for line in lines) + "\n"


def plain(words: Text) -> str:
    """Spans as one line: a symbol before each state, a link in brackets after its words."""
    shown = []
    for span in words:
        word = SYMBOLS.get(span.mark, "") + isolated(span.text)
        if span.at is not None:
            word = moment(span.at)
        elif (link := secure(span.link)) and link != span.text:
            word = f"{word} <{link}>" if word else link
        shown.append(word)
    return "".join(shown)


def _draw(part: Block, width: int) -> Iterator[str]:  # noqa: C901 - one arm for each kind of block
    match part:
        case Paragraph():
            yield from _wrap(plain(part.text), width)
        case Heading():
            heading = isolated(part.text)
            yield from _wrap(heading, width)
            yield "-" * min(width, cell_len(heading))
        case Pairs():
            yield from _pairs(part, width)
        case Items():
            yield from _items(part, width)
        case Table():
            yield from _table(part, width)
        case Gauge():
            yield from _gauge(part, width)
        case Chart():
            yield f"{isolated(part.title)}: {sparkline([value for _, value in part.points], part.top)}"
            yield from _wrap(isolated(part.alt), width)
        case Buttons():
            for button in part.buttons:
                yield from _hang("> ", _button(button), width)
        case Rule():
            yield "-" * width
        case _ as never:
            assert_never(never)


def _button(button: Button) -> str:
    return f"{isolated(button.label)}: {secure(button.link) or clean(button.command)}"


def _wrap(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, width, break_on_hyphens=False) or [""]


def _hang(lead: str, line: str, width: int) -> Iterator[str]:
    indent = " " * len(lead)
    yield from textwrap.wrap(line, width, initial_indent=lead, subsequent_indent=indent, break_on_hyphens=False)


def _left_out(number: int) -> list[str]:
    return [f"… and {number:,} more"] if number else []


def _pairs(part: Pairs, width: int) -> Iterator[str]:
    column = min(24, max((cell_len(clean(name)) for name, _ in part.pairs), default=0) + 1)
    for name, value in part.pairs:
        lead = f"{clean(name)}:"
        if cell_len(lead) > column:
            yield from _wrap(lead, width)
            lead = ""
        wrapped = _wrap(plain(value), width - column - 1)
        yield f"{set_cell_size(lead, column)} {wrapped[0]}"
        yield from (" " * (column + 1) + rest for rest in wrapped[1:])


def _items(part: Items, width: int) -> Iterator[str]:
    for number, item in enumerate(part.items, 1):
        yield from _hang(f"{number}. " if part.numbered else "- ", plain(item), width)
    yield from _left_out(part.left_out)


def _gauge(part: Gauge, width: int) -> Iterator[str]:
    change = "" if part.change is None else f"  {change_of(part.change)} since last week"
    yield f"[{bar(part.score, 20)}]  {grade_words(part)}, {whole(part.score)} of 100{change}"
    yield from _wrap(interval(part), width)


def _table(part: Table, width: int) -> Iterator[str]:
    names = [clean(name) for name in part.columns]
    rows = [[plain(cell) for cell in row] for row in part.rows]
    wide = [max(map(cell_len, column)) for column in zip(names, *rows, strict=True)] if rows else []
    if rows and (widths := _fit(wide, names, width)):
        yield from _grid([names], widths)
        yield (" " * _GAP).join("-" * column for column in widths)
        yield from _grid(rows, widths)
    else:
        for row in rows:
            yield from _record(names, row, width)
    yield from _left_out(part.left_out)


def _fit(wide: Sequence[int], names: Sequence[str], width: int) -> list[int] | None:
    """Widths of columns: the widest gives way first; None where not even the names would fit."""
    room = width - _GAP * (len(wide) - 1)
    floor = [min(column, max(cell_len(name), 10)) for column, name in zip(wide, names, strict=True)]
    if sum(floor) > room:
        return None
    widths = list(wide)
    while sum(widths) > room:
        widest = max(range(len(widths)), key=lambda at: widths[at] - floor[at])
        widths[widest] -= min(sum(widths) - room, max(1, (widths[widest] - floor[widest]) // 2))
    return widths


def _grid(rows: Iterable[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for row in rows:
        folded = [_fold(cell, width) for cell, width in zip(row, widths, strict=True)]
        for at in range(max(map(len, folded))):
            cells = [column[at] if at < len(column) else "" for column in folded]
            yield (" " * _GAP).join(set_cell_size(cell, width) for cell, width in zip(cells, widths, strict=True))


def _fold(cell: str, width: int) -> list[str]:
    """A cell on lines no wider than its column; wide letters (CJK, emoji) take two places."""
    narrow = width if cell_len(cell) == len(cell) else max(1, width // 2)
    return textwrap.wrap(cell, narrow, break_on_hyphens=False) or [""]


def _record(names: Sequence[str], row: Sequence[str], width: int) -> Iterator[str]:
    yield from _hang("* ", row[0], width)
    for name, cell in zip(names[1:], row[1:], strict=True):
        if cell:
            yield from _hang("    ", f"{name}: {cell}", width)
