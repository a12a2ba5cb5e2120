"""A runbook's first steps from the stored copy, which can be read while the page itself is down."""

from datetime import datetime, timedelta

from bot.cards.card import Block, Button, Buttons, Card, Items, Paragraph, Span, Tone, text
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import clean, cut, isolated, moment, secure
from bot.cards.wording import with_code
from bot.model.records import RunbookCopy

STEPS = 12
_STEP, _LINES, _LINE = 400, 12, 300
OLD = timedelta(days=7)
"""A copy that was last read so long ago may be of another page than the one there is now."""


def runbook_card(copy: RunbookCopy, *, now: datetime) -> Card:
    """The stored copy of a runbook."""
    if copy.read_at is None:
        return _unread(copy)
    tone: Tone = "warning" if copy.problem or now - copy.read_at > OLD else "neutral"
    lines = [clean(line) for line in copy.text.splitlines() if line.strip()]
    blocks: list[Block] = []
    if copy.steps:
        shown = tuple(with_code(cut(clean(step), _STEP)) for step in copy.steps[:STEPS])
        blocks.append(Items(shown, numbered=True, left_out=max(0, len(copy.steps) - STEPS)))
        summary = f"First steps, copied {moment(copy.read_at)}."
    else:
        blocks.append(
            Items(tuple(text(cut(line, _LINE)) for line in lines[:_LINES]), left_out=max(0, len(lines) - _LINES))
        )
        summary = f"No steps found. Beginning of the page, copied {moment(copy.read_at)}."
    blocks += _about(copy)
    return Card("runbook", f"Runbook for {isolated(copy.service)}", summary, tuple(blocks), tone, _data(copy))


def no_runbook_card(service: str) -> Card:
    """The catalogue names no runbook, or no audit has read it yet."""
    said = text(
        "Set it as ", Span("runbook:", "code"), " of the service in backstay.yaml; the next audit keeps a copy."
    )
    buttons = Buttons((Button("Audit now", command("check", service)),))
    summary = "No copy: no runbook is set, or it was not read yet."
    return Card(
        "runbook",
        f"No runbook for {isolated(service)}",
        summary,
        (Paragraph(said), buttons),
        "warning",
        {"service": service},
    )


def _unread(copy: RunbookCopy) -> Card:
    summary = "The page could not be read yet, so there is no copy."
    return Card("runbook", f"Runbook for {isolated(copy.service)}", summary, tuple(_about(copy)), "bad", _data(copy))


def _about(copy: RunbookCopy) -> list[Block]:
    blocks: list[Block] = []
    if copy.read_at is not None:
        blocks.append(
            Paragraph(
                text("Copy of ", Span(cut(copy.source, 300), "code"), ", read ", Span(at=copy.read_at), "."),
                quiet=True,
            )
        )
    if copy.problem:
        said = text(
            Span("Last read failed", "warning"), ": ", cut(copy.problem, 300), ", ", Span(at=copy.tried_at), "."
        )
        blocks.append(Paragraph(said, quiet=True))
    if secure(copy.source):
        blocks.append(Buttons((Button("Open page", link=copy.source),)))
    return blocks


def _data(copy: RunbookCopy) -> dict[str, object]:
    read = copy.read_at.isoformat() if copy.read_at else None
    return {
        "service": copy.service,
        "source": copy.source,
        "read_at": read,
        "steps": list(copy.steps),
        "problem": copy.problem,
    }
