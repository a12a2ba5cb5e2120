"""The answer to the bot's name alone: how things stand, and what one can do next."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.cards.card import Button, Buttons, Card, Items, Paragraph, Span, text


class NextStep(NamedTuple):
    """Something to do next: a label, the command that it runs, and what the command shows. `form`: it opens a form."""

    label: str
    command: str
    shows: str
    form: bool = False


def start_card(
    summary: str, steps: Sequence[NextStep], commands: Sequence[str], *, prefix: str = "", urgent: bool = False
) -> Card:
    """What one can do next, each step with its button, the most useful first.

    Args:
        summary: how things stand, in one or two sentences.
        steps: at least one.
        commands: the words of all commands.
        prefix: how people call the bot there (`/resilience`, `@backstay`).
        urgent: an incident is open.
    """
    items = tuple(text(Span(f"{prefix} {step.command}".strip(), "code"), f" {step.shows}") for step in steps)
    buttons = tuple(
        Button(step.label, step.command, primary=not number, form=step.form) for number, step in enumerate(steps)
    )
    return Card(
        "help",
        "What next?",
        summary,
        (
            Items(items),
            Buttons(buttons),
            Paragraph(text(f"All commands: {', '.join(commands)}."), quiet=True),
            Paragraph(called("scorecard"), quiet=True),
        ),
        "warning" if urgent else "neutral",
        data={"steps": [step.command for step in steps]},
    )


def called(command: str) -> tuple[Span, ...]:
    """How a command is typed in Slack and in Teams."""
    slack, teams = Span(f"/resilience {command}", "code"), Span(f"@backstay {command}", "code")
    return text("In Slack: ", slack, ". In Teams: ", teams, "; in a chat with the bot alone without its name.")
