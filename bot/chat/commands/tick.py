"""`tick <service> <step>`: ticks a step of a runbook during an incident, in the caller's name."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.checklist_steps import nothing_to_tick_card
from bot.chat.checklist_answers import INCIDENT, checklist_answer, checklist_of, why_not
from bot.chat.command import Call, UsageError, command
from bot.chat.form_values import actor
from bot.chat.incident_command import person_of
from bot.chat.suggestions import find, suggest
from bot.model import Role
from bot.model.backend import Backend
from bot.model.checklists import Tick

_UNDO = "undo"


@command(
    word="tick",
    usage="<service> <step>",
    summary="Tick a step of a service's runbook during an incident; who did it and when stays with the incident.",
    example="tick checkout 3",
    role=Role.RESPONDER,
    options=(INCIDENT, _UNDO),
)
async def tick(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Tick the step, or take the tick back, and show the checklist to everybody who sees the card."""
    if len(call.words) < 2 or not call.words[-1].isascii() or not call.words[-1].isdigit():
        raise UsageError("Name the service and the number of the step. Example: tick checkout 3")
    names = [service.name for service in await backend.audits.services()]
    wanted, number = " ".join(call.words[:-1]), call.words[-1]
    name = find(wanted, names)
    if name is None:
        raise suggest("service", wanted, names, "tick")
    found = await checklist_of(call, backend, name)
    if found is None or why_not(found):
        yield nothing_to_tick_card(name, why_not(found))
        return
    if len(number) > 4 or not 1 <= int(number) <= len(found.checklist.steps):
        raise UsageError(
            f"The runbook of {name} has {len(found.checklist.steps)} steps; there is no step {number[:20]}."
        )
    done = call.options.get(_UNDO, "no").lower() not in ("yes", "true", "1")
    mark = Tick(int(number), done, person_of(call), actor(call.caller), call.now)
    kept = await backend.records.tick(found.checklist, mark)
    yield checklist_answer(found, kept)
