"""Sends to Microsoft Teams through a Workflows webhook, as an Adaptive Card without buttons."""

import json
from typing import ClassVar

from bot.cards.card import Card, load
from bot.cards.render.teams_message import message
from bot.delivery.routing.context import Options, RouteContext
from bot.delivery.routing.possible_duplicate import mark_possible_duplicate
from bot.model import Message, Proof, Refused, Result, RouteSpec
from bot.net.http import Address, post, reach

MOST_BYTES = 28 * 1024
"""Workflows refuse more (learn.microsoft.com, incoming webhook: message size limit 28 KB)."""


class Settings(Options):
    """`url`: reference to the workflow's address, which is a secret as a whole."""

    url: str
    allow_private: bool = False


class TeamsWorkflow:
    """One workflow, which posts to one channel or chat."""

    kind: ClassVar[str] = "teams_workflow"
    platform = "teams"

    def __init__(self, name: str, address: Address, context: RouteContext) -> None:
        self.name = name
        self._address = address
        self._context = context

    async def prove(self) -> Proof:
        """Check that the address answers."""
        return await reach(self._address, self._context)

    async def send(self, message: Message, attempt: int) -> Result:
        """Post the card. After a broken connection it may appear twice, since Workflows keep no ids."""
        try:
            body = _body(load(mark_possible_duplicate(message, attempt).card))
        except ValueError:
            return Refused("the card cannot be read")
        if len(body) > MOST_BYTES:
            return Refused(f"the card has {len(body)} bytes, more than the limit of Workflows, {MOST_BYTES}")
        return await post(self._address, body, {"Content-Type": "application/json"}, self._context)


def build(spec: RouteSpec, context: RouteContext) -> TeamsWorkflow:
    """Build the route.

    Raises:
        RouteError: a setting is wrong.
    """
    settings = Settings.of(spec)
    url = context.resolve(settings.url)
    return TeamsWorkflow(
        spec.name,
        Address.parse(url, route=spec.name, outgoing=context.outgoing, allow_private=settings.allow_private),
        context,
    )


def _body(card: Card) -> bytes:
    whole = _encoded(card)
    if len(whole) <= MOST_BYTES:
        return whole
    # Too large: send title and summary alone.
    return _encoded(Card(card.kind, card.title, card.summary[:2_000], tone=card.tone))


def _encoded(card: Card) -> bytes:
    return json.dumps(message(card, interactive=False), ensure_ascii=False).encode(errors="replace")
