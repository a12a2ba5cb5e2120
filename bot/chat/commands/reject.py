"""`reject <service> <dependency>`: rejects a guessed dependency for good."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.chat.command import Call, command
from bot.chat.guess_decisions import decided
from bot.model import Role
from bot.model.backend import Backend


@command(
    word="reject",
    usage="<service> <dependency>",
    summary="Reject a guessed dependency, so that it is not guessed again.",
    example="reject checkout mailgun",
    role=Role.RESPONDER,
)
async def reject(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Store the decision in the caller's name."""
    yield await decided(call, backend, "rejected")
