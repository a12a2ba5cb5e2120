"""Renders a card as plain text, for e-mail, webhooks, logs and the command line."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from rich.cells import cell_len, set_cell_size

from bot.cards.card import (
    Block,
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
    Table,
    Text,
    text,
)
from bot.cards.sanitise import clean, isolated, moment, secure
from bot.cards.wording import bar, coverage_words, sparkline

WIDTH = 80
SYMBOLS = {"good": "✓ ", "warning": "! ", "bad": "✗ ", "unclear": "? "}
_GAP = 2
_SHORT = 12  # `! fails over`, `14 Oct 2026` stay on one line where there is room
_LINES = 6  # a cell higher than this is read more easily as a line of its own


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
            word = moment(span.at, day=span.day)
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
            yield from table_lines(part, width)
        case Gauge():
            yield from _gauge(part, width)
        case Chart():
            yield from _chart(part, width)
        case Buttons():
            yield from _buttons(part, width)
        case Rule():
            yield "-" * width
        case Form():
            for spelled in part.spelled_out():
                yield from _draw(spelled, width)
        case _ as never:
            assert_never(never)


def _chart(part: Chart, width: int) -> Iterator[str]:
    if part.instead is not None:
        yield from table_lines(part.instead, width)
        return
    yield from _wrap(f"{isolated(part.title)}: {sparkline([value for _, value in part.points], part.top)}", width)
    yield from _wrap(isolated(part.alt), width)


def _buttons(part: Buttons, width: int) -> Iterator[str]:
    for button in part.buttons:
        if link := secure(button.link):
            yield from _hang("> ", f"{isolated(button.label)}: {link}", width)
    asked = [button for button in part.buttons if button.command and not secure(button.link)]
    if asked:
        yield "Ask backstay for more:"
        yield from _pairs(Pairs(tuple((button.label, text(button.command)) for button in asked)), width, lead="> ")


def _wrap(line: str, width: int, lead: str = "", indent: str = "") -> list[str]:
    """A line folded at `width` places; wide letters (CJK, emoji) take two of them."""
    for letters in (max(1, width), max(1, width // 2)):
        # Split a word that is wider than the line, but never at a hyphen: names of resources are full of them.
        folded = textwrap.wrap(line, letters, initial_indent=lead, subsequent_indent=indent, break_on_hyphens=False)
        if all(cell_len(part) <= width for part in folded):
            break
    return folded or [lead]


def _hang(lead: str, line: str, width: int) -> list[str]:
    return _wrap(line, width, lead, " " * len(lead))


def _left_out(number: int) -> list[str]:
    return [f"… and {number:,} more"] if number else []


def _pairs(part: Pairs, width: int, lead: str = "") -> Iterator[str]:
    column = min(24, max((cell_len(clean(name)) for name, _ in part.pairs), default=0) + 1)
    indent = " " * (len(lead) + column + 1)
    for name, value in part.pairs:
        shown = f"{clean(name)}:"
        if cell_len(shown) > column:
            yield from _hang(lead, shown, width)
            first = indent
        else:
            first = f"{lead}{set_cell_size(shown, column)} "
        wrapped = _wrap(plain(value), width - len(indent))
        yield first + wrapped[0]
        yield from (indent + rest for rest in wrapped[1:])


def _items(part: Items, width: int) -> Iterator[str]:
    for number, item in enumerate(part.items, 1):
        yield from _hang(f"{number}. " if part.numbered else "- ", plain(item), width)
    yield from _left_out(part.left_out)


def _gauge(part: Gauge, width: int) -> Iterator[str]:
    yield from _wrap(f"[{bar(part.score, 20)}]  {coverage_words(part)}", width)


def table_lines(part: Table, width: int) -> Iterator[str]:
    """A table as lines of at most `width` places; rows become lines of their own where columns would be too narrow."""
    names = [clean(name) for name in part.columns]
    rows = [[plain(cell) for cell in row] for row in part.rows]
    if rows and (widths := column_widths(names, rows, width, _GAP)):
        yield from _grid([names], widths)
        yield (" " * _GAP).join("-" * column for column in widths)
        yield from _grid(rows, widths)
    else:
        for row in rows:
            yield from _record(names, row, width)
    yield from _left_out(part.left_out)


def column_widths(names: Sequence[str], rows: Sequence[Sequence[str]], width: int, gap: int) -> list[int] | None:
    """The width of each column of a table with `gap` places between them; None where the table does not fit `width` well.

    No word is split: width beyond the longest words is shared by how much more each column could use.
    """
    columns = [(name, *cells) for name, *cells in zip(names, *rows, strict=True)]
    natural = [max(1, *map(cell_len, column)) for column in columns]
    words = [max(cell_len(word) for cell in column for word in cell.split() or [""]) for column in columns]
    whole_cells = [high if high <= _SHORT else low for low, high in zip(words, natural, strict=True)]
    room = width - gap * (len(columns) - 1)
    least = whole_cells if sum(whole_cells) <= room else words
    spare = room - sum(least)
    if spare < 0:
        return None
    wanted = sum(natural) - sum(least)
    share = min(1.0, spare / wanted) if wanted else 1.0
    widths = [low + int((high - low) * share) for low, high in zip(least, natural, strict=True)]
    tall = max(-(-wide // column) for wide, column in zip(natural, widths, strict=True) if column)
    return widths if tall <= _LINES else None


def _grid(rows: Iterable[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for row in rows:
        folded = [_wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
        for at in range(max(map(len, folded))):
            cells = [column[at] if at < len(column) else "" for column in folded]
            yield (" " * _GAP).join(set_cell_size(cell, width) for cell, width in zip(cells, widths, strict=True))


def _record(names: Sequence[str], row: Sequence[str], width: int) -> Iterator[str]:
    yield from _hang("* ", row[0], width)
    for name, cell in zip(names[1:], row[1:], strict=True):
        if cell not in ("", "–"):  # beside names an empty cell need not be printed
            yield from _hang("    ", f"{name}: {cell}", width)
