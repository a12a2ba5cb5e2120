"""What all commands on incidents share: finding the named incident, acting on it, and showing its alert."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from bot.cards.card import Card
from bot.cards.messages.alert import alert_card
from bot.cards.messages.not_watched import unwatched_card
from bot.chat.command import Call, UnknownNameError, UsageError
from bot.chat.parsing import quoted
from bot.chat.suggestions import nearest
from bot.model.backend import Backend
from bot.model.incidents import Incident, IncidentQueries, UnknownIncidentError

Outcome = TypeVar("Outcome")
FOR = "for"
"""The option by which a button names the audience whose alert it is on, so that the answer is that alert again."""


async def act_on_incident(
    call: Call, backend: Backend, act: Callable[[IncidentQueries, str], Awaitable[Incident | Card]]
) -> AsyncGenerator[Card, None]:
    """Act on the incident that the first word names; show its alert afterwards, or the form that `act` gives.

    Raises:
        UsageError: no incident is named.
        UnknownNameError: there is no such incident.
    """
    incidents = backend.incidents
    if incidents is None:
        yield unwatched_card("incidents")
        return
    if not call.words:
        raise UsageError("Name the incident. The command `incidents` lists them.")
    outcome = await on_named_incident(call, incidents, act)
    yield outcome if isinstance(outcome, Card) else alert_for(outcome, call, backend)


def alert_for(incident: Incident, call: Call, backend: Backend) -> Card:
    """The alert as the audience sees it on whose alert the button was pressed."""
    return alert_card(incident, currency=backend.audits.currency, audience=call.options.get(FOR, ""))


async def on_named_incident(
    call: Call, incidents: IncidentQueries, act: Callable[[IncidentQueries, str], Awaitable[Outcome]]
) -> Outcome:
    """The outcome of `act` for the incident that the first word names.

    Raises:
        UnknownNameError: there is no such incident.
    """
    name = call.words[0]
    try:
        return await act(incidents, name)
    except UnknownIncidentError:
        known = [incident.id for incident in await incidents.incidents()]
        near = nearest(name, known) or known[:3]
        raise UnknownNameError("incident", name, tuple((other, quoted("incidents", other)) for other in near)) from None


def person_of(call: Call) -> str:
    """The caller's name for people, else the id."""
    return call.caller.name or call.caller.user
