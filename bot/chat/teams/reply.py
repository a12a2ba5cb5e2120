"""Shows a command's cards in Teams as one message, posted once and updated in place."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog

from bot.cards.card import Card
from bot.cards.render.teams import render
from bot.cards.render.teams_message import CARD, message
from bot.cards.render.teams_text import literal
from bot.cards.sanitise import cut
from bot.chat.dispatch import personal
from bot.chat.teams.api import TeamsApi
from bot.chat.teams.outcome import TeamsCallError
from bot.chat.teams.requests import Destination
from bot.model import Refused

PROGRESS = "progress"
_SENT_TO_YOU = "The answer is in your personal chat with backstay."
_FOR_YOU_ALONE = "The answer is for you alone. Ask in your personal chat with backstay."
_SHOWN_AS_TEXT = frozenset({"error", "refused"})
TRIES = 3
# Teams shows "typing" for a few seconds after each typing activity.
TYPING_SECONDS = 4.0
_TYPING_AFTER = 0.3
_TEXT = "application/vnd.microsoft.activity.message"
_log = structlog.get_logger(__name__)


class Reply:
    """The answer to one request. `show` never raises when Teams fails: what could not be shown is logged.

    Teams hides no message of a channel or group chat: what only the caller may see goes to their personal chat.

    Args:
        place: where the answer goes.
        api: calls to Teams.
        private: whether a card is the caller's alone; it does not replace the card that was clicked on, which others read.
    """

    def __init__(self, place: Destination, api: TeamsApi, private: Callable[[Card], bool] = lambda _: False) -> None:
        self._place, self._api, self._private = place, api, private
        self._message = place.message

    async def show(self, card: Card, *, beside: bool = False) -> None:
        """Show a card in place of the one shown before; as a new message where there is none, or with `beside`."""
        if personal(card) and not self._place.direct:
            await self._show_to_caller(card)
            return
        working = card.kind == PROGRESS
        tries, content = 1 if working else TRIES, message(card)
        beside = beside or (bool(self._place.message) and self._private(card))
        if self._message and not beside and await self._replaced(content, tries, working=working):
            return
        try:
            place = self._place
            self._message = await self._api.post(place.reference, content, reply_to=place.reply_to, tries=tries)
        except TeamsCallError as failure:
            log = _log.warning if working else _log.error
            log("teams_answer_lost", reason=str(failure), card=card.kind)

    async def _show_to_caller(self, card: Card) -> None:
        """Post to the caller's personal chat, and say in the conversation where the answer is."""
        place, note = self._place, _SENT_TO_YOU
        try:
            chat = await self._api.personal_chat(place.reference, place.person)
            await self._api.post(chat, message(card), tries=TRIES)
        except TeamsCallError as failure:
            note = _FOR_YOU_ALONE
            _log.error("teams_answer_lost", reason=str(failure), card=card.kind, personal=True)
        with suppress(TeamsCallError):
            await self._api.post(place.reference, {"type": "message", "text": note}, reply_to=place.reply_to)

    async def _replaced(self, content: Mapping[str, Any], tries: int, *, working: bool) -> bool:
        try:
            await self._api.update(self._place.reference, self._message, content, tries=tries)
        except TeamsCallError as failure:
            _log.warning("teams_update_failed", reason=str(failure))
            # Lost progress is replaced by the next card; an answer is worth a message of its own.
            return working and not isinstance(failure.result, Refused)
        return True

    async def type(self) -> None:
        """Show the typing indicator until cancelled; not at all where the answer is quick."""
        await asyncio.sleep(_TYPING_AFTER)
        while True:
            with suppress(TeamsCallError):
                await self._api.post(self._place.reference, {"type": "typing"})
            await asyncio.sleep(TYPING_SECONDS)


class Click:
    """The answer to a click. In time it is the click's own response, so that the card changes at once.

    A later answer replaces the card by an update of the message. Other readers of the card get the new one too, except
    for private cards such as forms: only the person who clicked sees those, in place of the card.

    Args:
        reply: shows late answers, and those for other readers.
        place: the card that was clicked on.
        private: whether only the caller sees a card.
    """

    def __init__(self, reply: Reply, place: Destination, private: Callable[[Card], bool]) -> None:
        self._reply, self._place, self._private = reply, place, private
        self._first: asyncio.Future[Card] = asyncio.get_running_loop().create_future()
        self._newest: Card | None = None
        self._answered = False

    async def show(self, card: Card) -> None:
        """Show a card: as the response to the click while Teams waits for it, else as a message."""
        self._newest = card
        if self._answered:
            await self._reply.show(card, beside=self._private(card))
            return
        if card.kind != PROGRESS:
            self._answered = True
            self._first.set_result(card)
            if not self._private(card) or not self._place.message:
                await self._show_to_others(card)

    async def _show_to_others(self, card: Card) -> None:
        if not self._is_text(card):
            await self._reply.show(card)

    async def answer(self, within: float) -> dict[str, Any]:
        """The response to the click: the answer if it is in time, else the progress so far, else a short text."""
        await asyncio.wait([self._first], timeout=within)
        self._answered = True
        card = self._first.result() if self._first.done() else self._newest
        if card is not None and (self._is_text(card) or not self._place.message):
            return text_answer(f"{card.title}. {card.summary}" if self._is_text(card) else "Answered in a new message.")
        return (
            card_answer(card) if card is not None else text_answer("Working on it: the answer will replace this card.")
        )

    def _is_text(self, card: Card) -> bool:
        """Whether the answer is a text beside the card, which stays: an error or a refusal, which nobody else needs to see."""
        return card.kind in _SHOWN_AS_TEXT and self._private(card)


def card_answer(card: Card) -> dict[str, Any]:
    """The response to a click that replaces the card that was clicked on."""
    return {"statusCode": 200, "type": CARD, "value": render(card)}


def text_answer(text: str) -> dict[str, Any]:
    """The response to a click that shows a text and leaves the card."""
    return {"statusCode": 200, "type": _TEXT, "value": cut(literal(text), 400)}
