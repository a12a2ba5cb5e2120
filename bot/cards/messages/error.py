"""What is said when something cannot be done: what went wrong, what to do about it, how to find it in the log."""

from collections.abc import Sequence

from bot.cards.card import Block, Button, Buttons, Card, Paragraph, Span, text
from bot.cards.sanitise import cut

_PROBLEM = 600


def error_card(problem: str, *, mend: str = "", reference: str = "", buttons: Sequence[Button] = ()) -> Card:
    """One problem.

    Args:
        problem: one or two sentences: what went wrong.
        mend: what the reader can do.
        reference: finds the whole story in the log; said where the reader can do nothing.
        buttons: ways on.
    """
    blocks: list[Block] = []
    if mend:
        blocks.append(Paragraph(text(Span("Fix: ", "bold"), cut(mend, _PROBLEM))))
    if reference:
        said = text("Reference in the log of backstay: ", Span(reference, "code"), ".")
        blocks.append(Paragraph(said, quiet=True))
    if buttons:
        blocks.append(Buttons(tuple(buttons)))
    data = {"problem": problem, "mend": mend, "reference": reference}
    return Card("error", "Request failed", cut(problem, _PROBLEM), tuple(blocks), "warning", data)
