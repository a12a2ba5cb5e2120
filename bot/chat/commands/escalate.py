"""`escalate <incident> [audience]`: tell another audience now."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.incident_forms import AUDIENCE, escalate_form
from bot.chat.command import Call, UsageError, command
from bot.chat.form_values import actor, untaken
from bot.chat.incident_command import FOR, handled, who
from bot.chat.suggestions import find
from bot.model import Role
from bot.model.backend import Backend
from bot.model.incidents import Incident, IncidentQueries


@command(
    word="escalate",
    usage="<incident> [audience]",
    summary="Tell another audience of an incident, now; without a name a form asks for it.",
    example="escalate aws-us-east-1-1020-0648 platform",
    role=Role.RESPONDER,
    options=(FOR,),
)
async def escalate(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """The alert goes out to them as to those who were told before, and is kept up to date for them too."""
    asked = call.fields.get(AUDIENCE, "").strip() or " ".join(call.words[1:])

    async def tell(watch: IncidentQueries, id: str) -> Incident | Card:
        incident, audience = await watch.incident(id), find(asked, watch.audiences) if asked else None
        if audience is not None:
            return await watch.escalate(incident.id, audience, who(call), actor=actor(call.caller))
        wrong = f"no audience is called {asked}" if asked else "Say who it is." if call.fields else ""
        form = escalate_form(incident, watch.audiences, audience=call.options.get(FOR, ""), wrong=wrong)
        if wrong and call.fields:
            raise untaken(call, {AUDIENCE: wrong}, form)
        if wrong:
            raise UsageError(f"{wrong}. There are: {', '.join(watch.audiences)}")
        return form

    async for card in handled(call, backend, tell):
        yield card
