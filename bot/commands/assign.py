"""`assign <incident> <person>`: somebody is to be on it."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.commands._command import Call, UsageError, command
from bot.commands._incident import handled, who
from bot.ports import Desk, Role


@command(
    word="assign",
    usage="<incident> <person>",
    summary="Write down who is to look after an incident.",
    example="assign aws-us-east-1-1020-0648 Ann",
    role=Role.RESPONDER,
)
async def assign(call: Call, desk: Desk) -> AsyncGenerator[Card, None]:
    """Name the person, as they are known to those who read it."""
    person = " ".join(call.words[1:])[:120]
    if call.words and not person:
        raise UsageError("Who is to look after it? For example: assign aws-us-east-1-1020-0648 Ann")
    async for card in handled(call, desk, lambda watch, name: watch.assign(name, person, who(call))):
        yield card
