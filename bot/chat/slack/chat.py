"""Slack chat: what people do in Slack, over HTTP or Socket Mode, becomes a command; its cards become one message or modal."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.cards.card import Button, Card
from bot.cards.messages.error import error_card
from bot.chat.command import FieldErrors
from bot.chat.deduplication import Deduplicator
from bot.chat.slack.api import CALL_SECONDS, SlackApi, Sleep
from bot.chat.slack.bolt_app import bolt_app
from bot.chat.slack.reply import Reply
from bot.chat.slack.requests import (
    HOME,
    ChatRequest,
    from_action,
    from_command,
    from_direct,
    from_home,
    from_mention,
    from_shortcut,
)
from bot.chat.slack.signature import fresh, genuine
from bot.chat.slack.socket_mode import GIVE_UP_SECONDS, PING_SECONDS, SlackSocket
from bot.chat.slack.submission import ANSWER_SECONDS, Submission, from_submission
from bot.chat.slack.user_groups import SlackGroups
from bot.chat.slack.users import SlackPeople
from bot.chat.streaming import stream_latest
from bot.model import Caller

API_URL = "https://slack.com/api/"
READ_SECONDS = 10.0
UPDATE_SECONDS = 1.0
MOST_AT_ONCE = 200
_BUSY = "backstay is answering many requests right now; please try again in a minute."
_OUTDATED = "This comes from an earlier version of backstay, which said it differently."
_PERSONAL = frozenset({"subscribe", HOME})  # the time zone and the name make a difference there
_ANEW = "ask anew, with the command itself."
_log = structlog.get_logger(__name__)

Answer = Callable[[str, Caller, Mapping[str, str]], AsyncGenerator[Card, None]]
Show = Callable[[Card], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class SlackOptions:
    """What the chat needs to know: secrets resolved, in no `repr`. Without a signing secret no HTTP request is genuine.

    `call_seconds` bounds one call to Slack, `submission_seconds` is how long a submitted form may wait for its answer,
    `update_seconds` is the pause between two updates of a message, `at_once` is how many requests are answered at a time,
    `groups` are the user groups that somebody's rights hang on, `ping_seconds` and `give_up_seconds` are Socket Mode's
    (see `SlackSocket`).
    """

    bot_token: str = field(repr=False)
    signing_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    api_url: str = API_URL
    command: str = "/resilience"
    groups: tuple[str, ...] = ()
    call_seconds: float = CALL_SECONDS
    submission_seconds: float = ANSWER_SECONDS
    update_seconds: float = UPDATE_SECONDS
    at_once: int = MOST_AT_ONCE
    ping_seconds: float = PING_SECONDS
    give_up_seconds: float = GIVE_UP_SECONDS


class SlackChat:
    """One workspace's chat. `handle` serves HTTP, `run` keeps Socket Mode connected; both go the same way from there.

    Args:
        options: tokens and addresses.
        answer: a command line, its caller and the fields of a submitted form to cards, progress first.
        private: whether a card is for the asker alone.
        now: seconds since 1970, for signatures.
        sleep: waits between two tries of a call.
    """

    def __init__(
        self,
        options: SlackOptions,
        answer: Answer,
        private: Callable[[Card], bool],
        *,
        now: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._options, self._answer, self._private, self._now = options, answer, private, now
        self._api = SlackApi(options.bot_token, options.api_url, seconds=options.call_seconds, sleep=sleep)
        self._groups = SlackGroups(self._api, options.groups, sleep=sleep)
        self._people = SlackPeople(self._api)
        self._once = Deduplicator(time.monotonic)
        self._work: set[asyncio.Task[None]] = set()
        self._app = self._build()
        self.socket = self._socket() if options.app_token else None

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one HTTP request of Slack: 401 unless it is signed, and acknowledged before any work is done.

        Raises:
            web.HTTPException: 401, 408, 413 (larger than the application takes) or 400.
        """
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not self._options.signing_secret or not fresh(stamp, self._now()):
            raise web.HTTPUnauthorized(text="not signed by Slack within the last five minutes")
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout(text="the body did not arrive in time") from None
        if not genuine(self._options.signing_secret, stamp, signature, body):
            raise web.HTTPUnauthorized(text="not signed by Slack")
        try:
            asked = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
        except (ValueError, TypeError, AttributeError, RecursionError):  # Bolt takes the parts of the body for granted
            raise web.HTTPBadRequest(text="the body cannot be read") from None
        if not isinstance(asked.body.get("event", {}), dict):  # for granted, too, but later
            raise web.HTTPBadRequest(text="the body cannot be read")
        return await to_aiohttp_response(await self._app.async_dispatch(asked))

    async def run(self) -> None:
        """Keep Socket Mode connected and user groups fresh where they are set up. Ends when cancelled, or with no work."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._groups.run())
            if self.socket is not None:
                group.create_task(self.socket.run())

    async def finish(self, within: float) -> None:
        """Let what is being answered finish, for at most some seconds."""
        if self._work:
            await asyncio.wait(set(self._work), timeout=within)

    async def stop(self, *, within: float) -> None:
        """Finish, end what takes longer, then close. Nothing may be handed in any more."""
        await self.finish(within)
        for task in list(self._work):
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
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
        for event, heard in (("app_mention", from_mention), ("message", from_direct), ("app_home_opened", self._home)):
            app.event(event)(self._on_event(heard))
        return app

    async def _on_command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(self._begin(from_command(body)))

    async def _on_action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        self._begin(from_action(body, self._options.command))

    async def _on_shortcut(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        self._begin(from_shortcut(body, self._options.command))

    def _on_event(self, heard: Callable[[dict[str, Any]], ChatRequest | None]) -> Callable[..., Awaitable[None]]:
        async def on_event(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            self._begin(heard(body))

        return on_event

    def _home(self, body: dict[str, Any]) -> ChatRequest | None:
        return from_home(body, self._options.command)

    async def _on_submission(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Acknowledge with what belongs into the modal: corrections, a form that follows, a refusal."""
        ask = from_submission(body, self._options.command)
        submission = Submission(Reply(ask.place, self._api, self._private), ask.place, self._private)
        if busy := self._begin(ask, submission):
            await submission.show(error_card(busy))
        await ack(await submission.acknowledgement(self._options.submission_seconds))

    def _begin(self, ask: ChatRequest | None, submission: Submission | None = None) -> str:
        """Start the work of a request that is new; what Slack shall say at once, mostly nothing."""
        if ask is None or not self._once.is_first(ask.key):
            if submission:
                submission.end()
            return ""
        if len(self._work) >= self._options.at_once:
            _log.warning("slack_busy", channel=ask.place.channel)
            return _BUSY
        task = asyncio.create_task(self._serve(ask, submission))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return ""

    async def _serve(self, ask: ChatRequest, submission: Submission | None) -> None:
        shown = submission or Reply(ask.place, self._api, self._private)
        try:
            async with aclosing(self._cards(ask)) as cards:
                await stream_latest(cards, shown.show, pause=self._options.update_seconds)
        except Exception:  # noqa: BLE001 - one answer that breaks must not take the others along
            _log.exception("slack_answer_failed", channel=ask.place.channel)
        finally:
            if submission:
                submission.end()

    async def _cards(self, ask: ChatRequest) -> AsyncGenerator[Card, None]:
        if ask.outdated:
            yield error_card(_OUTDATED, mend=_ANEW, buttons=(Button("Help", "help"),))
            return
        caller, fields = await self._known(ask), await self._named(ask)
        try:
            async with aclosing(self._answer(ask.line, caller, fields)) as cards:
                async for card in cards:
                    yield card
        except FieldErrors as wrong:
            yield wrong.form

    async def _named(self, ask: ChatRequest) -> Mapping[str, str]:
        """What was filled in, with people by their names; where Slack does not tell one, by the id."""
        named = {field: (await self._people.of(ask.fields[field])).name or ask.fields[field] for field in ask.people}
        return {**ask.fields, **named}

    async def _known(self, ask: ChatRequest) -> Caller:
        """The caller with what Slack says of them, as far as the command can tell the difference."""
        caller, groups = ask.caller, await self._groups.of(ask.caller.user)
        if ask.line.partition(" ")[0].lower() in _PERSONAL:
            person = await self._people.of(caller.user)
            caller = replace(caller, name=caller.name or person.name, timezone=person.timezone)
        return replace(caller, groups=groups) if groups else caller
