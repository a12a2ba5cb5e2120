"""`acknowledge <incident>`: somebody is on it, so that it is not repeated to others."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.chat.command import Call, command
from bot.chat.form_values import actor
from bot.chat.incident_command import FOR, handled, who
from bot.model import Role
from bot.model.backend import Backend


@command(
    word="acknowledge",
    usage="<incident>",
    summary="Say that you are on it; an alert that nobody acknowledges goes to the next audience.",
    example="acknowledge aws-us-east-1-1020-0648",
    role=Role.RESPONDER,
    options=(FOR,),
)
async def acknowledge(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Take it on, in the caller's name."""
    by, whoever = who(call), actor(call.caller)
    async for card in handled(call, backend, lambda watch, name: watch.acknowledge(name, by, actor=whoever)):
        yield card
