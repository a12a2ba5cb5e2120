"""`runbook <service>`: shows the first steps of a runbook from backstay's own copy."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.runbook import no_runbook_card, runbook_card
from bot.chat.command import Call, UsageError, command
from bot.chat.suggestions import find, suggest
from bot.model.backend import Backend


@command(
    word="runbook",
    usage="<service>",
    summary="Show the first steps of a service's runbook, from a copy that is readable while the wiki is down.",
    example="runbook checkout",
)
async def runbook(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Answer from the stored copy; nothing is fetched now."""
    names = [service.name for service in await backend.audits.services()]
    if not call.subject:
        raise UsageError("Name the service. Example: runbook " + (names[0] if names else "checkout"))
    name = find(call.subject, names)
    if name is None:
        raise suggest("service", call.subject, names, "runbook")
    copy = await backend.records.runbook(name)
    yield runbook_card(copy, now=call.now) if copy else no_runbook_card(name)
