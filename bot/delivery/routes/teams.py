"""A channel or chat in Teams that backstay was added to: the card as an Adaptive Card whose buttons work."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from bot.cards.card import load
from bot.cards.render import teams as to_teams
from bot.cards.render.teams_text import literal
from bot.cards.sanitise import cut
from bot.delivery.routing.context import Options, RouteContext, TeamsPosts
from bot.delivery.routing.possible_duplicate import mark_possible_duplicate
from bot.model import Conversation, Message, Refused, Result, Retry, RouteSpec
from bot.net.http import RouteError

_THREAD = ";messageid="
"""Stands between a channel's id and that of the post that a thread hangs on, where Teams names a thread."""

Conversations = Callable[[], Awaitable[Sequence[Conversation]]]


class Settings(Options):
    """`conversation` is `Team / Channel`, a person's name, or an id as Teams has it."""

    conversation: str = Field(min_length=1)


class TeamsRoute:
    """One conversation. It is found by what Teams told of it, which the ledger keeps across restarts."""

    kind: ClassVar[str] = "teams"
    platform = "teams"

    def __init__(self, name: str, conversation: str, teams: TeamsPosts, conversations: Conversations) -> None:
        self.name = name
        self._conversation = conversation
        self._teams, self._conversations = teams, conversations

    async def send(self, message: Message, attempt: int) -> Result:
        """Post the card. After a cut line it may appear twice: Teams tells no bot what is in a conversation."""
        activity = _activity(mark_possible_duplicate(message, attempt))
        if isinstance(activity, Refused):
            return activity
        found = await self._find()
        return await self._teams.send(found.reference, activity) if isinstance(found, Conversation) else found

    async def send_under(self, reference: str, message: Message, attempt: int) -> Result:
        """Post the card as a reply to the post that `reference` names. Only channels have threads."""
        activity = _activity(mark_possible_duplicate(message, attempt))
        if isinstance(activity, Refused):
            return activity
        conversation, _, post = reference.rpartition("|")
        found = await self._find(conversation)
        if isinstance(found, Conversation) and found.kind != "channel":
            return Refused("there are no threads in a chat")
        if isinstance(found, Conversation):
            return await self._teams.send(_in_thread(found.reference, f"{conversation}{_THREAD}{post}"), activity)
        return found

    async def ping(self) -> Result:
        """Whether the service that the conversation lives at answers at all."""
        found = await self._find()
        return await self._teams.ping(found.reference) if isinstance(found, Conversation) else found

    async def update(self, reference: str, message: Message, attempt: int) -> Result:  # noqa: ARG002 - to repeat it does no harm
        """Put the card in the place of the post that `reference` (of an earlier `Sent`) names."""
        activity = _activity(message)
        if isinstance(activity, Refused):
            return activity
        conversation, _, post = reference.rpartition("|")
        found = await self._find(conversation.partition(_THREAD)[0])
        if isinstance(found, Conversation):
            return await self._teams.replace(_in_thread(found.reference, conversation), post, activity)
        return found

    async def _find(self, at: str = "") -> Conversation | Refused | Retry:
        """The conversation with this id, or the one that the settings mean."""
        try:
            known = await self._conversations()
        except Exception as error:  # noqa: BLE001 - whatever keeps them, a later try may do better
            return Retry(f"what is known of Teams cannot be read ({type(error).__name__})")
        found = [one for one in known if at == one.id] if at else meant(self._conversation, known)
        if len(found) == 1:
            return found[0]
        if found:
            return Refused(f"{len(found)} conversations are called so; write Team / Channel, or the id")
        return Refused("backstay was not added to that conversation yet, or under another name")


def meant(written: str, known: Sequence[Conversation]) -> list[Conversation]:
    """The conversations that may be meant: by id, by whole name, else by the channel's name alone."""
    wanted = _folded(written)
    by_id = [one for one in known if one.id == written]
    by_name = [one for one in known if _folded(one.name) == wanted]
    channels = [one for one in known if one.kind == "channel" and _folded(one.name.rpartition(" / ")[2]) == wanted]
    return by_id or by_name or channels


def build(spec: RouteSpec, context: RouteContext) -> TeamsRoute:
    """Build the route.

    Raises:
        RouteError: its settings make no sense, or Teams is not set up.
    """
    settings = Settings.of(spec)
    if context.teams is None or context.conversations is None:
        raise RouteError(f"route {spec.name}: Teams is not set up (teams.app_id, app_password, tenant_id)")
    return TeamsRoute(spec.name, settings.conversation, context.teams, context.conversations)


def _in_thread(reference: Mapping[str, Any], conversation: str) -> dict[str, Any]:
    """A channel's reference that leads to a thread of it."""
    return {**reference, "conversation": {**reference.get("conversation", {}), "id": conversation}}


def _folded(name: str) -> str:
    """A name as people remember it: case, blanks, a leading # and the blanks round the slash do not matter."""
    return " / ".join(part.strip() for part in name.strip().lstrip("#").casefold().split("/"))


def _activity(message: Message) -> dict[str, Any] | Refused:
    try:
        card = load(message.card)
        content = to_teams.render(card)
    except ValueError:
        return Refused("the card cannot be read")
    words = cut(f"{literal(card.title)}: {literal(card.summary)}", 400)
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return {"type": "message", "summary": words, "attachments": [attachment]}
