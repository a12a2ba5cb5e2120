"""Teams chat: a message or a click on a card becomes a command; its cards become one message, replaced in place."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web

from bot.cards.card import Card
from bot.cards.messages.welcome import welcome_card
from bot.chat.command import FieldErrors, commands
from bot.chat.deduplication import Deduplicator
from bot.chat.streaming import stream_latest
from bot.chat.teams.api import TeamsApi
from bot.chat.teams.authentication import InvalidTokenError, TeamsAuthenticator
from bot.chat.teams.conversations import Conversations, KnownConversations
from bot.chat.teams.reply import Click, Reply, said
from bot.chat.teams.requests import (
    CARD_ACTION,
    ChatRequest,
    Destination,
    addressed,
    from_click,
    from_message,
    kind_of,
    reference_of,
)
from bot.model import Caller, Clock
from bot.net.loopback import loopback

READ_SECONDS = 10.0
# Teams takes 60 messages in 30 seconds in one conversation, of which other answers need some.
UPDATE_SECONDS = 2.0
# Teams gives a click ten seconds or so; people give it less.
CLICK_SECONDS = 2.5
MOST_AT_ONCE = 200
_log = structlog.get_logger(__name__)

Payload = Mapping[str, Any]
Answer = Callable[[str, Caller, Mapping[str, str]], AsyncGenerator[Card, None]]
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


@dataclass(frozen=True, slots=True)
class TeamsOptions:
    """What the chat needs to know.

    `update_seconds` is the pause between two cards of progress, `click_seconds` how long a click waits for its answer,
    `at_once` how many requests are answered at a time.
    """

    organisation: str = ""
    update_seconds: float = UPDATE_SECONDS
    click_seconds: float = CLICK_SECONDS
    at_once: int = MOST_AT_ONCE


class TeamsChat:
    """One app's chat.

    Args:
        options: see there.
        gate: tells Teams' requests from forged ones; None: whoever is on this machine may ask.
        api: calls to Teams.
        kept: keeps where it may speak without being asked.
        answer: a command line, its caller and the fields of a submitted form to cards, progress first.
        private: whether a card is for the asker alone.
        now: UTC.
    """

    def __init__(  # noqa: PLR0913 - what it stands on, by keyword
        self,
        options: TeamsOptions,
        *,
        gate: TeamsAuthenticator | None,
        api: TeamsApi,
        kept: Conversations,
        answer: Answer,
        private: Callable[[Card], bool],
        now: Clock,
    ) -> None:
        self._options, self._gate, self._api = options, gate, api
        self._answer, self._private = answer, private
        self._places = KnownConversations(kept, api, now)
        self._once = Deduplicator(time.monotonic)
        self._work: set[asyncio.Task[None]] = set()

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request of Teams: 401 unless Teams signed it, and acknowledged before any work is done.

        Raises:
            web.HTTPException: 401, 408, 413 (larger than the application takes), 400, or 503 (too much at once).
        """
        claims = await self._claims(request)
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout(text="the body did not arrive in time") from None
        activity = _parsed(body)
        self._admit(claims, activity)
        if len(self._work) >= self._options.at_once:
            _log.warning("teams_busy")
            raise web.HTTPServiceUnavailable(text="busy", headers={"Retry-After": "5"})
        if activity.get("type") == "invoke":
            return await self._invoked(activity)
        self._begin(activity)
        return web.Response(status=200)

    async def finish(self, within: float) -> None:
        """Let what is being answered finish, for at most some seconds."""
        if self._work:
            await asyncio.wait(set(self._work), timeout=within)

    async def stop(self, *, within: float) -> None:
        """Finish, and end what takes longer. Nothing may be handed in any more."""
        await self.finish(within)
        for task in list(self._work):
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    async def _claims(self, request: web.Request) -> Payload | None:
        """What the request's token claims; None where no app is set up and this machine itself asks."""
        if self._gate is not None:
            try:
                return await self._gate.claims(request.headers.get("Authorization", ""))
            except InvalidTokenError as forged:
                _log.warning("teams_refused", reason=str(forged))
                raise web.HTTPUnauthorized(text="not from Teams") from None
        # A proxy on this machine would make everybody local.
        if not loopback(f"http://{request.remote}") or any(name in request.headers for name in _FORWARDED):
            raise web.HTTPUnauthorized(text="without an app id only this machine itself may ask")
        return None

    def _admit(self, claims: Payload | None, activity: Payload) -> None:
        refused = ""
        if self._gate is not None and claims is not None:
            refused = self._gate.objection(claims, activity)
        if not refused and not self._api.serves(str(activity.get("serviceUrl", ""))):
            refused = "its service address is not in teams.service_urls"
        if refused:
            _log.warning("teams_refused", reason=refused)
            raise web.HTTPUnauthorized(text="not from Teams")

    def _begin(self, activity: Payload) -> None:
        """Start the work that an activity asks for, if any."""
        kind = activity.get("type")
        if kind == "message":
            self._start(self._places.saw(activity))
            ask = from_message(activity)
            if self._meant(activity, ask) and self._once.is_first(ask.key):
                self._start(self._reply(ask))
        elif kind == "installationUpdate" or (kind == "conversationUpdate" and _moves_bot(activity)):
            here = str(activity.get("action", "add")).startswith("add") and not _names_bot(activity, "membersRemoved")
            self._start(self._arrived(activity) if here else self._places.left(activity))

    def _meant(self, activity: Payload, ask: ChatRequest) -> bool:
        """Whether a message is for the bot: in a chat of several it is named, or the line begins with a command."""
        if not ask.line and not addressed(activity):
            return False
        first = ask.line.partition(" ")[0].lower()
        return kind_of(activity) == "personal" or addressed(activity) or bool(ask.fields) or first in commands()

    async def _reply(self, ask: ChatRequest) -> None:
        reply = Reply(ask.place, self._api)
        typing = asyncio.create_task(reply.type())
        try:
            await self._show(ask, reply)
        finally:
            typing.cancel()

    async def _show(self, ask: ChatRequest, to: Reply | Click) -> None:
        async with aclosing(self._cards(ask)) as cards:
            await stream_latest(cards, to.show, pause=self._options.update_seconds)

    async def _cards(self, ask: ChatRequest) -> AsyncGenerator[Card, None]:
        try:
            async with aclosing(self._answer(ask.line, ask.caller, ask.fields)) as cards:
                async for card in cards:
                    yield card
        except FieldErrors as wrong:
            yield wrong.form

    async def _invoked(self, activity: Payload) -> web.Response:
        """A click: answered with the new card itself where that is quick, and with a sign of life where it is not."""
        ask = from_click(activity) if activity.get("name") == CARD_ACTION else None
        if ask is None:
            return web.json_response({}, status=501)
        if not self._once.is_first(ask.key):
            return web.json_response(said("Already on it."))
        click = Click(Reply(ask.place, self._api), ask.place, self._private)
        self._start(self._places.saw(activity))
        self._start(self._show(ask, click))
        return web.json_response(await click.answer(self._options.click_seconds))

    async def _arrived(self, activity: Payload) -> None:
        """Remember the place; greet people once, however many events tell of the same arrival."""
        await self._places.saw(activity)
        reference = reference_of(activity)
        if "upgrade" in str(activity.get("action")) or not self._once.is_first(f"welcome {reference['conversation']}"):
            return
        prefix = "" if kind_of(activity) == "personal" else "@backstay"
        greeting = welcome_card(prefix=prefix, organisation=self._options.organisation)
        await Reply(Destination(reference), self._api).show(greeting)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_told(work))
        self._work.add(task)
        task.add_done_callback(self._work.discard)


async def _told(work: Coroutine[Any, Any, None]) -> None:
    """One piece of work that breaks must not take others along."""
    try:
        await work
    except Exception:  # noqa: BLE001 - whatever it was
        _log.exception("teams_work_failed")


def _parsed(body: bytes) -> Payload:
    try:
        activity = json.loads(body)
    except (ValueError, RecursionError):
        activity = None
    if not isinstance(activity, dict):
        raise web.HTTPBadRequest(text="not an activity")
    return activity


def _moves_bot(activity: Payload) -> bool:
    return _names_bot(activity, "membersAdded") or _names_bot(activity, "membersRemoved")


def _names_bot(activity: Payload, key: str) -> bool:
    bot, members = activity.get("recipient"), activity.get(key)
    ours = bot.get("id") if isinstance(bot, dict) else None
    listed = members if isinstance(members, list) else []
    return any(isinstance(one, dict) and one.get("id") == ours for one in listed)
