"""`status [provider]`: what providers say of themselves."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.nothing_yet import unwatched_card
from bot.commands._command import Call, command
from bot.ports import Desk


@command(
    word="status",
    usage="[provider]",
    summary="What is wrong at the providers that your services need.",
    example="status aws",
)
async def status(call: Call, desk: Desk) -> AsyncGenerator[Card, None]:
    """Say that nothing is watched, which is no all-clear."""
    del desk  # there is nothing to ask it
    yield unwatched_card("status", call.subject)
