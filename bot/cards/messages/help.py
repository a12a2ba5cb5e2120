"""The answer to `help`: every command, or one in full."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.cards.card import Block, Button, Buttons, Card, Items, Pairs, Paragraph, Span, text
from bot.cards.messages.start import called


class HelpEntry(NamedTuple):
    """The description of a command: its word, its arguments, one sentence, an example line, and its role.

    `form`: the word alone answers with a form.
    """

    word: str
    usage: str
    summary: str
    example: str
    role: str = ""
    form: bool = False


def help_card(entries: Sequence[HelpEntry], *, prefix: str = "") -> Card:
    """Every command. `prefix` is how people call the bot (`/resilience`, `@backstay`)."""
    lines = tuple(
        text(Span(_line(prefix, f"{entry.word} {entry.usage}"), "code"), f" {entry.summary}") for entry in entries
    )
    start = [Button(entry.word, entry.example) for entry in entries if entry.word == "scorecard"]
    blocks: list[Block] = [Items(lines)]
    blocks.append(Paragraph(called("scorecard"), quiet=True))
    blocks.append(Paragraph(text("Details of a command: ", Span(_line(prefix, "help <command>"), "code")), quiet=True))
    if start:
        blocks.append(Buttons(tuple(start)))
    return Card(
        "help",
        "backstay commands",
        "Resilience of your services, provider status and incidents.",
        tuple(blocks),
        data={"commands": [{"word": entry.word, "usage": entry.usage, "summary": entry.summary} for entry in entries]},
    )


def command_help_card(entry: HelpEntry, *, prefix: str = "") -> Card:
    """One command in full."""
    pairs = [
        ("Usage", text(Span(_line(prefix, f"{entry.word} {entry.usage}"), "code"))),
        ("Example", text(Span(_line(prefix, entry.example), "code"))),
        ("In Slack", text(Span(f"/resilience {entry.example}", "code"))),
        ("In Teams", text(Span(f"@backstay {entry.example}", "code"))),
    ]
    if entry.role:
        pairs.append(("Role", text(entry.role)))
    ways = [Button("All commands", "help")]
    if entry.form:
        ways.insert(0, Button("Open form", entry.word, form=True))
    elif not entry.role:  # an example that changes something is no toy
        ways.insert(0, Button("Run example", entry.example))
    blocks = (Pairs(tuple(pairs)), Buttons(tuple(ways)))
    return Card("help", entry.word, entry.summary, blocks, data=dict(entry._asdict()))


def _line(prefix: str, words: str) -> str:
    return f"{prefix} {words}".strip()
