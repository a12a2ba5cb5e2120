"""`status [provider] [region=...]`: shows what the providers' status pages report, and how old that is."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.not_watched import unwatched_card
from bot.cards.messages.status_answer import no_feed_card, status_answer
from bot.catalogue.exposure import provider_called
from bot.catalogue.scope_names import UnknownScopeError
from bot.chat.command import Call, command
from bot.chat.scope_answers import named_scope
from bot.chat.suggestions import suggest
from bot.model.backend import Backend
from checks import Scope


@command(
    word="status",
    usage="[provider] [region=…]",
    summary="Show what the status pages of your providers report, and announced maintenance.",
    example="status aws region=us-east-1",
    options=("region",),
)
async def status(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Show all providers, or one in full. Where no page is polled the answer says so.

    Raises:
        UnknownNameError: there is no such provider.
    """
    feeds = backend.providers
    incidents = await backend.incidents.incidents() if backend.incidents else ()
    if feeds is None:
        yield unwatched_card("status", call.subject, incidents)
        return
    exposure, readings = await feeds.exposure(), feeds.readings()
    region = call.options.get("region", "").strip()
    if not call.subject:
        yield status_answer(readings, exposure, call.now, region=region, incidents=incidents)
        return
    provider = provider_called(call.subject, feeds.providers)
    if provider is None and (scope := await _scope(call.subject, backend)):
        provider, region = provider_called(scope.provider, feeds.providers), region or scope.region
    if provider is None:
        names = [*feeds.providers, *(alias for known in feeds.providers.values() for alias in known.aliases)]
        raise suggest("provider", call.subject, names, "status")
    of_provider = [reading for reading in readings if reading.provider == provider.name]
    if not of_provider:
        yield no_feed_card(provider, incidents)
        return
    yield status_answer(of_provider, exposure, call.now, region=region, alone=True, incidents=incidents)


async def _scope(typed: str, backend: Backend) -> Scope | None:
    """The scope of `us-east-1` or `aws/us-east-1`; None where nothing is called so."""
    try:
        return await named_scope(typed, backend.audits)
    except UnknownScopeError:
        return None
