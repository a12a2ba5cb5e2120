"""Sends to a Slack channel as Block Kit, with the delivery id as metadata so that a doubtful post is found, not repeated."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, ClassVar

from pydantic import Field

from bot.cards.card import Card, load
from bot.cards.render import slack as to_slack
from bot.cards.render import slack_chart
from bot.delivery.routing.context import Options, RouteContext, SlackCalls
from bot.delivery.routing.possible_duplicate import mark_possible_duplicate
from bot.model import Message, Refused, Result, Retry, RouteSpec, Sent
from bot.net.http import RouteError

EVENT = "backstay_delivery"
_LOOK_UP = timedelta(seconds=2.5)
_PAGES = 3
_CLOCKS_DIFFER = timedelta(minutes=10)
# From this attempt on a message is posted even where the history cannot be read: twice is better than never.
_LOOK_UP_ATTEMPTS = 5
_PAGE = 200
"""The most that Slack recommends at once (docs.slack.dev/reference/methods/conversations.history, limit)."""
_CHANNELS, _CHANNEL_PAGES = 1000, 5
_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
_UNDRAWABLE = ("invalid_blocks", "invalid_blocks_format")


class _LookUp(Enum):
    """Why a post was not found: it is not there, or the history cannot be read."""

    NOT_THERE = "not there"
    UNREADABLE = "unreadable"


_NOT_THERE, _UNREADABLE = _LookUp.NOT_THERE, _LookUp.UNREADABLE


class Settings(Options):
    """`channel` is `#name` or an id; `token` a reference to a bot token, else the installation's."""

    channel: str = Field(min_length=2)
    token: str = ""


class SlackRoute:
    """One channel of one workspace."""

    kind: ClassVar[str] = "slack"
    platform = "slack"

    def __init__(self, name: str, channel: str, calls: SlackCalls, context: RouteContext) -> None:
        self.name = name
        self._channel = channel
        self._context = context
        self._channel_id = channel if _ID.fullmatch(channel) else ""
        self._call = calls.call
        self._charts = True

    async def send(self, message: Message, attempt: int) -> Result:
        """Post, unless an earlier attempt turns out to have been delivered."""
        return await self._send(message, attempt, "")

    async def send_under(self, reference: str, message: Message, attempt: int) -> Result:
        """Post into the thread of an earlier post, unless an earlier attempt turns out to have been delivered."""
        channel, _, thread = reference.partition(":")
        self._channel_id = channel or self._channel_id
        return await self._send(message, attempt, thread)

    async def _send(self, message: Message, attempt: int, thread: str) -> Result:
        arrived = attempt > 1
        if arrived:
            found = await self._look_for(message, thread)
            if isinstance(found, Sent) or (isinstance(found, Retry) and attempt <= _LOOK_UP_ATTEMPTS):
                return found
            arrived = found != _NOT_THERE
        try:
            card = load(mark_possible_duplicate(message, attempt if arrived else 1).card)
        except ValueError:
            return Refused("the card cannot be read")
        result = await self._post_card(message, card, thread)
        if isinstance(result, Retry) and result.ambiguous:
            found = await self._look_for(message, thread)
            return found if isinstance(found, Sent) else result
        return result

    async def ping(self) -> Result:
        """Check whether Slack answers (auth.test allows hundreds of calls a minute)."""
        answer = await self._call("auth.test", {}, _LOOK_UP)
        return answer if isinstance(answer, Refused | Retry) else Sent()

    async def update(self, reference: str, message: Message, attempt: int) -> Result:  # noqa: ARG002 - to repeat it does no harm
        """Replace the card of an earlier post (chat.update). A deleted post is not posted again."""
        channel, _, ts = reference.partition(":")
        try:
            card = load(message.card)
        except ValueError:
            return Refused("the card cannot be read")
        arguments = {"channel": channel, "ts": ts, **to_slack.render(card, charts=self._charts)}
        answer = await self._call("chat.update", arguments, self._context.timeout)
        return answer if isinstance(answer, Refused | Retry) else Sent(reference)

    async def _post_card(self, message: Message, card: Card, thread: str) -> Result:
        """Post; a workspace that refuses charts gets them as text from now on."""
        rendered = to_slack.render(card, charts=self._charts)
        result = await self._post(message, rendered, thread)
        if _is_undrawable(result) and slack_chart.drawn_in(rendered):
            self._charts = False
            result = await self._post(message, to_slack.render(card, charts=False), thread)
        return result

    async def _post(self, message: Message, rendered: Mapping[str, Any], thread: str) -> Result:
        mark = {"event_type": EVENT, "event_payload": {"id": message.id}}
        no_previews = {"unfurl_links": False, "unfurl_media": False}
        where = {"channel": self._channel_id, "thread_ts": thread} if thread else {"channel": self._channel}
        arguments = {**where, "metadata": mark, **no_previews, **rendered}
        answer = await self._call("chat.postMessage", arguments, self._context.timeout)
        if isinstance(answer, Refused | Retry):
            return answer
        self._channel_id = str(answer.get("channel") or self._channel_id)
        return Sent(f"{self._channel_id}:{answer.get('ts', '')}")

    async def _look_for(self, message: Message, thread: str) -> Sent | Retry | _LookUp:
        """Looks for the message in the channel's recent history, or in a thread."""
        channel = self._channel_id or await self._learn_channel()
        if not channel:
            return _UNREADABLE
        async with aclosing(self._history(channel, message, thread)) as posts:
            async for post in posts:
                if isinstance(post, Retry | _LookUp):
                    return post
                if _delivery(post) == message.id:
                    return Sent(f"{channel}:{post.get('ts', '')}")
        return _NOT_THERE

    async def _learn_channel(self) -> str:
        """The channel's id, from an earlier post or from Slack's list; the history needs an id."""
        if self._context.last_reference is not None:
            channel = (await self._context.last_reference(self.name)).partition(":")[0]
            self._channel_id = channel if _ID.fullmatch(channel) else ""
        return self._channel_id or await self._find_channel()

    async def _find_channel(self) -> str:
        """The id of the public channel with this name. Empty: there is none, or the app lacks the scope channels:read."""
        ask, cursor, name = {"limit": _CHANNELS, "exclude_archived": True}, "", self._channel.removeprefix("#")
        for _ in range(_CHANNEL_PAGES):
            answer = await self._call("conversations.list", {**ask, "cursor": cursor}, _LOOK_UP)
            if isinstance(answer, Refused | Retry):
                return ""
            for channel in answer.get("channels") or ():
                if channel.get("name") == name:
                    self._channel_id = str(channel.get("id", ""))
                    return self._channel_id
            cursor = _next_page(answer)
            if not cursor:
                return ""
        return ""

    async def _history(
        self, channel: str, message: Message, thread: str
    ) -> AsyncGenerator[Mapping[str, Any] | Retry | _LookUp, None]:
        now = self._context.clock()
        # Slack dates posts by its own clock; ours may have been wrong when the message was made.
        since = min(message.created_at or datetime.fromtimestamp(0, UTC), now) - _CLOCKS_DIFFER
        ask = {"channel": channel, "limit": _PAGE, "oldest": f"{since.timestamp():.6f}", "include_all_metadata": True}
        # Posts in a thread are in no channel's history.
        method = "conversations.replies" if thread else "conversations.history"
        ask |= {"ts": thread} if thread else {}
        cursor = ""
        for _ in range(_PAGES):
            answer = await self._call(method, {**ask, "cursor": cursor}, _LOOK_UP)
            if isinstance(answer, Refused | Retry):
                yield answer if isinstance(answer, Retry) else _UNREADABLE
                return
            for post in answer.get("messages") or ():
                yield post
            cursor = _next_page(answer)
            if not cursor:
                return
        yield _UNREADABLE  # there are so many newer posts that it may be further back


def build(spec: RouteSpec, context: RouteContext) -> SlackRoute:
    """Build the route.

    Raises:
        RouteError: a setting is wrong, or there is no token.
    """
    settings = Settings.of(spec)
    token = context.resolve(settings.token) if settings.token else context.slack_token
    if not token or context.slack is None:
        raise RouteError(f"route {spec.name}: no Slack bot token; set slack.bot_token")
    return SlackRoute(spec.name, settings.channel, context.slack(token, context), context)


def _delivery(post: Mapping[str, Any]) -> str:
    mark = post.get("metadata") or {}
    return str((mark.get("event_payload") or {}).get("id", "")) if mark.get("event_type") == EVENT else ""


def _is_undrawable(result: Result) -> bool:
    """Whether Slack refused the blocks themselves; its error code ends the reason."""
    return isinstance(result, Refused) and result.reason.endswith(_UNDRAWABLE)


def _next_page(answer: Mapping[str, Any]) -> str:
    return str((answer.get("response_metadata") or {}).get("next_cursor") or "")
