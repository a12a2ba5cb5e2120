"""What the commands on incidents have in common: who watches, which incident is meant, and the alert as it then is."""

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

Made = TypeVar("Made")
FOR = "for"
"""The option by which a button says on whose alert it stands, so that the answer is that alert again."""


async def handled(
    call: Call, backend: Backend, act: Callable[[IncidentQueries, str], Awaitable[Incident | Card]]
) -> AsyncGenerator[Card, None]:
    """Do something about the incident that the first word names, and show the alert as it then is, or a form.

    Raises:
        UsageError: no incident is named.
        UnknownNameError: no incident is called so.
    """
    watch = backend.incidents
    if watch is None:
        yield unwatched_card("incidents")
        return
    if not call.words:
        raise UsageError("Which incident? `incidents` lists them with their names.")
    made = await found(call, watch, act)
    yield made if isinstance(made, Card) else alert_of(made, call, backend)


def alert_of(incident: Incident, call: Call, backend: Backend) -> Card:
    """The alert as the audience sees it on whose alert a button was pressed."""
    return alert_card(incident, now=call.now, currency=backend.audits.currency, audience=call.options.get(FOR, ""))


async def found(call: Call, watch: IncidentQueries, act: Callable[[IncidentQueries, str], Awaitable[Made]]) -> Made:
    """What `act` makes of the incident that the first word names.

    Raises:
        UnknownNameError: no incident is called so.
    """
    name = call.words[0]
    try:
        return await act(watch, name)
    except UnknownIncidentError:
        known = [one.id for one in await watch.incidents()]
        near = nearest(name, known) or known[:3]
        raise UnknownNameError("incident", name, tuple((one, quoted("incidents", one)) for one in near)) from None


def who(call: Call) -> str:
    """The caller, as people know them."""
    return call.caller.name or call.caller.user
