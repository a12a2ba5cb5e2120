"""A message that goes out again though it may be there already says so, where the platform cannot be asked what arrived."""

from dataclasses import replace

from bot.model import Message

AGAIN = "(Sent again: this may have reached you already.)"


def mark_possible_duplicate(message: Message, attempt: int) -> Message:
    """The message as it is to be said at this attempt: from the second on, or by another route, an earlier one may have arrived."""
    summary = message.card.get("summary")
    if not isinstance(summary, str) or not (attempt > 1 or message.doubt):
        return message
    said = AGAIN if attempt > 1 else f"(This may have reached you by {message.doubt} already.)"
    return replace(message, card={**message.card, "summary": f"{said} {summary}"})
