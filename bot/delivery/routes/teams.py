"""Sends to a Teams channel or chat that backstay was added to, as an Adaptive Card with buttons."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import Field

from bot.cards.card import load
from bot.cards.render import teams_message as to_teams
from bot.delivery.routing.context import Options, RouteContext, TeamsPosts
from bot.delivery.routing.possible_duplicate import mark_possible_duplicate
from bot.model import Clock, Conversation, Message, Proof, Refused, Result, Retry, RouteSpec, Sent, utc_now
from bot.net.failures import failure_words
from bot.net.http import RouteError

_THREAD = ";messageid="
"""Separates a channel's id from the id of a thread's first post where Teams names a thread."""

Conversations = Callable[[], Awaitable[Sequence[Conversation]]]
LIST_AGAIN = timedelta(minutes=1)
"""The least time between two searches for a name that Teams does not list."""
_SEARCH_SECONDS = 2.5


class Settings(Options):
    """`conversation` is `Team / Channel`, a person's name, or Teams' own id."""

    conversation: str = Field(min_length=1)


class TeamsRoute:
    """One conversation, found among those that the ledger knows from Teams, else in the lists of channels of its teams."""

    kind: ClassVar[str] = "teams"
    platform = "teams"

    def __init__(
        self, name: str, conversation: str, teams: TeamsPosts, conversations: Conversations, clock: Clock = utc_now
    ) -> None:
        self.name = name
        self._conversation = conversation
        self._teams, self._conversations, self._clock = teams, conversations, clock
        self._listed: Sequence[Conversation] = ()
        self._listed_at: datetime | None = None

    async def send(self, message: Message, attempt: int) -> Result:
        """Post the card. After a broken connection it may appear twice, since a Teams bot cannot read a conversation."""
        activity = _activity(mark_possible_duplicate(message, attempt))
        if isinstance(activity, Refused):
            return activity
        found = await self._find()
        return await self._teams.send(found.reference, activity) if isinstance(found, Conversation) else found

    async def send_under(self, reference: str, message: Message, attempt: int) -> Result:
        """Post the card as a reply to the post that `reference` names; below it in a chat, which has no threads."""
        activity = _activity(mark_possible_duplicate(message, attempt))
        if isinstance(activity, Refused):
            return activity
        conversation, _, post = reference.rpartition("|")
        found = await self._find(conversation)
        if isinstance(found, Conversation) and found.kind != "channel":
            return await self._teams.send(found.reference, activity)
        if isinstance(found, Conversation):
            return await self._teams.send(_in_thread(found.reference, f"{conversation}{_THREAD}{post}"), activity)
        return found

    async def has_thread(self, reference: str) -> bool:
        """Whether replies to the post that `reference` names form a thread: in channels, not in personal and group chats."""
        found = await self._find(reference.rpartition("|")[0].partition(_THREAD)[0])
        return not isinstance(found, Conversation) or found.kind == "channel"

    async def prove(self) -> Proof:
        """Find the conversation, and check that backstay is in it."""
        found = await self._find()
        result = await self._teams.reach(found.reference) if isinstance(found, Conversation) else found
        return Proof(isinstance(result, Sent), "backstay is in it" if isinstance(result, Sent) else result.reason)

    async def ping(self) -> Result:
        """Check whether Teams answers at the conversation's address."""
        found = await self._find()
        return await self._teams.ping(found.reference) if isinstance(found, Conversation) else found

    async def update(self, reference: str, message: Message, attempt: int) -> Result:  # noqa: ARG002 - to repeat it does no harm
        """Replace the post that `reference` (of an earlier `Sent`) names with the card."""
        activity = _activity(message)
        if isinstance(activity, Refused):
            return activity
        conversation, _, post = reference.rpartition("|")
        found = await self._find(conversation.partition(_THREAD)[0])
        if isinstance(found, Conversation):
            return await self._teams.replace(_in_thread(found.reference, conversation), post, activity)
        return found

    async def _find(self, at: str = "") -> Conversation | Refused | Retry:
        """The conversation with this id, or the one that the settings name."""
        try:
            known = await self._conversations()
        except Exception as error:  # noqa: BLE001 - a later attempt may succeed
            return Retry(f"the known Teams conversations could not be read ({failure_words(error)})")
        found = self._matching(at, [*known, *self._listed_since(known)])
        if not found:
            missing = await self._search(known)
            found = self._matching(at, self._listed)
            if not found and missing is not None:
                return missing
        if len(found) == 1:
            return found[0]
        if found:
            return Refused(f"{len(found)} Teams conversations have this name; write `Team / Channel`, or the id")
        return Refused("no Teams conversation has this name; add backstay to it, or check the name")

    def _matching(self, at: str, known: Sequence[Conversation]) -> list[Conversation]:
        if at:
            return [conversation for conversation in known if conversation.id == at]
        return matching_conversations(self._conversation, known)

    def _listed_since(self, known: Sequence[Conversation]) -> list[Conversation]:
        """What a search found and the ledger does not know yet."""
        ids = {conversation.id for conversation in known}
        return [conversation for conversation in self._listed if conversation.id not in ids]

    async def _search(self, known: Sequence[Conversation]) -> Retry | None:
        """List the channels of all known teams, at a bounded rate. A failure for now is returned: the name may be right."""
        now = self._clock()
        if self._listed_at is not None and now - self._listed_at < LIST_AGAIN:
            return None
        try:
            async with asyncio.timeout(_SEARCH_SECONDS):
                self._listed, missing = await self._teams.listed(known)
        except TimeoutError:
            return Retry("Teams did not list the channels of its teams in time")
        self._listed_at = now if missing is None else None
        return missing


def matching_conversations(name: str, known: Sequence[Conversation]) -> list[Conversation]:
    """The conversations that a name may stand for: by id, by whole name, else by the channel's name alone."""
    wanted = _folded(name)
    by_id = [conversation for conversation in known if conversation.id == name]
    by_name = [conversation for conversation in known if _folded(conversation.name) == wanted]
    channels = [conversation for conversation in known if conversation.kind == "channel"]
    by_channel = [channel for channel in channels if _folded(channel.name.rpartition(" / ")[2]) == wanted]
    return by_id or by_name or by_channel


def build(spec: RouteSpec, context: RouteContext) -> TeamsRoute:
    """Build the route.

    Raises:
        RouteError: a setting is wrong, or Teams is not configured.
    """
    settings = Settings.of(spec)
    if context.teams is None or context.conversations is None:
        raise RouteError(f"route {spec.name}: Teams is not configured; set teams.app_id, app_password and tenant_id")
    return TeamsRoute(spec.name, settings.conversation, context.teams, context.conversations, context.clock)


def _in_thread(reference: Mapping[str, Any], conversation: str) -> dict[str, Any]:
    """A channel's reference, changed to a thread in it."""
    return {**reference, "conversation": {**reference.get("conversation", {}), "id": conversation}}


def _folded(name: str) -> str:
    """A name for comparison: without case, a leading #, and blanks around it and around slashes."""
    return " / ".join(part.strip() for part in name.strip().lstrip("#").casefold().split("/"))


def _activity(message: Message) -> dict[str, Any] | Refused:
    try:
        return to_teams.message(load(message.card))
    except ValueError:
        return Refused("the card cannot be read")
