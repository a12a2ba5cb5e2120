"""What the commands on incidents have in common: who watches, and which incident is meant."""

from collections.abc import AsyncGenerator, Awaitable, Callable

from bot.cards.card import Card
from bot.cards.incident import incident_card
from bot.cards.nothing_yet import unwatched_card
from bot.commands._command import Call, UnknownNameError, UsageError
from bot.commands._line import quoted
from bot.commands._naming import nearest
from bot.ports import Desk
from bot.signals import Incidents, OwnIncident, UnknownIncidentError, Watched


def watch_of(desk: Desk) -> Incidents | None:
    """Who watches; None where nothing is set up to."""
    return desk.watch if isinstance(desk, Watched) else None


async def handled(
    call: Call, desk: Desk, act: Callable[[Incidents, str], Awaitable[OwnIncident]]
) -> AsyncGenerator[Card, None]:
    """Do something about the incident that the first word names, and show it as it then is.

    Raises:
        UsageError: no incident is named.
        UnknownNameError: no incident is called so.
    """
    watch = watch_of(desk)
    if watch is None:
        yield unwatched_card("incidents")
        return
    if not call.words:
        raise UsageError("Which incident? `incidents` lists them with their names.")
    yield incident_card(await found(call, watch, act), now=call.now, currency=desk.currency)


async def found(call: Call, watch: Incidents, act: Callable[[Incidents, str], Awaitable[OwnIncident]]) -> OwnIncident:
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
