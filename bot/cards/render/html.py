"""Renders cards as one HTML page, for files, the demo and the dashboard."""

import re
from collections.abc import Iterable
from html import escape
from typing import assert_never

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
)
from bot.cards.render.html_chart import chart, meter
from bot.cards.render.html_page import page
from bot.cards.sanitise import clean, moment, secure
from bot.cards.wording import coverage_words, grade_words, rounded_down

SYMBOLS = {"good": "✓ ", "warning": "! ", "bad": "✗ ", "unclear": "? "}
_UNIT = re.compile(r"(?<=\d) (?=(?:h|min|s|days|%)(?!\w))")  # a number is not parted from its unit at the end of a line
_PLACE = re.compile(r"#[a-z]+-[A-Za-z0-9]+")  # a place on the same page
GRADES = {"A": "good", "B": "good", "C": "warning", "D": "bad", "F": "bad"}


def render(*cards: Card, style: str = "") -> str:
    """One page of one or more cards, worst tone first on its edge. Buttons become the commands that they run.

    `style`: further CSS rules.
    """
    tones = [card.tone for card in cards]
    tone = next((tone for tone in ("bad", "warning", "good") if tone in tones), "neutral")
    title = clean(cards[0].title) if cards else "backstay"
    return page(title, tone, "\n<hr>\n".join(_card(card, f"{at}-") for at, card in enumerate(cards)), style=style)


ONE_SHEET = """
@page { size: A4; margin: 11mm; }
@media print { body { font-size: 8pt; line-height: 1.28; } h1 { font-size: 14pt; margin: 0 0 .2rem; } .lead { font-size: 9pt; }
  h2 { font-size: 10pt; margin: .55rem 0 .15rem; } p, li { margin: .15rem 0; } .wide { margin: .2rem 0; }
  th, td { padding: .12rem .5rem .12rem 0; min-width: 0; } table { font-size: 7.8pt; } tbody th { min-width: 0; max-width: none; }
  ul { margin: .2rem 0; } footer { margin-top: .4rem; padding-top: .2rem; font-size: 7pt; } }
"""
"""Print rules that bring one page of content onto one sheet."""


def _card(card: Card, ids: str) -> str:
    parts = [f"<h1>{outside(card.title)}</h1>", f'<p class="lead">{outside(card.summary)}</p>']
    caption = ""
    for number, part in enumerate(card.blocks):
        if isinstance(part, Heading):
            caption = part.text
        parts.append(draw_block(part, f"{ids}{number}", caption or card.title))
    return "\n".join(parts)


def outside(words: str) -> str:
    """Return text from outside as safe HTML, isolated so that its writing direction ends with it."""
    return f"<bdi>{escape(clean(words))}</bdi>"


def draw_block(part: Block, number: str, caption: str, level: int = 2) -> str:  # noqa: C901, PLR0911 - an arm for each kind of block
    """Render one block. `number` is unique on the page, `caption` names a table, `level` is that of headings (2 to 6)."""
    match part:
        case Paragraph():
            quiet = ' class="quiet"' if part.quiet else ""
            return f"<p{quiet}>{spans(part.text)}</p>"
        case Heading():
            return f"<h{level}>{outside(part.text)}</h{level}>"
        case Pairs():
            return (
                "<dl>"
                + "".join(f"<div><dt>{outside(n)}</dt><dd>{spans(v)}</dd></div>" for n, v in part.pairs)
                + "</dl>"
            )
        case Items():
            return _items(part)
        case Table():
            return _table(part, caption)
        case Gauge():
            return draw_gauge(part, number)
        case Chart():
            table = "" if part.instead is None else _table(part.instead, part.title)
            return chart(part, number) + table
        case Buttons():
            return _commands(part.buttons)
        case Rule():
            return "<hr>"
        case Form():
            return "".join(draw_block(block, number, caption, level) for block in part.spelled_out())
        case _ as never:
            assert_never(never)


def spans(words: Text) -> str:
    """Render text with its marks, moments and links."""
    return "".join(_span(span) for span in words)


def _span(span: Span) -> str:
    if span.at is not None:
        return f'<time datetime="{span.at.isoformat()}">{escape(moment(span.at, day=span.day))}</time>'
    # A space at an edge stands outside the isolate, or it would be lost at the end of a line.
    shown = escape(clean(span.text))
    if span.mark != "code":
        shown = _UNIT.sub("\u00a0", shown)
    if not shown.strip():
        return shown
    lead, tail = shown[: len(shown) - len(shown.lstrip())], shown[len(shown.rstrip()) :]
    inner = f"<bdi>{shown.strip()}</bdi>" if not shown.isascii() else shown.strip()
    return f"{lead}{_marked(span, inner)}{tail}"


def _marked(span: Span, inner: str) -> str:
    if _PLACE.fullmatch(span.link):
        inner = f'<a href="{span.link}">{inner}</a>'
    elif link := secure(span.link):
        inner = f'<a href="{escape(link)}" rel="noreferrer noopener">{inner}</a>'
    if span.mark == "bold":
        return f"<strong>{inner}</strong>"
    if span.mark == "code":
        return f"<code>{inner}</code>"
    if span.mark == "quiet":
        return f'<span class="quiet">{inner}</span>'
    if span.mark == "plain":
        return inner
    return f'<span class="state {span.mark}">{SYMBOLS[span.mark]}{inner}</span>'


def _left_out(number: int) -> str:
    return f'<p class="quiet">… and {number:,} more</p>' if number else ""


def _items(part: Items) -> str:
    tag = "ol" if part.numbered else "ul"
    return f"<{tag}>{''.join(f'<li>{spans(item)}</li>' for item in part.items)}</{tag}>{_left_out(part.left_out)}"


def _table(part: Table, caption: str) -> str:
    names = [escape(clean(name)) for name in part.columns]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(f"<tr>{_row(names, row)}</tr>\n" for row in part.rows)
    return (
        f'<div class="wide"><table><caption>{outside(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{body}</tbody></table></div>{_left_out(part.left_out)}"
    )


def _row(names: list[str], row: tuple[Text, ...]) -> str:
    first = f'<th scope="row">{spans(row[0])}</th>' if row else ""
    rest = (f'<td data-name="{name}">{spans(cell)}</td>' for name, cell in zip(names[1:], row[1:], strict=True))
    return first + "".join(rest)


def draw_gauge(part: Gauge, number: str) -> str:
    """Render the grade, the score and the interval. `number` is unique on the page."""
    return (
        f'<div class="gauge"><span class="grade {GRADES.get(part.grade, "")}" aria-hidden="true">{escape(part.grade) or "?"}</span>'
        f"<div><p><strong>{escape(grade_words(part))} · {rounded_down(part.score)} of 100</strong></p>"
        f'{meter(part, number)}<p class="quiet">{escape(coverage_words(part))}</p></div></div>'
    )


def _commands(buttons: Iterable[Button]) -> str:
    made = []
    for button in buttons:
        if link := secure(button.link):
            made.append(f'<li><a href="{escape(link)}" rel="noreferrer noopener">{outside(button.label)}</a></li>')
        elif button.command:
            made.append(f"<li>{outside(button.label)}: <code>{escape(clean(button.command))}</code></li>")
    return f'<ul class="commands">{"".join(made)}</ul>' if made else ""
