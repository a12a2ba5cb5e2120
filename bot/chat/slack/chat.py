"""Slack chat: requests over HTTP or Socket Mode become commands; their cards become one message or modal."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.cards.card import Button, Card
from bot.cards.messages.error import error_card
from bot.chat.channel_limit import ChannelLimit
from bot.chat.command import FieldErrors
from bot.chat.deduplication import REMEMBERED_SECONDS, Deduplicator, HandledRequests, is_first_anywhere
from bot.chat.reception import CONNECTING, HEARD, NO_REQUEST_YET, Reception, reception
from bot.chat.slack.api import SlackApi, Sleep
from bot.chat.slack.bolt_app import bolt_app, is_malformed
from bot.chat.slack.membership import OwnWorkspace, membership
from bot.chat.slack.options import SlackOptions
from bot.chat.slack.reply import Reply
from bot.chat.slack.requests import (
    ChatRequest,
    from_action,
    from_command,
    from_direct,
    from_home,
    from_mention,
    from_shortcut,
)
from bot.chat.slack.shape import is_sound
from bot.chat.slack.signature import SignatureWatch, is_fresh, is_genuine
from bot.chat.slack.socket_mode import SlackSocket
from bot.chat.slack.submission import Submission, from_submission
from bot.chat.slack.typed_text import people_in, with_people
from bot.chat.slack.user_groups import SlackGroups
from bot.chat.slack.users import SlackPeople
from bot.chat.streaming import stream_latest
from bot.model import Caller

READ_SECONDS = 10.0
_BUSY = "backstay is handling too many requests. Try again in a minute."
_OUTDATED = "This button or form is from an earlier version of backstay and no longer works."
_RUN_AGAIN = "Run the command again."
_log = structlog.get_logger(__name__)

Answer = Callable[[str, Caller, Mapping[str, str]], AsyncGenerator[Card, None]]
Show = Callable[[Card], Awaitable[None]]


class SlackChat:
    """One workspace's chat. `handle` serves HTTP, `run` keeps Socket Mode connected.

    Args:
        options: tokens and addresses.
        answer: runs a command line for its caller, with the values of a submitted form; yields cards, progress first.
        private: whether only the caller sees a card.
        handled: remembers requests for other replicas and for after a restart; None: nothing does.
        now: seconds since 1970, for signatures.
        sleep: waits between two tries of a call.
    """

    def __init__(  # noqa: PLR0913 - its collaborators, clock and sleep are handed in
        self,
        options: SlackOptions,
        answer: Answer,
        private: Callable[[Card], bool],
        *,
        handled: HandledRequests | None = None,
        now: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._handled = handled
        self._options, self._answer, self._private, self._now = options, answer, private, now
        self._began = now()
        self._api = SlackApi(options.bot_token, options.api_url, seconds=options.call_seconds, sleep=sleep)
        self._groups = SlackGroups(self._api, options.groups, sleep=sleep)
        self._people, self._own = SlackPeople(self._api), OwnWorkspace(self._api)
        self._once, self._limit = Deduplicator(time.monotonic), ChannelLimit(time.monotonic)
        self._signatures = SignatureWatch()
        self._work: set[asyncio.Task[None]] = set()
        self._app = self._build()
        self.socket = self._socket() if options.app_token else None

    async def handle(self, request: web.Request) -> web.Response:
        """Handle one HTTP request of Slack: 401 unless it is signed; acknowledged before any work is done.

        Raises:
            web.HTTPException: 401, 408, 413 (larger than the application takes) or 400.
        """
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not self._options.signing_secret or not is_fresh(stamp, self._now()):
            raise web.HTTPUnauthorized(text="not signed by Slack within the last 5 min")
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout(text="the body did not arrive in time") from None
        if not is_genuine(self._options.signing_secret, stamp, signature, body):
            if signature:
                self._signatures.wrong(self._now())
            raise web.HTTPUnauthorized(text="not signed by Slack")
        self._signatures.genuine()
        try:
            bolt_request = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
        except (
            ValueError,
            TypeError,
            AttributeError,
            LookupError,
            RecursionError,
        ):  # Bolt assumes the parts of the body
            raise web.HTTPBadRequest(text="the body cannot be read") from None
        if not is_sound(bolt_request.body):
            raise web.HTTPBadRequest(text="the body cannot be read")
        try:
            response = await self._app.async_dispatch(bolt_request)
        except Exception as error:
            if is_malformed(error):
                raise web.HTTPBadRequest(text="the body cannot be read") from None
            raise
        return await to_aiohttp_response(response)

    def problems(self) -> Mapping[str, str]:
        """What keeps requests of Slack from being answered, by name; empty: nothing that is known."""
        found = {"slack_requests": self._signatures.problem(self._now())}
        found["slack_socket"] = self.socket.problem if self.socket is not None else ""
        return {name: problem for name, problem in found.items() if problem}

    @property
    def listens(self) -> bool:
        """Whether requests are to arrive at all, over HTTP or Socket Mode."""
        return self.socket is not None or bool(self._options.signing_secret)

    def reception(self) -> Reception:
        """Whether requests of Slack arrive."""
        if self.socket is not None:
            return reception(self.socket.problem, HEARD if self.socket.connected else CONNECTING)
        return reception(self._signatures.problem(self._now()), HEARD if self._signatures.proven else NO_REQUEST_YET)

    async def run(self) -> None:
        """Keep Socket Mode connected and user groups fresh, where they are configured, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._own.get())
            group.create_task(self._groups.run())
            if self.socket is not None:
                group.create_task(self.socket.run())

    async def finish(self, within: float) -> None:
        """Wait for running requests, at most `within` seconds."""
        if self._work:
            await asyncio.wait(set(self._work), timeout=within)

    async def stop(self, *, within: float) -> None:
        """Wait for running requests, cancel what takes longer, and close. Nothing may be handed in any more."""
        await self.finish(within)
        for task in list(self._work):
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await asyncio.gather(self._people.close(), self._own.close())
        await self._api.close()

    def _socket(self) -> SlackSocket:
        options = self._options
        return SlackSocket(
            self._app,
            options.app_token,
            options.api_url,
            self._once,
            give_up=options.give_up_seconds,
            ping=options.ping_seconds,
        )

    def _build(self) -> AsyncApp:
        app = bolt_app(self._options.bot_token, self._options.api_url)
        anything = re.compile("")
        app.command(anything)(self._on_command)
        app.block_action(anything)(self._on_action)
        app.shortcut(anything)(self._on_shortcut)
        app.view(anything)(self._on_submission)
        for event, parse in (("app_mention", from_mention), ("message", from_direct), ("app_home_opened", self._home)):
            app.event(event)(self._on_event(parse))
        return app

    async def _on_command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(self._begin(from_command(body)))

    async def _on_action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        self._begin(from_action(body, self._options.command))

    async def _on_shortcut(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        self._begin(from_shortcut(body, self._options.command))

    def _on_event(self, parse: Callable[[dict[str, Any]], ChatRequest | None]) -> Callable[..., Awaitable[None]]:
        async def on_event(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            self._begin(parse(body))

        return on_event

    def _home(self, body: dict[str, Any]) -> ChatRequest | None:
        return from_home(body, self._options.command)

    async def _on_submission(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Acknowledge with what the modal shows next: errors, another form, or a refusal."""
        request = from_submission(body, self._options.command)
        submission = Submission(Reply(request.place, self._api, self._private), request.place, self._private)
        if busy := self._begin(request, submission):
            await submission.show(error_card(busy))
        await ack(await submission.acknowledgement(self._options.submission_seconds))

    def _begin(self, request: ChatRequest | None, submission: Submission | None = None) -> str:
        """Start handling a new request. Returns a text for Slack to show at once, mostly none."""
        if request is None or not self._is_new(request):
            if submission:
                submission.end()
            return ""
        if len(self._work) >= self._options.at_once:
            _log.warning("slack_busy", channel=request.place.channel)
            return _BUSY
        task = asyncio.create_task(self._serve(request, submission))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return ""

    def _is_new(self, request: ChatRequest) -> bool:
        """Whether a request is to be handled: not handled before, and not one message too many in its channel."""
        if not self._once.is_first(request.key, request.sent):
            return False
        if request.edited_of and request.edited_of < max(self._began, self._now() - REMEMBERED_SECONDS):
            return False  # it may have been handled before what is remembered, or before this process began
        return not request.message or self._limit.allows(request.place.channel)

    async def _serve(self, request: ChatRequest, submission: Submission | None) -> None:
        shown = submission or Reply(request.place, self._api, self._private)
        try:
            if not await is_first_anywhere(self._handled, request.key, request.sent):
                return
            async with aclosing(self._cards(request)) as cards:
                await stream_latest(cards, shown.show, pause=self._options.update_seconds)
        except Exception:  # noqa: BLE001 - one answer that breaks must not take the others along
            _log.exception("slack_answer_failed", channel=request.place.channel)
        finally:
            if submission:
                submission.end()

    async def _cards(self, request: ChatRequest) -> AsyncGenerator[Card, None]:
        if request.outdated:
            yield error_card(_OUTDATED, fix=_RUN_AGAIN, buttons=(Button("Help", "help"),))
            return
        caller = await self._caller(request)
        if caller is None:
            _log.info("slack_bot_ignored", channel=request.place.channel, user=request.caller.user)
            return
        fields = await self._fields(request)
        try:
            line = await self._line(request.line)
            async with aclosing(self._answer(line, caller, fields)) as cards:
                async for card in cards:
                    yield card
        except FieldErrors as wrong:
            yield wrong.form

    async def _line(self, line: str) -> str:
        """The line with mentioned people by name, by id where Slack gives no name, and without the bot itself."""
        mentioned = people_in(line)
        if not mentioned:
            return line
        own = await self._own.get()
        people = await asyncio.gather(*(self._people.of(user) for user in mentioned))
        names = {user: person.name or user for user, person in zip(mentioned, people, strict=True)}
        return with_people(line, {**names, own.bot: ""})

    async def _fields(self, request: ChatRequest) -> Mapping[str, str]:
        """The values of a submitted form, with people by name; by id where Slack gives no name."""
        named = {
            field: (await self._people.of(request.fields[field])).name or request.fields[field]
            for field in request.people
        }
        return {**request.fields, **named}

    async def _caller(self, request: ChatRequest) -> Caller | None:
        """The caller with name, time zone, groups, and what they are to our workspace; None where it is a bot."""
        caller = request.caller
        own, person, groups = await asyncio.gather(
            self._own.get(), self._people.of(caller.user), self._groups.of(caller.user)
        )
        if person.bot or (own.bot and caller.user == own.bot):
            return None
        return replace(
            caller,
            name=caller.name or person.name,
            timezone=person.timezone,
            groups=groups,
            membership=membership(request.origin, own, person),
        )
