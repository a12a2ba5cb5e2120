"""Renders a card as Markdown, for wikis and pull requests. What comes from outside is escaped and can format nothing."""

from collections.abc import Iterator
from typing import assert_never

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
    Span,
    Table,
    Text,
)
from bot.cards.render.text import SYMBOLS
from bot.cards.sanitise import moment, secure
from bot.cards.wording import coverage_words, grade_words, rounded_down
from bot.net.markdown import inert


def render(card: Card) -> str:
    """The card as Markdown. Buttons are left out: nobody can press them there."""
    lines = [f"# {inert(card.title)}", "", inert(card.summary), ""]
    for block in card.blocks:
        lines += [*_block(block), ""]
    return "\n".join(lines).rstrip() + "\n"


def _block(block: Block) -> Iterator[str]:  # noqa: C901 - an arm for each kind of block
    match block:
        case Paragraph():
            yield spans(block.text)
        case Heading():
            yield f"## {inert(block.text)}"
        case Pairs():
            yield from (f"- {inert(name)}: {spans(value)}" for name, value in block.pairs)
        case Items():
            for number, item in enumerate(block.items, 1):
                yield f"{f'{number}.' if block.numbered else '-'} {spans(item)}"
            yield from _left_out(block.left_out)
        case Table():
            yield _row([inert(name) for name in block.columns])
            yield _row(["---"] * len(block.columns))
            yield from (_row([spans(cell) for cell in row]) for row in block.rows)
            yield from _left_out(block.left_out)
        case Gauge():
            yield f"**{grade_words(block)}, {rounded_down(block.score)} of 100** ({coverage_words(block)})"
        case Chart():
            yield inert(block.alt)
        case Rule():
            yield "---"
        case Form():
            yield f"`{block.usage}`"
        case Buttons():
            return
        case _ as never:
            assert_never(never)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _left_out(number: int) -> Iterator[str]:
    if number:
        yield ""
        yield f"{number:,} more are not shown."


def spans(words: Text) -> str:
    """Text with its marks, moments and links."""
    return "".join(_span(span) for span in words)


def _span(span: Span) -> str:
    if span.at is not None:
        return moment(span.at, day=span.day)
    if span.mark == "code":
        return "`" + span.text.replace("`", "'") + "`"
    word = inert(span.text)
    lead, tail = span.text[: len(span.text) - len(span.text.lstrip())], span.text[len(span.text.rstrip()) :]
    if word and (link := secure(span.link)):
        word = f"[{word}]({link})"
    if word and span.mark == "bold":
        word = f"**{word}**"
    return f"{lead}{SYMBOLS.get(span.mark, '')}{word}{tail}" if word else " " * bool(span.text)
