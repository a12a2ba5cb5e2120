"""`drill`: a rehearsed outage."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.not_watched import undrilled_card
from bot.chat.command import Call, command
from bot.model import Role
from bot.model.backend import Backend


@command(
    word="drill",
    summary="Rehearses an outage with the people on call.",
    example="drill",
    role=Role.RESPONDER,
)
async def drill(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Say how a rehearsal counts that was run by other means."""
    del call, backend  # whoever asks, there is nothing to run
    yield undrilled_card()
