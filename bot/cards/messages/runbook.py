"""A runbook from the stored copy, which can be read while the page itself is down, a page at a time."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from bot.cards.card import Block, Button, Buttons, Card, Items, Paragraph, Span, Text, Tone, text
from bot.cards.messages.score_parts import command, pager
from bot.cards.sanitise import clean, cut, isolated, moment, secure
from bot.cards.wording import count, with_code
from bot.model.records import RunbookCopy

STEPS = 12
_STEP, _LINES, _LINE = 400, 12, 300
_LISTED, _BUTTONS = 30, 4
OLD = timedelta(days=7)
"""A copy that was last read so long ago may be of another page than the one there is now."""


def runbook_card(copy: RunbookCopy, *, now: datetime, page: int = 1) -> Card:
    """The stored copy of a runbook: a page of its steps, or of its text where it has none."""
    if copy.read_at is None:
        return _unread(copy)
    tone: Tone = "warning" if copy.problem or now - copy.read_at > OLD else "neutral"
    lines = [clean(line) for line in copy.text.splitlines() if line.strip()]
    rows = [with_code(cut(clean(step), _STEP)) for step in copy.steps] or [text(cut(line, _LINE)) for line in lines]
    size = STEPS if copy.steps else _LINES
    pages = max(1, -(-len(rows) // size))
    at = min(max(page, 1), pages)
    shown = tuple(rows[(at - 1) * size : at * size])
    blocks: list[Block] = [
        Items(
            _from(shown, (at - 1) * size + 1) if copy.steps and at > 1 else shown, numbered=bool(copy.steps) and at == 1
        )
    ]
    what = ("Steps" if at > 1 else "First steps") if copy.steps else "No steps found. Text of the page"
    where = f", page {at} of {pages}" if pages > 1 else ""
    summary = f"{what}{where}, copied {moment(copy.read_at)}."
    blocks += [*about_copy(copy), *_row(copy, pager(at, pages, "runbook", copy.service))]
    return Card("runbook", f"Runbook for {isolated(copy.service)}", summary, tuple(blocks), tone, _data(copy))


def _from(shown: Sequence[Text], first: int) -> tuple[Text, ...]:
    """Rows with their own numbers: a list of a platform begins at 1."""
    return tuple(text(Span(f"{number}. ", "bold"), *row) for number, row in enumerate(shown, first))


def runbooks_card(services: Sequence[str], copies: Mapping[str, RunbookCopy], hit: Collection[str]) -> Card:
    """Which services have a copy of a runbook, those that an open incident affects first."""
    known = sorted((name for name in services if name in copies), key=lambda name: (name not in hit, name))
    without = len(services) - len(known)
    rows = tuple(_listed(copies[name], affected=name in hit) for name in known)
    blocks: list[Block] = [Items(rows[:_LISTED], left_out=max(0, len(rows) - _LISTED))] if rows else []
    if known:
        names = known[:_BUTTONS]
        blocks.append(Buttons(tuple(Button(cut(name, 40), command("runbook", name)) for name in names)))
    summary = f"{count(len(known), 'runbook')} kept, {count(without, 'service')} without one."
    return Card("runbooks", "Runbooks", summary, tuple(blocks), "neutral", {"services": known, "without": without})


def _listed(copy: RunbookCopy, *, affected: bool) -> Text:
    now = (" ", Span("affected now", "bad")) if affected else ()
    read: tuple[str | Span, ...] = (
        (", copied ", Span(at=copy.read_at)) if copy.read_at else (", ", Span("never read", "bad"))
    )
    return text(Span(cut(copy.service, 100), "bold"), f": {count(len(copy.steps), 'step')}", *read, *now)


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
    blocks = (*about_copy(copy), *_row(copy))
    return Card("runbook", f"Runbook for {isolated(copy.service)}", summary, blocks, "bad", _data(copy))


def about_copy(copy: RunbookCopy, *, changed: bool = False) -> list[Block]:
    """Where a copy is from, when it was read, and why the last read failed. `changed`: steps shown are those of an earlier page."""
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
    if changed:
        blocks.append(Paragraph(text("The page has changed since this checklist was begun."), quiet=True))
    return blocks


def _row(copy: RunbookCopy, more: tuple[Button, ...] = ()) -> list[Block]:
    """The buttons, if there are any."""
    page = (Button("Open page", link=copy.source),) if secure(copy.source) else ()
    return [Buttons((*more, *page))] if more or page else []


def _data(copy: RunbookCopy) -> dict[str, object]:
    read = copy.read_at.isoformat() if copy.read_at else None
    return {
        "service": copy.service,
        "source": copy.source,
        "read_at": read,
        "steps": list(copy.steps),
        "problem": copy.problem,
    }
