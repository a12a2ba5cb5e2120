"""Teams chat: a message or a click on a card becomes a command; its cards become one message, updated in place."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import structlog
from aiohttp import web

from bot.cards.card import Card
from bot.cards.messages.welcome import welcome_card
from bot.chat.addressing import names_bot
from bot.chat.channel_limit import ChannelLimit
from bot.chat.command import FieldErrors, commands
from bot.chat.deduplication import Deduplicator, HandledRequests, is_first_anywhere
from bot.chat.reception import HEARD, NO_REQUEST_YET, Reception, reception
from bot.chat.streaming import stream_latest
from bot.chat.teams.api import TeamsApi
from bot.chat.teams.authentication import InvalidTokenError, TeamsAuthenticator
from bot.chat.teams.conversations import Conversations, KnownConversations
from bot.chat.teams.members import TeamsMembers
from bot.chat.teams.reply import Click, Reply, text_answer
from bot.chat.teams.requests import (
    CARD_ACTION,
    ChatRequest,
    Destination,
    by_bot,
    channel_data,
    channel_of,
    chosen_reference,
    event_of,
    from_click,
    from_message,
    is_button,
    kind_of,
    mentions_bot,
)
from bot.chat.teams.shape import is_sound
from bot.model import Caller, Clock
from bot.net.loopback import loopback
from bot.storage.errors import LedgerError

READ_SECONDS = 10.0
# Teams accepts 60 messages per 30 s in one conversation, and other answers need some of them.
UPDATE_SECONDS = 2.0
# Teams waits about 10 s for the answer to a click; people wait less.
CLICK_SECONDS = 2.5
MOST_AT_ONCE = 200
_log = structlog.get_logger(__name__)

Payload = Mapping[str, Any]
Answer = Callable[[str, Caller, Mapping[str, str]], AsyncGenerator[Card, None]]
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


@dataclass(frozen=True, slots=True)
class TeamsOptions:
    """Settings of the Teams chat.

    `tenant`: our tenant; empty: that of each request. `update_seconds`: the pause between two progress cards.
    `click_seconds`: how long a click waits for its answer. `at_once`: how many requests are handled at a time.
    """

    organisation: str = ""
    update_seconds: float = UPDATE_SECONDS
    click_seconds: float = CLICK_SECONDS
    at_once: int = MOST_AT_ONCE
    tenant: str = ""


class TeamsChat:
    """One app's chat.

    Args:
        options: its settings.
        authenticator: verifies that requests come from Teams; None: any process on this machine may send requests.
        api: calls to Teams.
        store: stores the conversations in which it may post unasked.
        answer: runs a command line for its caller, with the values of a submitted form; yields cards, progress first.
        private: whether only the caller sees a card.
        now: UTC.
        handled: remembers requests for other replicas and for after a restart; None: nothing does.
    """

    def __init__(  # noqa: PLR0913 - its collaborators, by keyword
        self,
        options: TeamsOptions,
        *,
        authenticator: TeamsAuthenticator | None,
        api: TeamsApi,
        store: Conversations,
        answer: Answer,
        private: Callable[[Card], bool],
        now: Clock,
        handled: HandledRequests | None = None,
    ) -> None:
        self._handled = handled
        self._options, self._authenticator, self._api = options, authenticator, api
        self._answer, self._private = answer, private
        self._conversations = KnownConversations(store, api, now)
        self._members = TeamsMembers(api, options.tenant, local=authenticator is None)
        self._once, self._limit = Deduplicator(time.monotonic), ChannelLimit(time.monotonic)
        self._work: set[asyncio.Task[None]] = set()
        self._heard = False

    async def handle(self, request: web.Request) -> web.Response:
        """Handle one request of Teams: 401 unless Teams signed it; acknowledged before any work is done.

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
        self._heard = True
        if len(self._work) >= self._options.at_once:
            _log.warning("teams_busy")
            raise web.HTTPServiceUnavailable(text="busy", headers={"Retry-After": "5"})
        if activity.get("type") == "invoke":
            return await self._invoked(activity)
        self._begin(activity)
        return web.Response(status=200)

    def reception(self) -> Reception:
        """Whether requests of Teams arrive."""
        problem = self._authenticator.problem if self._authenticator is not None else ""
        return reception(problem, HEARD if self._heard else NO_REQUEST_YET)

    async def finish(self, within: float) -> None:
        """Wait for running requests, at most `within` seconds."""
        if self._work:
            await asyncio.wait(set(self._work), timeout=within)

    async def stop(self, *, within: float) -> None:
        """Wait for running requests and cancel what takes longer. Nothing may be handed in any more."""
        await self.finish(within)
        for task in list(self._work):
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self._members.close()

    async def _claims(self, request: web.Request) -> Payload | None:
        """The claims of the request's token; None where no app is configured and the request is from this machine."""
        if self._authenticator is not None:
            try:
                return await self._authenticator.claims(request.headers.get("Authorization", ""))
            except InvalidTokenError as invalid:
                _log.warning("teams_request_refused", reason=str(invalid))
                raise web.HTTPUnauthorized(text="not from Teams") from None
        # Behind a proxy on this machine every request would look local.
        if not loopback(f"http://{request.remote}") or any(name in request.headers for name in _FORWARDED):
            raise web.HTTPUnauthorized(text="without teams.app_id only requests from this machine are accepted")
        return None

    def _admit(self, claims: Payload | None, activity: Payload) -> None:
        refused = ""
        if self._authenticator is not None and claims is not None:
            refused = self._authenticator.objection(claims, activity)
        if not refused and not self._api.serves(str(activity.get("serviceUrl", ""))):
            refused = "its service address is not in teams.service_urls"
        if refused:
            _log.warning("teams_request_refused", reason=refused)
            raise web.HTTPUnauthorized(text="not from Teams")

    def _begin(self, activity: Payload) -> None:
        """Start handling an activity, if there is anything to do."""
        kind = activity.get("type")
        if kind == "message":
            self._start(self._conversations.seen(activity))
            asked = from_message(activity)
            new = self._is_for_bot(activity, asked) and self._once.is_first(asked.key)
            if new and self._limit.allows(channel_of(activity)):
                self._start(self._reply(asked))
        elif kind == "installationUpdate" or (kind == "conversationUpdate" and _concerns_bot(activity)):
            added = str(activity.get("action", "add")).startswith("add")
            added = added and not _names_bot(activity, "membersRemoved")
            self._start(self._added(activity) if added else self._removed(activity))
        elif kind == "conversationUpdate":
            self._start(self._conversations.changed(activity))

    def _is_for_bot(self, activity: Payload, asked: ChatRequest) -> bool:
        """Whether a message is for the bot: it names the bot, comes from a button of a card, or nobody else reads there.

        In a channel a message that begins with a command word counts as well: the bot gets it only where that was allowed.
        """
        if by_bot(activity) or (not asked.line and not mentions_bot(activity)):
            return False
        if mentions_bot(activity) or is_button(activity) or names_bot(asked.line):
            return True
        kind, first = kind_of(activity), asked.line.partition(" ")[0].lower()
        return kind == "personal" or (kind == "channel" and first in commands())

    async def _reply(self, asked: ChatRequest) -> None:
        if not await is_first_anywhere(self._handled, asked.key):
            return
        reply = Reply(asked.place, self._api, self._private)
        typing = asyncio.create_task(reply.type())
        try:
            await self._show(asked, reply)
        finally:
            typing.cancel()

    async def _show(self, asked: ChatRequest, to: Reply | Click) -> None:
        async with aclosing(self._cards(asked)) as cards:
            await stream_latest(cards, to.show, pause=self._options.update_seconds)

    async def _cards(self, asked: ChatRequest) -> AsyncGenerator[Card, None]:
        membership, groups = await asyncio.gather(self._members.membership(asked), self._conversations.groups_of(asked))
        caller = replace(asked.caller, membership=membership, groups=groups)
        try:
            async with aclosing(self._answer(asked.line, caller, asked.fields)) as cards:
                async for card in cards:
                    yield card
        except FieldErrors as wrong:
            yield wrong.form

    async def _invoked(self, activity: Payload) -> web.Response:
        """A click on a card: answered with the new card where that is quick, else with a note that work has started."""
        asked = from_click(activity) if activity.get("name") == CARD_ACTION else None
        if asked is None:
            return web.json_response({}, status=501)
        if not (self._once.is_first(asked.key) and await is_first_anywhere(self._handled, asked.key)):
            return web.json_response(text_answer("This request is already being handled."))
        click = Click(Reply(asked.place, self._api), asked.place, self._private)
        self._start(self._conversations.seen(activity))
        self._start(self._show(asked, click))
        return web.json_response(await click.answer(self._options.click_seconds))

    async def _added(self, activity: Payload) -> None:
        """Remember the conversation, and post the welcome once, however many events report the same installation."""
        await self._conversations.seen(activity)
        if "upgrade" in str(activity.get("action")) or not self._once.is_first(_welcome_key(activity)):
            return
        prefix = "" if kind_of(activity) == "personal" else "@backstay"
        greeting = welcome_card(prefix=prefix, organisation=self._options.organisation)
        await Reply(Destination(chosen_reference(activity)), self._api).show(greeting)

    async def _removed(self, activity: Payload) -> None:
        self._once.forget(_welcome_key(activity))
        await self._conversations.removed(activity)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_logged(work))
        self._work.add(task)
        task.add_done_callback(self._work.discard)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    """Await the work; log its failure, which must not stop other work."""
    try:
        await work
    except LedgerError as error:
        _log.error("teams_work_without_ledger", error=str(error))
    except Exception:  # noqa: BLE001 - whatever it was
        _log.exception("teams_work_failed")


def _parsed(body: bytes) -> Payload:
    try:
        activity = json.loads(body)
    except (ValueError, RecursionError):
        activity = None
    if not isinstance(activity, dict) or not is_sound(activity):
        raise web.HTTPBadRequest(text="not an activity")
    return activity


def _welcome_key(activity: Payload) -> str:
    """The same for all events that report one installation, whatever else they tell about the conversation."""
    alone = event_of(activity) in ("channelMemberAdded", "channelMemberRemoved")
    team = channel_data(activity, "team").get("id")
    return f"welcome {channel_of(activity) if alone or not team else team}"


def _concerns_bot(activity: Payload) -> bool:
    return _names_bot(activity, "membersAdded") or _names_bot(activity, "membersRemoved")


def _names_bot(activity: Payload, key: str) -> bool:
    bot, members = activity.get("recipient"), activity.get(key)
    ours = bot.get("id") if isinstance(bot, dict) else None
    listed = members if isinstance(members, list) else []
    return any(isinstance(member, dict) and member.get("id") == ours for member in listed)
