"""`incidents`: what is under way, and what it does to us."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.nothing_yet import unwatched_card
from bot.commands._command import Call, command
from bot.ports import Desk


@command(
    word="incidents",
    summary="Incidents that are under way, and which of your services they touch.",
    example="incidents",
)
async def incidents(call: Call, desk: Desk) -> AsyncGenerator[Card, None]:
    """Say that nothing is watched, which is no all-clear."""
    del call, desk  # whoever asks, there is nothing to tell
    yield unwatched_card("incidents")
