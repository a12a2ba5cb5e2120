"""`incidents [incident]`: what is under way, and what it does to us; one of them in full."""

from collections.abc import AsyncGenerator
from datetime import timedelta

from bot.cards.card import Card
from bot.cards.incident import incident_card, incidents_card
from bot.cards.nothing_yet import unwatched_card
from bot.commands._command import Call, command
from bot.commands._incident import found, watch_of
from bot.ports import Desk
from bot.signals import Incidents, OwnIncident

LATELY = timedelta(days=1)
"""How long an incident that is over is still listed."""


@command(
    word="incidents",
    usage="[incident]",
    summary="Incidents that are under way, and which of your services they touch.",
    example="incidents",
)
async def incidents(call: Call, desk: Desk) -> AsyncGenerator[Card, None]:
    """List them, or show one. Where nothing is watched that is said: it is no all-clear."""
    watch = watch_of(desk)
    if watch is None:
        yield unwatched_card("incidents")
    elif call.words:
        yield incident_card(await found(call, watch, _look), now=call.now, currency=desk.currency)
    else:
        yield incidents_card(await watch.incidents(since=call.now - LATELY), now=call.now)


async def _look(watch: Incidents, name: str) -> OwnIncident:
    return await watch.incident(name)
