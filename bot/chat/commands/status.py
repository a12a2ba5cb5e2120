"""`status [provider] [region=…]`: what providers say of themselves, what touches us first, and how old their word is."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.not_watched import unwatched_card
from bot.cards.messages.status_answer import no_feed_card, status_answer
from bot.catalogue.exposure import provider_called
from bot.chat.command import Call, command
from bot.chat.suggestions import suggest
from bot.model.backend import Backend


@command(
    word="status",
    usage="[provider] [region=…]",
    summary="What is wrong at the providers that your services need, by their own word, and what is announced.",
    example="status aws region=us-east-1",
    options=("region",),
)
async def status(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Tell of all providers, or of one in full. Where no page is read that is said: it is no all-clear.

    Raises:
        UnknownNameError: no provider is called so.
    """
    room = backend.providers
    if room is None:
        yield unwatched_card("status", call.subject)
        return
    stand, readings = await room.exposure(), room.readings()
    region = call.options.get("region", "").strip()
    if not call.subject:
        yield status_answer(readings, stand, call.now, region=region)
        return
    provider = provider_called(call.subject, room.providers)
    if provider is None:
        names = [*room.providers, *(alias for one in room.providers.values() for alias in one.aliases)]
        raise suggest("provider", call.subject, names, "status")
    mine = [one for one in readings if one.provider == provider.name]
    if not mine:
        yield no_feed_card(provider)
        return
    yield status_answer(mine, stand, call.now, region=region, alone=True)
