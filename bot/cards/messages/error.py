"""The answer when a request fails: the problem, the fix, a reference to the log."""

from collections.abc import Sequence

from bot.cards.card import Block, Button, Buttons, Card, Paragraph, Span, text
from bot.cards.sanitise import cut
from bot.cards.wording import with_code

_PROBLEM = 600


def error_card(problem: str, *, fix: str = "", reference: str = "", buttons: Sequence[Button] = ()) -> Card:
    """One problem.

    Args:
        problem: one or two sentences: what went wrong.
        fix: what the reader can do.
        reference: finds the error in the log.
        buttons: what to do next.
    """
    blocks: list[Block] = []
    if fix:
        blocks.append(Paragraph(text(Span("Fix: ", "bold"), *with_code(cut(fix, _PROBLEM)))))
    if reference:
        said = text("Reference in the log of backstay: ", Span(reference, "code"), ".")
        blocks.append(Paragraph(said, quiet=True))
    if buttons:
        blocks.append(Buttons(tuple(buttons)))
    data = {"problem": problem, "mend": fix, "reference": reference}
    return Card("error", "Request failed", cut(problem, _PROBLEM), tuple(blocks), "warning", data)
