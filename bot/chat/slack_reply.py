"""Puts one command's cards in front of people in Slack: one message, posted once and updated in place."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.cards.card import Card
from bot.cards.to_slack import render
from bot.chat.slack_api import TRIES, FailedCallError, SlackApi
from bot.chat.slack_intake import Place

PROGRESS = "progress"
Way = Callable[[dict[str, Any], int], Awaitable[None]]
_log = structlog.get_logger(__name__)


class Reply:
    """The answer to one request. `show` never raises for what Slack does: what could not be shown is logged.

    It goes to the channel as the bot's own post, or to the asker alone where the card is private or the bot cannot post
    there. A pressed button's answer replaces the card that the button stands on, unless it is private.

    Args:
        place: where the answer belongs.
        api: calls to Slack.
        private: whether a card is for the asker alone.
    """

    def __init__(self, place: Place, api: SlackApi, private: Callable[[Card], bool]) -> None:
        self._place, self._api, self._private = place, api, private
        self._message = "" if place.hidden else place.message
        self._replaces = bool(place.message)
        self._shown: Way | None = None

    async def show(self, card: Card) -> None:
        """Show a card: instead of the one shown before, else where the place says."""
        working = card.kind == PROGRESS
        if working and self._shown == self._respond:
            return  # a response_url takes five posts; they are kept for the answer and its retries
        payload = render(card)
        for way in self._ways(card, working=working):
            try:
                await way(payload, 1 if working else TRIES)
            except FailedCallError as failure:
                _log.warning("slack_call_failed", way=way.__name__.strip("_"), reason=str(failure), card=card.kind)
            else:
                self._shown = way
                return
        if not working:
            _log.error("slack_answer_lost", card=card.kind, channel=self._place.channel)

    def _ways(self, card: Card, *, working: bool) -> list[Way]:
        if self._shown is None:
            ways = self._first_ways(card)
        elif self._shown in (self._post, self._update):
            ways = [self._update] if working else [self._update, self._respond, self._post]
        else:
            ways = [self._respond, self._whisper]
        return [way for way in ways if way != self._respond or self._place.response_url]

    def _first_ways(self, card: Card) -> list[Way]:
        if self._private(card):
            self._message, self._replaces = "", False
            return [self._respond, self._whisper, self._post]
        if self._message:
            return [self._update, self._respond, self._post]
        return [self._respond] if self._place.hidden else [self._post, self._respond]

    async def _post(self, payload: dict[str, Any], tries: int) -> None:
        thread = {"thread_ts": self._place.thread} if self._place.thread else {}
        quiet = {"unfurl_links": False, "unfurl_media": False}
        sent = await self._api.call(
            "chat.postMessage", {"channel": self._place.channel, **thread, **quiet, **payload}, tries=tries
        )
        self._message = str(sent.get("ts", ""))

    async def _update(self, payload: dict[str, Any], tries: int) -> None:
        where = {"channel": self._place.channel, "ts": self._message}
        await self._api.call("chat.update", {**where, **payload}, tries=tries, again=True)

    async def _respond(self, payload: dict[str, Any], tries: int) -> None:
        manner = {"response_type": "ephemeral", "replace_original": self._replaces}
        await self._api.respond(self._place.response_url, {**manner, **payload}, tries=tries)
        self._replaces = True

    async def _whisper(self, payload: dict[str, Any], tries: int) -> None:
        thread = {"thread_ts": self._place.thread} if self._place.thread else {}
        where = {"channel": self._place.channel, "user": self._place.user}
        await self._api.call("chat.postEphemeral", {**where, **thread, **payload}, tries=tries)
