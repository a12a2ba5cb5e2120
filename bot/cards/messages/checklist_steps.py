"""A runbook worked through during an incident: its steps with who did them when, and buttons to tick the next ones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Paragraph, Span, Text, Tone, text
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import clean, cut, isolated
from bot.cards.wording import with_code
from bot.model.checklists import Checklist, Tick

STEPS = 8
"""Steps of a page."""
_NEXT, _STEP, _SHORT = 3, 300, 80


def checklist_card(
    checklist: Checklist, *, title: str, live: bool = True, page: int | None = None, notes: Sequence[Block] = ()
) -> Card:
    """The steps of one page with their ticks.

    Args:
        checklist: the steps and ticks.
        title: the incident's.
        live: whether steps can be ticked: the incident is open.
        page: from 1; None: the page of the next step.
        notes: where the steps are from.
    """
    steps, done, following = checklist.steps, checklist.done, checklist.next_step
    pages = max(1, -(-len(steps) // STEPS))
    at = min(max(page or -(-(following or 1) // STEPS), 1), pages)
    first = (at - 1) * STEPS
    shown = range(first + 1, min(first + STEPS, len(steps)) + 1)
    lines = tuple(_line(steps[number - 1], number, done.get(number)) for number in shown)
    blocks: list[Block] = [
        Paragraph(text("During ", Span(cut(title, 150), "bold"), " ", Span(checklist.incident, "code")))
    ]
    blocks += [Items(lines), *notes, Buttons(_buttons(checklist, shown, at, pages, live=live))]
    where = f" Page {at} of {pages}." if pages > 1 else ""
    summary = f"{_progress(checklist)}{where}"
    tone: Tone = "good" if not following else "warning" if live else "neutral"
    heading = f"Runbook for {isolated(cut(checklist.service, 80))}"
    return Card("runbook_checklist", heading, summary, tuple(blocks), tone, checklist_data(checklist))


def nothing_to_tick_card(service: str, why: str) -> Card:
    """There is no step to tick now. `why`: a sentence."""
    buttons = Buttons((Button("Runbook", command("runbook", service)),))
    title = f"Nothing to tick for {isolated(cut(service, 80))}"
    return Card("runbook", title, why, (buttons,), "neutral", {"service": service})


def with_checklists(card: Card, checklists: Sequence[Checklist]) -> Card:
    """An incident's card with how far each runbook is, before its buttons."""
    if not checklists:
        return card
    lines = tuple(_state(checklist) for checklist in checklists[:5])
    added = (Heading("Runbooks"), Items(lines, left_out=max(0, len(checklists) - 5)))
    head = tuple(block for block in card.blocks if not isinstance(block, Buttons))
    tail = tuple(block for block in card.blocks if isinstance(block, Buttons))
    data = {**(card.data or {}), "checklists": [checklist_data(checklist) for checklist in checklists]}
    return replace(card, blocks=(*head, *added, *tail), data=data)


def checklist_data(checklist: Checklist) -> dict[str, Any]:
    """A checklist for machines."""
    done = checklist.done
    return {
        "service": checklist.service,
        "incident": checklist.incident,
        "source": checklist.source,
        "steps": [
            {"step": number, "text": step, "done_by": done[number].by, "done_at": done[number].at.isoformat()}
            if number in done
            else {"step": number, "text": step, "done_by": None, "done_at": None}
            for number, step in enumerate(checklist.steps, 1)
        ],
    }


def _progress(checklist: Checklist) -> str:
    done, count = len(checklist.done), len(checklist.steps)
    if not checklist.next_step:
        return f"All {count} steps are done."
    return f"{done} of {count} steps done, next is step {checklist.next_step}."


def _line(step: str, number: int, tick: Tick | None) -> Text:
    words = with_code(cut(clean(step), _STEP))
    if tick is None:
        return text(Span(f"{number}. ", "bold"), *words)
    return text(Span(f"{number}. ", "bold"), Span("done", "good"), " ", *words, " ", *_by(tick))


def _by(tick: Tick) -> tuple[str | Span, ...]:
    return (f"({isolated(cut(clean(tick.by), 60))}, ", Span(at=tick.at), ")")


def _state(checklist: Checklist) -> Text:
    done = checklist.done
    parts: list[str | Span] = [
        Span(cut(checklist.service, 80), "bold"),
        f": {len(done)} of {len(checklist.steps)} steps done",
    ]
    last = max(done.values(), key=_moment, default=None)
    if last is not None:
        step = cut(clean(checklist.steps[last.step - 1]), _SHORT)
        parts += [f"; last step {last.step}, {step}, by {isolated(cut(clean(last.by), 60))} at ", Span(at=last.at)]
    return text(*parts)


def _moment(tick: Tick) -> datetime:
    return tick.at


def _buttons(checklist: Checklist, shown: range, page: int, pages: int, *, live: bool) -> tuple[Button, ...]:
    """Up to three steps to tick, the next one first; pages; and in the menu the tick to take back."""
    made: list[Button] = []
    about = f" incident={checklist.incident}"
    if live:
        waiting = [number for number in shown if number not in checklist.done]
        for number in waiting[:_NEXT]:
            line = command("tick", checklist.service, str(number)) + about
            made.append(Button(f"Step {number} done", line, primary=number == checklist.next_step))
    for label, other in (("Previous", page - 1), ("Next", page + 1)):
        if 1 <= other <= pages:
            made.append(Button(label, command("runbook", checklist.service) + f"{about} page={other}"))
    undone = [number for number in shown if number in checklist.done] if live else []
    if undone:
        last = max(undone, key=lambda number: checklist.done[number].at)
        line = command("tick", checklist.service, str(last)) + f"{about} undo=yes"
        made.append(Button(f"Undo step {last}", line, menu=True))
        made.append(Button("Incident", command("incidents", checklist.incident), update=False, menu=True))
    return tuple(made)
