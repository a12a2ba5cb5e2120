"""`confirm <service> <dependency>`: makes a guessed dependency count."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.chat.command import Call, command
from bot.chat.guess_decisions import decided
from bot.model import Role
from bot.model.backend import Backend


@command(
    word="confirm",
    usage="<service> <dependency> [hard=yes|no]",
    summary="Confirm a guessed dependency, so that scores and what-ifs count it.",
    example="confirm checkout stripe",
    role=Role.RESPONDER,
    options=("hard",),
)
async def confirm(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Store the decision in the caller's name."""
    yield await decided(call, backend, "confirmed")
