"""A message from one person to several audiences: what it asks for, what it will look like, and what arrives."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import get_args

from bot.cards.card import Block, Button, Buttons, Card, Form, FormField, Items, Paragraph, Rule, Span, Tone, text
from bot.cards.messages.form import form_card
from bot.cards.sanitise import clean, cut, isolated
from bot.cards.wording import count
from bot.model.records import Broadcast, Gravity

TEXT = 2000
USAGE = "broadcast <text> severity=warning audiences=payments,web"
GRAVITIES: tuple[Gravity, ...] = get_args(Gravity)
_TONES: dict[Gravity, Tone] = {"information": "neutral", "warning": "warning", "critical": "bad"}
_TITLES: dict[Gravity, str] = {"information": "Information", "warning": "Warning", "critical": "Critical"}
_SAID = 240


def handle(audience: str) -> str:
    """An audience's name as one of several values with commas between."""
    return audience.replace("%", "%25").replace(",", "%2C")


def broadcast_form(
    audiences: Mapping[str, str],
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    opens: str = "",
) -> Card:
    """Ask for a message. `audiences`: names with what to call them; `opens`: the line that was typed."""
    fields = (
        FormField(
            "text",
            "Message",
            "paragraph",
            hint="What is wrong, who is affected, what to do.",
            max_length=TEXT,
        ),
        FormField(
            "severity", "Severity", "choice", "warning", tuple((gravity, _TITLES[gravity]) for gravity in GRAVITIES)
        ),
        FormField(
            "audiences",
            "Audiences",
            "choices",
            options=tuple((handle(name), title) for name, title in audiences.items()),
        ),
    )
    form = Form("broadcast", fields, USAGE, "broadcast", submit="Preview")
    summary = "Sent to each selected audience, by its fallback routes if its platform is down. A preview comes first."
    return form_card("Broadcast", summary, form, values=values, errors=errors, opens=opens)


def broadcast_card(message: Broadcast) -> Card:
    """What arrives."""
    paragraphs = [part for part in message.text.splitlines() if part.strip()] or [message.text]
    lead = cut(clean(paragraphs[0]), _SAID)
    blocks: list[Block] = []
    if lead != clean(paragraphs[0]) or len(paragraphs) > 1:
        rest = paragraphs[1:] if lead == clean(paragraphs[0]) else paragraphs
        blocks += [Paragraph(text(isolated(part))) for part in rest]
    blocks.append(Paragraph(text(f"From {isolated(message.by)}, ", Span(at=message.at), "."), quiet=True))
    data = {"id": message.id, "text": message.text, "severity": message.gravity, "by": message.by}
    tone = _TONES[message.gravity]
    return Card("broadcast", _TITLES[message.gravity], isolated(lead), tuple(blocks), tone, data)


def preview_card(message: Broadcast) -> Card:
    """What would arrive, and the button that sends it."""
    shown = broadcast_card(message)
    recipients = tuple(text(isolated(audience)) for audience in message.audiences)
    number = count(len(message.audiences), "audience")
    ways = (
        Button(f"Send to {number}", f"broadcast send {message.id}", primary=True),
        Button("Edit", f"broadcast edit {message.id}", form=True),
    )
    blocks = (Rule(), *shown.blocks, Rule(), Paragraph(text("Recipients:")), Items(recipients), Buttons(ways))
    title = f"Preview, not sent: {shown.title}"
    return replace(shown, kind="preview", title=title, blocks=blocks)


def sent_card(message: Broadcast, at: datetime, *, again: bool = False) -> Card:
    """It is on its way. `again`: it was sent before, and is not sent twice."""
    recipients = tuple(text(isolated(audience)) for audience in message.audiences)
    number = count(len(message.audiences), "audience")
    summary = "It was already sent at the time below and is not sent again." if again else f"Queued for {number}."
    quoted = Paragraph(text(Span(cut(clean(message.text), _SAID), "quiet")))
    blocks = (quoted, Items(recipients), Paragraph(text("Sent ", Span(at=at), "."), quiet=True))
    return Card(
        "sent", "Broadcast sent", summary, blocks, "good", {"id": message.id, "audiences": list(message.audiences)}
    )


def lapsed_card(names: Sequence[str]) -> Card:
    """A draft that is too old, or that names audiences which no longer exist."""
    why = f"These audiences no longer exist: {', '.join(map(isolated, names))}." if names else "The draft is too old."
    blocks = (Buttons((Button("New broadcast", "broadcast", form=True),)),)
    return Card("error", "Not sent", f"{why} Write a new broadcast.", blocks, "warning", {"problem": why})
