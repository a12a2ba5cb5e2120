"""`incidents [incident]`: lists open incidents and those resolved lately, or shows one in full."""

from collections.abc import AsyncGenerator
from datetime import timedelta

from bot.cards.card import Card
from bot.cards.messages.checklist_steps import with_checklists
from bot.cards.messages.incident import incident_card, incidents_card
from bot.cards.messages.incident_resolved import closed_card
from bot.cards.messages.not_watched import unwatched_card
from bot.cards.messages.status_answer import with_blind_spots
from bot.chat.command import Call, command
from bot.chat.incident_command import FOR, alert_for, on_named_incident
from bot.model.backend import Backend
from bot.model.incidents import Incident, IncidentQueries

LATELY = timedelta(days=1)
"""How long a resolved incident is still listed."""

_VIEW, _ALERT = "view", "alert"


@command(
    word="incidents",
    usage="[incident]",
    summary="List the open incidents and the services of yours that they affect.",
    example="incidents",
    options=(FOR, _VIEW),
)
async def incidents(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """List the incidents, or show one. Where nothing is watched the answer says so."""
    queries = backend.incidents
    if queries is None:
        yield unwatched_card("incidents")
    elif not call.words:
        listed = [found for found in await queries.incidents(since=call.now - LATELY) if not found.part_of]
        card = incidents_card(listed, maintenance=queries.active_maintenance(), blind=queries.blind())
        feeds = backend.providers
        yield with_blind_spots(card, feeds.readings(), await feeds.exposure(), call.now) if feeds else card
    elif call.options.get(_VIEW) == _ALERT:  # back from a form that replaced an alert
        yield alert_for(await on_named_incident(call, queries, _incident), call, backend)
    else:
        incident = await on_named_incident(call, queries, _incident)
        if incident.open:
            card = incident_card(incident, currency=backend.audits.currency)
        else:
            receipts = await queries.notification_receipts(incident.id)
            card = closed_card(incident, receipts, now=call.now, currency=backend.audits.currency)
        yield with_checklists(card, await backend.records.checklists(incident.id))


async def _incident(queries: IncidentQueries, name: str) -> Incident:
    return await queries.incident(name)
