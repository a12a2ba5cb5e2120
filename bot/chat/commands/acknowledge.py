"""`acknowledge <incident>`: stops the escalation of an incident in the caller's name."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.chat.command import Call, command
from bot.chat.form_values import actor
from bot.chat.incident_command import FOR, act_on_incident, person_of
from bot.model import Role
from bot.model.backend import Backend


@command(
    word="acknowledge",
    usage="<incident>",
    summary="Acknowledge an incident so that it does not escalate.",
    example="acknowledge aws-us-east-1-1020-0648",
    role=Role.RESPONDER,
    options=(FOR,),
)
async def acknowledge(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Acknowledge the incident in the caller's name."""
    name, actor_id = person_of(call), actor(call.caller)
    async for card in act_on_incident(
        call, backend, lambda incidents, incident: incidents.acknowledge(incident, name, actor=actor_id)
    ):
        yield card
