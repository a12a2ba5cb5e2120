"""Renders a card for a terminal with rich: colours where the terminal has them, words and symbols always.

Outside text goes in as `rich.text.Text`, which is never read as markup, and without the terminal's control characters.
"""

import os
import sys
from collections.abc import Iterator
from typing import assert_never

from rich import box, rule, style, table
from rich import text as rich_text
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.segment import Segment

from bot.cards.card import (
    Block,
    Buttons,
    Card,
    Chart,
    Form,
    Gauge,
    Heading,
    Items,
    Mark,
    Pairs,
    Paragraph,
    Rule,
    Span,
    Table,
    Text,
    Tone,
)
from bot.cards.render.text import SYMBOLS, column_widths, table_lines
from bot.cards.sanitise import clean, moment, secure
from bot.cards.wording import bar, coverage_words, sparkline

_WIDTH = 100
_GAP = 3
_MANY = 200  # rich takes a millisecond a row: longer tables are drawn without colours
_STYLES: dict[Mark, str] = {
    "plain": "",
    "bold": "bold",
    "code": "cyan",
    "quiet": "dim",
    "good": "bold green",
    "warning": "bold yellow",
    "bad": "bold red",
    "unclear": "bold blue",
}
_TONES: dict[Tone, str] = {"good": "green", "warning": "yellow", "bad": "red", "neutral": "blue"}
_GRADES: dict[str, Mark] = {"A": "good", "B": "good", "C": "warning", "D": "bad", "F": "bad"}


def render(card: Card, *, width: int | None = None, colour: bool | None = None) -> str:
    """The card as text for standard output.

    Args:
        card: what is said. Its commands are left out: they are a chat's, the command line has its own.
        width: columns; None: as wide as the terminal, 100 where there is none.
        colour: whether to use the terminal's colours; None: where standard output is a terminal that wants them (NO_COLOR).
    """
    console = Console(file=sys.stdout, force_terminal=colour, width=width)
    if width is None and not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDTH
    with console.capture() as capture:
        console.print(drawing(card))
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"


def drawing(card: Card) -> RenderableType:
    """The card for a `rich.console.Console`."""
    title = rich_text.Text(clean(card.title), style=f"bold {_TONES[card.tone]}")
    parts: list[RenderableType] = [title, rich_text.Text(clean(card.summary))]
    for part in card.blocks:
        parts.extend(_draw(part))
    return Group(*parts)


def _draw(part: Block) -> Iterator[RenderableType]:  # noqa: C901, PLR0912 - one arm for each kind of block
    match part:
        case Paragraph():
            yield Padding(_words(part.text, "dim" if part.quiet else ""), (1, 0, 0, 0))
        case Heading():
            yield Padding(rich_text.Text(clean(part.text), style="bold"), (1, 0, 0, 0))
        case Pairs():
            yield _pairs(part)
        case Items():
            yield _items(part)
            yield from _left_out(part.left_out)
        case Table():
            yield Padding(_Table(part), (1, 0, 0, 0))
            yield from _left_out(part.left_out)
        case Gauge():
            yield from _gauge(part)
        case Chart():
            yield Padding(_chart(part), (1, 0, 0, 0))
        case Buttons():
            for button in part.buttons:
                if link := secure(button.link):
                    yield _words((Span(f"{button.label}: "), Span(link, "plain", link)))
        case Rule():
            yield rule.Rule(style="dim")
        case Form():
            for spelled in part.spelled_out():
                yield from _draw(spelled)
        case _ as never:
            assert_never(never)


def _chart(part: Chart) -> RenderableType:
    if part.instead is not None:
        return _Table(part.instead)
    spark = sparkline([value for _, value in part.points], part.top)
    return _words((Span(part.title, "bold"), Span(f" {spark} "), Span(part.alt, "quiet")))


def _words(words: Text, base: str = "") -> rich_text.Text:
    shown = rich_text.Text(style=base)
    for span in words:
        if span.at is not None:
            shown.append(moment(span.at, day=span.day))
            continue
        look = style.Style.parse(_STYLES[span.mark] or "none")
        if link := secure(span.link):
            look += style.Style(link=link)
        shown.append(SYMBOLS.get(span.mark, "") + clean(span.text), look)
    return shown


def _left_out(number: int) -> Iterator[RenderableType]:
    if number:
        yield rich_text.Text(f"… and {number:,} more", style="dim")


def _pairs(part: Pairs) -> RenderableType:
    grid = table.Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=False)
    grid.add_column()
    for name, value in part.pairs:
        grid.add_row(rich_text.Text(clean(name)), _words(value))
    return Padding(grid, (1, 0, 0, 0))


def _items(part: Items) -> RenderableType:
    grid = table.Table.grid(padding=(0, 1))
    for number, item in enumerate(part.items, 1):
        grid.add_row(f"{number}." if part.numbered else "•", _words(item))
    return grid


class _Table:
    """A table that takes the width it gets; where that is too little each row becomes lines of its own."""

    def __init__(self, part: Table) -> None:
        self.part = part
        self.names = [clean(name) for name in part.columns]
        self.rows = [[_words(cell) for cell in row] for row in part.rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        del console  # the width is all that matters
        if len(self.part.rows) > _MANY:
            yield from (Segment(f"{line}\n") for line in table_lines(self.part, options.max_width))
            return
        shown = [[cell.plain for cell in row] for row in self.rows]
        widths = column_widths(self.names, shown, options.max_width, _GAP) if shown else None
        if widths is None:
            yield from self._records()
            return
        grid = table.Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, _GAP - 1, 0, 0), pad_edge=False)
        for name, width in zip(self.names, widths, strict=True):
            grid.add_column(rich_text.Text(name, style="bold"), overflow="fold", width=width)
        for row in self.rows:
            grid.add_row(*row)
        yield grid

    def _records(self) -> Iterator[RenderableType]:
        for first, *rest in self.rows:
            yield first
            named = (
                rich_text.Text(f"{name}: ", style="dim") + cell
                for name, cell in zip(self.names[1:], rest, strict=True)
                if cell.plain not in ("", "–")
            )
            yield from (Padding(line, (0, 0, 0, 4)) for line in named)


def _gauge(part: Gauge) -> Iterator[RenderableType]:
    line = rich_text.Text()
    line.append(bar(part.score, 24), _STYLES[_GRADES.get(part.grade, "unclear")])
    line.append(f"  {coverage_words(part)}", "dim")
    yield Padding(line, (1, 0, 0, 0))
