"""Puts one command's cards in front of people in Teams: one message, posted once and replaced in place."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog

from bot.cards.card import Card
from bot.cards.render.teams import render
from bot.cards.render.teams_text import literal
from bot.cards.sanitise import cut
from bot.chat.teams.api import TeamsApi, TeamsCallError
from bot.chat.teams.requests import Destination
from bot.model import Refused

PROGRESS = "progress"
_TOLD_BESIDE = frozenset({"error", "refused"})
TRIES = 3
# Teams shows "typing" for a few seconds after it was told.
TYPING_SECONDS = 4.0
_TYPING_AFTER = 0.3
CARD = "application/vnd.microsoft.card.adaptive"
_WORDS = "application/vnd.microsoft.activity.message"
_log = structlog.get_logger(__name__)


def message_of(card: Card) -> dict[str, Any]:
    """A card as the activity that carries it; `summary` is what notifications show."""
    words = cut(f"{literal(card.title)}: {literal(card.summary)}", 400)
    return {
        "type": "message",
        "summary": words,
        "attachments": [{"contentType": CARD, "content": render(card)}],
    }


class Reply:
    """The answer to one request. `show` never raises for what Teams does: what could not be shown is logged.

    Args:
        place: where the answer belongs.
        api: calls to Teams.
    """

    def __init__(self, place: Destination, api: TeamsApi) -> None:
        self._place, self._api = place, api
        self._message = place.message

    async def show(self, card: Card, *, beside: bool = False) -> None:
        """Show a card: instead of the one shown before, else, and `beside` it in any case, as a new message."""
        working = card.kind == PROGRESS
        tries, content = 1 if working else TRIES, message_of(card)
        if self._message and not beside and await self._replaced(content, tries, working=working):
            return
        try:
            place = self._place
            self._message = await self._api.post(place.reference, content, reply_to=place.reply_to, tries=tries)
        except TeamsCallError as failure:
            told = _log.warning if working else _log.error
            told("teams_answer_lost", reason=str(failure), card=card.kind)

    async def _replaced(self, content: Mapping[str, Any], tries: int, *, working: bool) -> bool:
        try:
            await self._api.update(self._place.reference, self._message, content, tries=tries)
        except TeamsCallError as failure:
            _log.warning("teams_update_failed", reason=str(failure))
            # Progress that is lost is made up for by the next card; an answer is worth a message of its own.
            return working and not isinstance(failure.result, Refused)
        return True

    async def type(self) -> None:
        """Show that somebody is at work, until cancelled; not at all where the answer is quick."""
        await asyncio.sleep(_TYPING_AFTER)
        while True:
            with suppress(TeamsCallError):
                await self._api.post(self._place.reference, {"type": "typing"})
            await asyncio.sleep(TYPING_SECONDS)


class Click:
    """The answer to a click: in time it is what the click itself returns, so that the card changes under the pointer.

    What comes later replaces the card as a message. Whoever else sees the card gets the new one too, but for a form and
    the like: those are for who clicked, who sees them in place of the card.

    Args:
        reply: shows what comes late, and what others are to see.
        place: where the card is that was clicked on.
        private: whether a card is for the asker alone.
    """

    def __init__(self, reply: Reply, place: Destination, private: Callable[[Card], bool]) -> None:
        self._reply, self._place, self._private = reply, place, private
        self._first: asyncio.Future[Card] = asyncio.get_running_loop().create_future()
        self._newest: Card | None = None
        self._answered = False

    async def show(self, card: Card) -> None:
        """Show a card: to whoever waits for the click's answer, else as a message."""
        self._newest = card
        if self._answered:
            await self._reply.show(card, beside=self._private(card))
            return
        if card.kind != PROGRESS:
            self._answered = True
            self._first.set_result(card)
            if not self._private(card) or not self._place.message:
                await self._shown_to_others(card)

    async def _shown_to_others(self, card: Card) -> None:
        if not self._words(card):
            await self._reply.show(card)

    async def answer(self, within: float) -> dict[str, Any]:
        """What the click returns: the answer if there is one in time, else how far it is, else a word."""
        await asyncio.wait([self._first], timeout=within)
        self._answered = True
        card = self._first.result() if self._first.done() else self._newest
        if card is not None and (self._words(card) or not self._place.message):
            return said(f"{card.title}. {card.summary}" if self._words(card) else "Answered in a message of its own.")
        return shown(card) if card is not None else said("On it: the answer replaces this card.")

    def _words(self, card: Card) -> bool:
        """A mistake or a refusal is told beside the card, which stays as it is; nobody else needs to see it."""
        return card.kind in _TOLD_BESIDE and self._private(card)


def shown(card: Card) -> dict[str, Any]:
    """The answer to a click that puts a card in the place of the one that was clicked on."""
    return {"statusCode": 200, "type": CARD, "value": render(card)}


def said(words: str) -> dict[str, Any]:
    """The answer to a click that says something beside the card."""
    return {"statusCode": 200, "type": _WORDS, "value": cut(literal(words), 400)}
