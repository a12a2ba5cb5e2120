"""A message from one person to several audiences: what it asks for, what it will look like, and what arrives."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import get_args

from bot.cards.card import Block, Button, Buttons, Card, Form, FormField, Items, Paragraph, Rule, Span, Text, Tone, text
from bot.cards.messages.form import form_card
from bot.cards.sanitise import clean, cut, isolated
from bot.cards.wording import count
from bot.model import Receipt
from bot.model.records import Broadcast, BroadcastDelivery, Gravity

TEXT = 2000
USAGE = "broadcast <text> severity=warning audiences=payments,web"
GRAVITIES: tuple[Gravity, ...] = get_args(Gravity)
_TONES: dict[Gravity, Tone] = {"information": "neutral", "warning": "warning", "critical": "bad"}
_TITLES: dict[Gravity, str] = {"information": "Information", "warning": "Warning", "critical": "Critical"}
_SAID, _NAME, _REASON, _DELIVERIES = 240, 80, 120, 12
_FAILED = {
    "refused": "refused",
    "retry": "failed, will retry",
    "skipped": "skipped, it failed before",
    "expired": "too late",
}


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


def sent_card(
    message: Broadcast,
    at: datetime,
    *,
    again: bool = False,
    deliveries: Sequence[BroadcastDelivery] = (),
) -> Card:
    """It is on its way, with what became of it so far.

    Args:
        message: what was sent.
        at: when (UTC).
        again: it was sent before, and is not sent twice.
        deliveries: the receipts so far, by audience; an audience without any still waits.
    """
    by_name = {delivery.audience: delivery for delivery in deliveries}
    found = [by_name.get(name, BroadcastDelivery(name)) for name in message.audiences]
    arrived = sum(1 for delivery in found if _arrival(delivery))
    lost = sum(1 for delivery in found if delivery.settled and not _arrival(delivery))
    waiting = len(found) - arrived - lost
    blocks: list[Block] = [Paragraph(text(Span(cut(clean(message.text), _SAID), "quiet")))]
    blocks.append(
        Items(tuple(_delivery(delivery) for delivery in found[:_DELIVERIES]), left_out=max(0, len(found) - _DELIVERIES))
    )
    blocks.append(Paragraph(text("Sent ", Span(at=at), "."), quiet=True))
    if waiting and deliveries:
        newest = max((receipt.at for delivery in found for receipt in delivery.attempts), default=at)
        blocks.append(Paragraph(text("As of ", Span(at=newest), "."), quiet=True))
        blocks.append(Buttons((Button("Show receipts", f"broadcast receipts {message.id}"),)))
    summary = _progress(len(found), arrived, lost)
    if again:
        summary = f"It was already sent at the time below and is not sent again. {summary}"
    data = {"id": message.id, "audiences": list(message.audiences), "sent": arrived, "lost": lost, "waiting": waiting}
    return Card("sent", "Broadcast sent", summary, tuple(blocks), "warning" if lost else "good", data)


def _progress(number: int, arrived: int, lost: int) -> str:
    if not arrived and not lost:
        return f"Queued for {count(number, 'audience')}."
    said = f"Delivered to {arrived:,} of {count(number, 'audience')}"
    said += f", not delivered to {lost:,}" if lost else ""
    waiting = number - arrived - lost
    return f"{said}, {waiting:,} waiting." if waiting else f"{said}."


def _arrival(delivery: BroadcastDelivery) -> Receipt | None:
    return next((receipt for receipt in delivery.attempts if receipt.outcome == "sent"), None)


def _delivery(delivery: BroadcastDelivery) -> Text:
    """`✓ sent to payments by webhook:pager, 23 Nov 2026, 12:00 UTC; slack:#payments: refused (channel_not_found)`."""
    arrived, name = _arrival(delivery), Span(isolated(cut(delivery.audience, _NAME)), "bold")
    failed = [receipt for receipt in delivery.attempts if receipt.outcome in _FAILED]
    last = {receipt.route: receipt for receipt in failed}
    why = "; ".join(
        f"{cut(route, _NAME)}: {_FAILED[receipt.outcome]}{_because(receipt)}" for route, receipt in last.items()
    )
    tail = f"; {why}" if why else ""
    if arrived is not None:
        by = f" by {cut(arrived.route, _NAME)}, "
        return text(Span("sent", "good"), " to ", name, by, Span(at=arrived.at), tail)
    state = Span("not delivered", "bad") if delivery.settled else Span("waiting", "unclear")
    return text(state, ": ", name, tail)


def _because(receipt: Receipt) -> str:
    return f" ({cut(clean(receipt.detail), _REASON)})" if receipt.detail else ""


def lapsed_card(names: Sequence[str]) -> Card:
    """A draft that is too old, or that names audiences which no longer exist."""
    why = f"These audiences no longer exist: {', '.join(map(isolated, names))}." if names else "The draft is too old."
    blocks = (Buttons((Button("New broadcast", "broadcast", form=True),)),)
    return Card("error", "Not sent", f"{why} Write a new broadcast.", blocks, "warning", {"problem": why})
