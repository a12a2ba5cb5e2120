"""`assign <incident> [person]`: records who works on an incident."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.incident_forms import PERSON, assign_form
from bot.chat.command import Call, command
from bot.chat.form_values import actor, field_errors
from bot.chat.incident_command import FOR, act_on_incident, person_of
from bot.model import Role
from bot.model.backend import Backend
from bot.model.incidents import Incident, IncidentQueries

ME = ("me", "myself")
_LONGEST = 120


@command(
    word="assign",
    usage="<incident> [person]",
    summary="Assign an incident to a person; without a name, a form asks for it.",
    example="assign aws-us-east-1-1020-0648 Ann",
    role=Role.RESPONDER,
    options=(FOR,),
)
async def assign(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Assign the incident to the named person; `me` is the caller."""
    person = call.fields.get(PERSON, "").strip() or call.text_from(1).removeprefix("@")
    me = person.casefold() in ME or " ".join(call.words[1:]).casefold() in ME
    person = person_of(call) if me else person[:_LONGEST]

    async def assign_to(incidents: IncidentQueries, id: str) -> Incident | Card:
        incident = await incidents.incident(id)
        if person:
            return await incidents.assign(incident.id, person, person_of(call), actor=actor(call.caller))
        wrong = "Enter a person." if call.fields else ""
        me = (call.caller.user, person_of(call))
        form = assign_form(incident, me, audience=call.options.get(FOR, ""), wrong=wrong)
        if wrong:
            raise field_errors(call, {PERSON: wrong}, form)
        return form

    async for card in act_on_incident(call, backend, assign_to):
        yield card
