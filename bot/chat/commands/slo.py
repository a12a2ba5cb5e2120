"""`slo [service]`: shows error rate, latency and error budget of a service's objectives, read now."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.error_budget import no_slos_card, slo_card
from bot.chat.command import Call, command
from bot.chat.suggestions import find, suggest
from bot.model.backend import Backend
from bot.model.slos import SloState


@command(
    word="slo",
    usage="[service]",
    summary="Show error rate, latency and error budgets now, of one service or of all.",
    example="slo",
)
async def slo(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Read the objectives now, at most every half minute."""
    name = ""
    if call.subject:
        names = [service.name for service in await backend.audits.services()]
        found = find(call.subject, names)
        if found is None:
            raise suggest("service", call.subject, names, "slo")
        name = found
    readings = await backend.slos.read(name) if backend.slos else ()
    if not readings:
        yield no_slos_card(name)
        return
    yield slo_card([SloState(reading) for reading in readings], service=name, now=call.now)
