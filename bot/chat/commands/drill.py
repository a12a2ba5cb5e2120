"""`drill`: tells how a rehearsed outage is recorded."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.not_watched import undrilled_card
from bot.chat.command import Call, command
from bot.model import Role
from bot.model.backend import Backend


@command(
    word="drill",
    summary="Rehearse an outage with the people on call.",
    example="drill",
    role=Role.RESPONDER,
)
async def drill(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Explain how to record a drill that was run by other means."""
    del call, backend  # the answer is always the same
    yield undrilled_card()
