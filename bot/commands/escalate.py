"""`escalate <incident> <audience>`: tell another audience now."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.commands._command import Call, UsageError, command
from bot.commands._incident import handled, who
from bot.ports import Desk, Role
from bot.signals import Incidents, OwnIncident


@command(
    word="escalate",
    usage="<incident> <audience>",
    summary="Tell another audience of an incident, now.",
    example="escalate aws-us-east-1-1020-0648 platform",
    role=Role.RESPONDER,
)
async def escalate(call: Call, desk: Desk) -> AsyncGenerator[Card, None]:
    """The alert goes out to them as to those who were told before, and is kept up to date for them too."""
    audience = " ".join(call.words[1:])
    if call.words and not audience:
        raise UsageError("Whom? For example: escalate aws-us-east-1-1020-0648 platform")

    async def tell(watch: Incidents, name: str) -> OwnIncident:
        try:
            return await watch.escalate(name, audience, who(call))
        except ValueError as error:
            raise UsageError(str(error)) from None

    async for card in handled(call, desk, tell):
        yield card
