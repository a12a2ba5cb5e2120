"""What the commands on runbooks share: which incident a runbook is worked through for, and its checklist as a card."""

from dataclasses import dataclass

from bot.cards.card import Card
from bot.cards.messages.checklist_steps import checklist_card
from bot.cards.messages.runbook import about_copy
from bot.chat.command import Call, UsageError
from bot.model.backend import Backend
from bot.model.checklists import Checklist
from bot.model.incidents import Incident, UnknownIncidentError
from bot.model.records import RunbookCopy

INCIDENT = "incident"
"""The option that names the incident a checklist belongs to."""


@dataclass(frozen=True, slots=True)
class FoundChecklist:
    """A checklist, its incident, and the copy of the page that it was made from, which may have changed since."""

    checklist: Checklist
    incident: Incident
    copy: RunbookCopy | None


async def checklist_of(call: Call, backend: Backend, service: str) -> FoundChecklist | None:
    """The checklist of a service for the incident that is named, else for the worst open one that affects it.

    None where there is no such incident, or the runbook has no steps.

    Raises:
        UsageError: no incident has that id.
    """
    incident = await _incident(call, backend, service)
    if incident is None:
        return None
    copy = await backend.records.runbook(service)
    kept = [found for found in await backend.records.checklists(incident.id) if found.service == service]
    if kept:
        return FoundChecklist(kept[0], incident, copy)
    if copy is None or not copy.steps:
        return None
    return FoundChecklist(Checklist(incident.id, service, copy.source, copy.steps, call.now), incident, copy)


def why_not(found: FoundChecklist | None) -> str:
    """Why no step can be ticked now; empty where one can."""
    if found is None:
        return "No open incident affects it, or no copy of a runbook with steps is kept."
    return "" if found.incident.open else f"{found.incident.id} is resolved; its checklist no longer changes."


def checklist_answer(found: FoundChecklist, kept: Checklist | None = None, page: int | None = None) -> Card:
    """The card. `kept`: the checklist as it is now. `page`: None for that of the next step."""
    checklist = kept or found.checklist
    changed = found.copy is not None and found.copy.steps != checklist.steps
    notes = about_copy(found.copy, changed=changed) if found.copy else ()
    return checklist_card(checklist, title=found.incident.title, live=found.incident.open, page=page, notes=notes)


async def _incident(call: Call, backend: Backend, service: str) -> Incident | None:
    if backend.incidents is None:
        return None
    if wanted := call.options.get(INCIDENT, ""):
        try:
            return await backend.incidents.incident(wanted)
        except UnknownIncidentError:
            raise UsageError(f"No incident is called {wanted!r}. The command `incidents` lists them.") from None
    affecting = [
        incident
        for incident in await backend.incidents.incidents()
        if incident.open and not incident.part_of and any(hit.service == service for hit in incident.affected)
    ]
    return affecting[0] if affecting else None
