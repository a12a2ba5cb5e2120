"""Sends to Microsoft Teams through a Workflows webhook, as an Adaptive Card without buttons."""

import json
from typing import Any, ClassVar

from bot.cards.card import Card, load
from bot.cards.render import teams as to_teams
from bot.delivery.routing.context import Options, RouteContext
from bot.delivery.routing.possible_duplicate import mark_possible_duplicate
from bot.model import Message, Refused, Result, RouteSpec
from bot.net.http import Address, post

MOST_BYTES = 28 * 1024
"""Workflows refuse more (learn.microsoft.com, incoming webhook: message size limit 28 KB)."""


class Settings(Options):
    """`url`: reference to the workflow's address, which is a secret as a whole."""

    url: str
    allow_private: bool = False


class TeamsWebhook:
    """One workflow, which posts to one channel or chat."""

    kind: ClassVar[str] = "teams_webhook"
    platform = "teams"

    def __init__(self, name: str, address: Address, context: RouteContext) -> None:
        self.name = name
        self._address = address
        self._context = context

    async def send(self, message: Message, attempt: int) -> Result:
        """Post the card. After a broken connection it may appear twice, since Workflows keep no ids."""
        try:
            body = _body(load(mark_possible_duplicate(message, attempt).card))
        except ValueError:
            return Refused("the card cannot be read")
        if len(body) > MOST_BYTES:
            return Refused(f"the card has {len(body)} bytes, more than the limit of Workflows, {MOST_BYTES}")
        return await post(self._address, body, {"Content-Type": "application/json"}, self._context)


def build(spec: RouteSpec, context: RouteContext) -> TeamsWebhook:
    """Build the route.

    Raises:
        RouteError: a setting is wrong.
    """
    settings = Settings.of(spec)
    url = context.resolve(settings.url)
    return TeamsWebhook(
        spec.name,
        Address.parse(url, route=spec.name, outgoing=context.outgoing, allow_private=settings.allow_private),
        context,
    )


def _body(card: Card) -> bytes:
    whole = _encoded(to_teams.render(card, interactive=False))
    if len(whole) <= MOST_BYTES:
        return whole
    # Too large: send title and summary alone.
    brief = Card(card.kind, card.title, card.summary[:2_000], tone=card.tone)
    return _encoded(to_teams.render(brief, interactive=False))


def _encoded(content: dict[str, Any]) -> bytes:
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return json.dumps({"type": "message", "attachments": [attachment]}, ensure_ascii=False).encode(errors="replace")
