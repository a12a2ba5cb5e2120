"""Sends to a Slack channel as Block Kit, with the delivery id as metadata so that a doubtful post is found, not repeated."""

from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pydantic import Field

from bot.cards.card import Card, load
from bot.cards.render import slack as to_slack
from bot.cards.render import slack_chart
from bot.delivery.routing.context import Options, RouteContext, SlackCalls
from bot.delivery.routing.possible_duplicate import mark_possible_duplicate
from bot.delivery.routing.slack_conversation import PATIENCE, LookUp, SlackConversation
from bot.model import Message, Proof, Refused, Result, Retry, RouteSpec, Sent
from bot.net.http import RouteError

EVENT = "backstay_delivery"
_CLOCKS_DIFFER = timedelta(minutes=10)
# From this attempt on a message is posted even where the history cannot be read: twice is better than never.
_LOOK_UP_ATTEMPTS = 5
_UNDRAWABLE = ("invalid_blocks", "invalid_blocks_format")


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
        self._conversation = SlackConversation(channel, name, calls, context)
        self._call = calls.call
        self._charts = True

    async def send(self, message: Message, attempt: int) -> Result:
        """Post, unless an earlier attempt turns out to have been delivered."""
        return await self._send(message, attempt, "")

    async def send_under(self, reference: str, message: Message, attempt: int) -> Result:
        """Post into the thread of an earlier post, unless an earlier attempt turns out to have been delivered."""
        channel, _, thread = reference.partition(":")
        self._conversation.id = channel or self._conversation.id
        return await self._send(message, attempt, thread)

    async def _send(self, message: Message, attempt: int, thread: str) -> Result:
        arrived = attempt > 1
        if arrived:
            found = await self._look_for(message, thread)
            if isinstance(found, Sent) or (isinstance(found, Retry) and attempt <= _LOOK_UP_ATTEMPTS):
                return found
            arrived = found != LookUp.NOT_THERE
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
        answer = await self._call("auth.test", {}, PATIENCE)
        return answer if isinstance(answer, Refused | Retry) else Sent()

    async def prove(self) -> Proof:
        """Check that Slack accepts the token and knows the channel, and that backstay can read what it posts there."""
        alive = await self.ping()
        if not isinstance(alive, Sent):
            return Proof(False, alive.reason)
        return await self._conversation.prove()

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
        where = {"channel": self._conversation.id, "thread_ts": thread} if thread else {"channel": self._channel}
        arguments = {**where, "metadata": mark, **no_previews, **rendered}
        answer = await self._call("chat.postMessage", arguments, self._context.timeout)
        if isinstance(answer, Refused | Retry):
            return answer
        self._conversation.id = str(answer.get("channel") or self._conversation.id)
        return Sent(f"{self._conversation.id}:{answer.get('ts', '')}")

    async def _look_for(self, message: Message, thread: str) -> Sent | Retry | LookUp:
        """Looks for the message in the channel's recent history, or in a thread."""
        channel = await self._conversation.learn_id()
        if not channel:
            return LookUp.UNREADABLE
        now = self._context.clock()
        # Slack dates posts by its own clock; ours may have been wrong when the message was made.
        since = min(message.created_at or datetime.fromtimestamp(0, UTC), now) - _CLOCKS_DIFFER
        async with aclosing(self._conversation.posts(since, thread)) as posts:
            async for post in posts:
                if isinstance(post, Retry | LookUp):
                    return post
                if _delivery(post) == message.id:
                    return Sent(f"{channel}:{post.get('ts', '')}")
        return LookUp.NOT_THERE


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
