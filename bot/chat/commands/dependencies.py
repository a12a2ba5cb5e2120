"""`dependencies [service]`: lists dependencies that are guessed and that nobody declared."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.guesses import guesses_card
from bot.chat.command import Call, command
from bot.chat.suggestions import find, suggest
from bot.model.backend import Backend


@command(
    word="dependencies",
    usage="[service] [page=N]",
    summary="List dependencies that nobody declared: guesses with their evidence, to confirm or reject.",
    example="dependencies checkout",
    options=("page",),
)
async def dependencies(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Answer from the last audit; nothing is read now."""
    names = [service.name for service in await backend.audits.services()]
    name = find(call.subject, names) if call.subject else ""
    if name is None:
        raise suggest("service", call.subject, names, "dependencies")
    found = await backend.guesses.guesses() if backend.guesses else ()
    mine = [guess for guess in found if not name or guess.service == name]
    audited = await backend.audits.latest() is not None
    yield guesses_card(mine, page=call.page or 1, service=name, audited=audited)
