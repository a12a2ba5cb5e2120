"""`mute <incident> [duration]`: sends no new message about an incident for a while."""

from collections.abc import AsyncGenerator
from datetime import timedelta

from bot.cards.card import Card
from bot.chat.command import Call, UsageError, command
from bot.chat.durations import duration
from bot.chat.form_values import actor
from bot.chat.incident_command import FOR, act_on_incident, person_of
from bot.model import Role
from bot.model.backend import Backend

DEFAULT = timedelta(hours=1)
LONGEST = timedelta(days=7)


@command(
    word="mute",
    usage="<incident> [duration]",
    summary="Mute an incident for a while; only its resolution is still announced.",
    example="mute aws-us-east-1-1020-0648 2h",
    role=Role.RESPONDER,
    options=(FOR,),
)
async def mute(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Mute the incident for an hour, or as long as requested; existing messages are still updated."""
    asked = " ".join(call.words[1:])
    lasts = duration(asked) if asked else DEFAULT
    if lasts is None or lasts > LONGEST:
        raise UsageError(f"{asked} is not a duration of at most 7 days. Example: 2h")
    name, actor_id = person_of(call), actor(call.caller)
    async for card in act_on_incident(
        call, backend, lambda incidents, incident: incidents.mute(incident, lasts, name, actor=actor_id)
    ):
        yield card
