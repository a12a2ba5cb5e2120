"""`incidents [incident]`: what is under way, and what it does to us; one of them in full."""

from collections.abc import AsyncGenerator
from datetime import timedelta

from bot.cards.card import Card
from bot.cards.messages.incident import incident_card, incidents_card
from bot.cards.messages.incident_resolved import closed_card
from bot.cards.messages.not_watched import unwatched_card
from bot.cards.messages.status_answer import with_blind_spots
from bot.chat.command import Call, command
from bot.chat.incident_command import FOR, alert_of, found
from bot.model.backend import Backend
from bot.model.incidents import Incident, IncidentQueries

LATELY = timedelta(days=1)
"""How long an incident that is over is still listed."""

_VIEW, _ALERT = "view", "alert"


@command(
    word="incidents",
    usage="[incident]",
    summary="Incidents that are under way, and which of your services they touch.",
    example="incidents",
    options=(FOR, _VIEW),
)
async def incidents(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """List them, or show one. Where nothing is watched that is said: it is no all-clear."""
    watch = backend.incidents
    if watch is None:
        yield unwatched_card("incidents")
    elif not call.words:
        listed = [one for one in await watch.incidents(since=call.now - LATELY) if not one.part_of]
        card = incidents_card(listed, now=call.now, quiet=watch.active_maintenance(), blind=watch.blind())
        room = backend.providers
        yield with_blind_spots(card, room.readings(), await room.exposure(), call.now) if room else card
    elif call.options.get(_VIEW) == _ALERT:  # the way back from a form that took the place of an alert
        yield alert_of(await found(call, watch, _look), call, backend)
    else:
        one = await found(call, watch, _look)
        if one.open:
            yield incident_card(one, now=call.now, currency=backend.audits.currency)
        else:
            yield closed_card(
                one, await watch.notification_receipts(one.id), now=call.now, currency=backend.audits.currency
            )


async def _look(watch: IncidentQueries, name: str) -> Incident:
    return await watch.incident(name)
