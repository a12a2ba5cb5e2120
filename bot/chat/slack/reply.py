"""Shows a command's cards in Slack as one message or modal, updated in place."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.cards.card import Card
from bot.cards.render.slack import home, modal, render
from bot.cards.render.slack_chart import drawn_in
from bot.chat.slack.api import TRIES, FailedCallError, SlackApi
from bot.chat.slack.destination import Destination

PROGRESS = "progress"
_NO_PREVIEWS = {"unfurl_links": False, "unfurl_media": False}
_SAYS_WHY = frozenset({"error", "refused"})  # these replace the progress that they end
_UNDRAWABLE = ("invalid_blocks", "invalid_blocks_format", "HTTP 400")  # a response_url returns only a status
Way = Callable[[Card, int], Awaitable[None]]
_log = structlog.get_logger(__name__)


def modal_view(card: Card, place: Destination) -> dict[str, Any]:
    """The card as a modal that carries the place of its answers along."""
    form = card.form
    packed = place.packed(form.command, back=form.update) if form else place.packed()
    return modal(card) | {"private_metadata": packed}


class Reply:
    """The answer to one request. `show` never raises when Slack fails: what could not be shown is logged.

    It goes to the channel as the bot's own post, or to the caller alone where the card is private or the bot cannot post
    there. A private card never goes to the channel: where Slack cannot hide it there, it becomes a direct message. A
    pressed button's answer replaces the card with the button, unless it is private. A form opens as a modal where Slack
    allows it (a trigger), and so does an answer outside of any channel; where that fails the card becomes a message, with
    the form as a line to type.

    Args:
        place: where the answer belongs.
        api: calls to Slack.
        private: whether only the caller sees a card.
    """

    def __init__(self, place: Destination, api: SlackApi, private: Callable[[Card], bool]) -> None:
        self._place, self._api, self._private = place, api, private
        self._channel = place.channel or place.user  # a user id stands for the direct messages with the user
        self._message = "" if place.hidden else place.message
        self._view = place.view
        self._replaces = bool(place.message)
        self._direct: dict[str, str] = {}
        self._shown: Way | None = None
        self._charts = True

    async def show(self, card: Card) -> None:
        """Show a card in place of the one shown before, else where `place` says."""
        working = card.kind == PROGRESS
        if working and self._shown == self._respond:
            return  # a response_url takes five posts: keep them for the answer and its retries
        for way in self._ways(card, working=working):
            try:
                await self._by(way, card, 1 if working else TRIES)
            except FailedCallError as failure:
                _log.warning("slack_call_failed", way=way.__name__.strip("_"), reason=str(failure), card=card.kind)
            else:
                self._shown = way
                return
        if not working:
            _log.error("slack_answer_lost", card=card.kind, channel=self._place.channel)

    def _ways(self, card: Card, *, working: bool) -> list[Way]:
        if self._private(card) and self._shown in (self._post, self._update) and card.kind not in _SAYS_WHY:
            self._shown = None  # the work was shown to the channel; its answer is not
        if self._shown is None:
            ways = self._view_ways(card) + self._first_ways(card)
        elif self._shown in (self._open, self._push, self._change):
            ways = [self._change] if working else [self._change, *self._first_ways(card)]
        elif self._shown in (self._post_direct, self._update_direct):
            ways = [self._update_direct] if working else [self._update_direct, self._post_direct]
        elif self._shown in (self._post, self._update):
            last = [self._post_ephemeral, self._post_direct] if self._private(card) else [self._post]
            ways = [self._update] if working else [self._update, self._respond, *last]
        else:
            ways = [self._respond, self._post_ephemeral, self._post_direct]
        return [way for way in ways if way != self._respond or self._place.response_url]

    def _view_ways(self, card: Card) -> list[Way]:
        place = self._place
        if place.home:
            return [self._publish]
        if place.view:
            return [self._push, self._change] if place.deeper else [self._change]
        return [self._open] if place.trigger and (card.form or not place.channel) else []

    def _first_ways(self, card: Card) -> list[Way]:
        if self._place.home:
            return []
        if self._private(card) or card.form:
            self._message, self._replaces = "", False
            if not self._place.channel:
                return [self._respond, self._post_direct]
            if self._place.direct:
                return [self._respond, self._post, self._post_direct]
            return [self._respond, self._post_ephemeral, self._post_direct]
        if self._message:
            return [self._update, self._respond, self._post]
        return [self._respond] if self._place.hidden else [self._post, self._respond]

    async def _post(self, card: Card, tries: int) -> None:
        thread = {"thread_ts": self._place.thread} if self._place.thread else {}
        message = {"channel": self._channel, **thread, **_NO_PREVIEWS, **render(card, charts=self._charts)}
        sent = await self._api.call("chat.postMessage", message, tries=tries)
        self._message, self._channel = str(sent.get("ts", "")), str(sent.get("channel") or self._channel)

    async def _post_direct(self, card: Card, tries: int) -> None:
        """Post to the direct messages with the caller, for whom a user id stands."""
        message = {"channel": self._place.user, **_NO_PREVIEWS, **render(card, charts=self._charts)}
        sent = await self._api.call("chat.postMessage", message, tries=tries)
        self._direct = {"channel": str(sent.get("channel") or self._place.user), "ts": str(sent.get("ts", ""))}

    async def _update_direct(self, card: Card, tries: int) -> None:
        message = {**self._direct, **render(card, charts=self._charts)}
        await self._api.call("chat.update", message, tries=tries, again=True)

    async def _update(self, card: Card, tries: int) -> None:
        where = {"channel": self._channel, "ts": self._message}
        await self._api.call("chat.update", {**where, **render(card, charts=self._charts)}, tries=tries, again=True)

    async def _by(self, way: Way, card: Card, tries: int) -> None:
        try:
            await way(card, tries)
        except FailedCallError as failure:
            if str(failure) not in _UNDRAWABLE or not self._charts or not drawn_in(render(card)):
                raise
            self._charts = False  # the workspace refuses charts: show them as text
            await way(card, tries)

    async def _respond(self, card: Card, tries: int) -> None:
        options = {"response_type": "ephemeral", "replace_original": self._replaces}
        await self._api.respond(self._place.response_url, {**options, **render(card, charts=self._charts)}, tries=tries)
        self._replaces = True

    async def _post_ephemeral(self, card: Card, tries: int) -> None:
        thread = {"thread_ts": self._place.thread} if self._place.thread else {}
        where = {"channel": self._place.channel, "user": self._place.user}
        await self._api.call(
            "chat.postEphemeral", {**where, **thread, **render(card, charts=self._charts)}, tries=tries
        )

    async def _open(self, card: Card, _tries: int) -> None:
        await self._call_view("views.open", {"trigger_id": self._place.trigger}, card)

    async def _push(self, card: Card, _tries: int) -> None:
        await self._call_view("views.push", {"trigger_id": self._place.trigger}, card)

    async def _change(self, card: Card, tries: int) -> None:
        await self._call_view("views.update", {"view_id": self._view}, card, tries=tries, again=True)

    async def _publish(self, card: Card, tries: int) -> None:
        shown = {"user_id": self._place.user, "view": home(card)}
        await self._api.call("views.publish", shown, tries=tries, again=True)

    async def _call_view(
        self, method: str, where: dict[str, str], card: Card, *, tries: int = 1, again: bool = False
    ) -> None:
        """Call with the card as a modal. A trigger is valid once and for 3 s: a retry would be useless."""
        answer = await self._api.call(
            method, {**where, "view": modal_view(card, self._place)}, tries=tries, again=again
        )
        view = answer.get("view")
        self._view = str(view.get("id") or self._view) if isinstance(view, dict) else self._view
