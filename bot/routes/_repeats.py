"""A message that goes out again though it may be there already says so, where the platform cannot be asked what arrived."""

from dataclasses import replace

from bot.ports import Message

AGAIN = "(Sent again: this may have reached you already.)"


def marked(message: Message, attempt: int) -> Message:
    """The message as it is to be said at this attempt: from the second on, an earlier one may have arrived."""
    summary = message.card.get("summary")
    if attempt < 2 or not isinstance(summary, str):
        return message
    return replace(message, card={**message.card, "summary": f"{AGAIN} {summary}"})
