"""`escalate <incident> [audience]`: notifies another audience of an incident now."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.incident_forms import AUDIENCE, escalate_form
from bot.chat.command import Call, UsageError, command
from bot.chat.form_values import actor, field_errors
from bot.chat.incident_command import FOR, act_on_incident, person_of
from bot.chat.suggestions import find
from bot.model import Role
from bot.model.backend import Backend
from bot.model.incidents import Incident, IncidentQueries


@command(
    word="escalate",
    usage="<incident> [audience]",
    summary="Escalate an incident to another audience now; without a name, a form asks for it.",
    example="escalate aws-us-east-1-1020-0648 platform",
    role=Role.RESPONDER,
    options=(FOR,),
)
async def escalate(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Send the alert to the audience and keep it up to date there too."""
    asked = call.fields.get(AUDIENCE, "").strip() or " ".join(call.words[1:])

    async def escalate_to(incidents: IncidentQueries, id: str) -> Incident | Card:
        incident = await incidents.incident(id)
        audience = find(asked, incidents.audiences) if asked else None
        if audience is not None:
            return await incidents.escalate(incident.id, audience, person_of(call), actor=actor(call.caller))
        wrong = f"No audience is called {asked!r}." if asked else "Choose an audience." if call.fields else ""
        form = escalate_form(incident, incidents.audiences, audience=call.options.get(FOR, ""), wrong=wrong)
        if wrong and call.fields:
            raise field_errors(call, {AUDIENCE: wrong}, form)
        if wrong:
            raise UsageError(f"{wrong} Known: {', '.join(incidents.audiences)}")
        return form

    async for card in act_on_incident(call, backend, escalate_to):
        yield card
