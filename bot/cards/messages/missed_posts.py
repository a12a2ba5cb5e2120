"""The notice that a scheduled post was missed: silence would look like good news."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards.card import Button, Buttons, Card, Items, Paragraph, Span, text
from bot.cards.wording import count, duration
from bot.model import Schedule

_SLOTS = 5


def missed_card(schedule: Schedule, slots: Sequence[datetime]) -> Card:
    """The missed slots of one schedule (UTC), oldest first."""
    lines = tuple(text(Span(at=slot)) for slot in slots[:_SLOTS])
    why = f"backstay was not running and restarted more than {duration(schedule.grace)} after them."
    blocks = (
        Items(lines, left_out=max(0, len(slots) - _SLOTS)),
        Paragraph(text(f"Reason: {why}"), quiet=True),
        Buttons((Button("Scorecard now", "scorecard", update=False),)),
    )
    noun = count(len(slots), "post")
    was = "was" if len(slots) == 1 else "were"
    data = {"schedule": schedule.id, "slots": [slot.isoformat() for slot in slots]}
    return Card(
        "missed",
        f"Missed: {schedule.post} for {schedule.audience}",
        f"{noun} {was} not sent.",
        blocks,
        "warning",
        data,
    )
