"""`runbook [service]`: shows a runbook from backstay's own copy; during an incident as a checklist."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.runbook import no_runbook_card, runbook_card, runbooks_card
from bot.chat.checklist_answers import INCIDENT, checklist_answer, checklist_of
from bot.chat.command import Call, command
from bot.chat.suggestions import find, suggest
from bot.model.backend import Backend


@command(
    word="runbook",
    usage="[service]",
    summary="Show a service's runbook, from a copy that is readable while the wiki is down; during an incident its steps can be ticked.",
    example="runbook checkout",
    options=(INCIDENT, "page"),
)
async def runbook(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Answer from the stored copy; nothing is fetched now. Without a service, list those that have one."""
    names = [service.name for service in await backend.audits.services()]
    if not call.subject:
        queries = backend.incidents
        open_now = [found for found in await queries.incidents() if found.open] if queries else []
        hit = {affected.service for incident in open_now for affected in incident.affected}
        yield runbooks_card(names, await backend.records.runbooks(), hit)
        return
    name = find(call.subject, names)
    if name is None:
        raise suggest("service", call.subject, names, "runbook")
    found = await checklist_of(call, backend, name)
    if found is not None:
        yield checklist_answer(found, page=call.page)
        return
    copy = await backend.records.runbook(name)
    yield runbook_card(copy, now=call.now, page=call.page or 1) if copy else no_runbook_card(name)
