"""`checks`: lists every check."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.checklist import checklist_card
from bot.chat.command import Call, command
from bot.model.backend import Backend
from checks import discover


@command(
    word="checks",
    usage="[page=N]",
    summary="List every check.",
    example="checks",
    options=("page",),
)
async def checks(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """A page of the list."""
    del backend  # the checks are the same for everyone
    yield checklist_card(discover(), page=call.page or 1)
