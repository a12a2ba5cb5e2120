"""`assign <incident> [person]`: somebody is to be on it."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.incident_forms import PERSON, assign_form
from bot.chat.command import Call, command
from bot.chat.form_values import actor, untaken
from bot.chat.incident_command import FOR, handled, who
from bot.model import Role
from bot.model.backend import Backend
from bot.model.incidents import Incident, IncidentQueries

ME = ("me", "myself")
_LONGEST = 120


@command(
    word="assign",
    usage="<incident> [person]",
    summary="Write down who is to look after an incident; without a name a form asks for it.",
    example="assign aws-us-east-1-1020-0648 Ann",
    role=Role.RESPONDER,
    options=(FOR,),
)
async def assign(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Name the person, as they are known to those who read it; `me` is whoever asks."""
    person = call.fields.get(PERSON, "").strip() or " ".join(call.words[1:])
    person = who(call) if person.casefold() in ME else person[:_LONGEST]

    async def name(watch: IncidentQueries, id: str) -> Incident | Card:
        incident = await watch.incident(id)
        if person:
            return await watch.assign(incident.id, person, who(call), actor=actor(call.caller))
        wrong = "Say who it is." if call.fields else ""
        me = (call.caller.user, who(call))
        form = assign_form(incident, me, audience=call.options.get(FOR, ""), wrong=wrong)
        if wrong:
            raise untaken(call, {PERSON: wrong}, form)
        return form

    async for card in handled(call, backend, name):
        yield card
