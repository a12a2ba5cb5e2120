"""Marks a message that may be a duplicate, for platforms that cannot be asked what was delivered."""

from dataclasses import replace

from bot.model import Message

RESENT = "(Sent again: you may have received this already.)"


def mark_possible_duplicate(message: Message, attempt: int) -> Message:
    """The message with a note in its summary where an earlier attempt, or another route, may have delivered it."""
    summary = message.card.get("summary")
    if not isinstance(summary, str) or not (attempt > 1 or message.doubt):
        return message
    note = RESENT if attempt > 1 else f"(You may have received this by {message.doubt} already.)"
    return replace(message, card={**message.card, "summary": f"{note} {summary}"})
