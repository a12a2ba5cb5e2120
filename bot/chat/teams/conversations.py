"""Remembers the Teams conversations in which backstay may post unasked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog

from bot.chat.teams.api import TeamsApi, TeamsCallError
from bot.chat.teams.requests import channel_name, channel_of, conversation_of
from bot.model import Clock, Conversation

Payload = Mapping[str, Any]
_log = structlog.get_logger(__name__)


class Conversations(Protocol):
    """A store of conversations. Implemented by the ledger."""

    async def save_conversations(self, seen: Sequence[Conversation]) -> None:
        """Store these conversations."""
        ...

    async def delete_conversations(self, id: str) -> None:
        """Delete the conversation with this id, or all of the team with this id."""
        ...


class KnownConversations:
    """The conversations of conversation app.

    Args:
        store: stores them.
        api: lists the channels of a team.
        now: UTC.
    """

    def __init__(self, store: Conversations, api: TeamsApi, now: Clock) -> None:
        self._store, self._api, self._now = store, api, now
        self._seen: dict[str, Conversation] = {}

    async def seen(self, activity: Payload) -> None:
        """Store the conversation of an activity, once while nothing about it changes.

        A team is stored with all its channels, so that the bot can post to a channel in which nobody ever wrote to it.
        """
        conversation = conversation_of(activity, self._now())
        before = self._seen.get(conversation.id)
        if not conversation.id or (before is not None and replace(conversation, seen_at=before.seen_at) == before):
            return
        self._seen[conversation.id] = conversation
        named = (
            await self._channels(conversation, activity) if conversation.kind == "channel" and conversation.team else []
        )
        await self._store.save_conversations([conversation, *named])

    async def removed(self, activity: Payload) -> None:
        """The bot was removed from a conversation, or from a whole team."""
        data = activity.get("channelData")
        team = data.get("team") if isinstance(data, dict) else None
        gone = str(team.get("id")) if isinstance(team, dict) and team.get("id") else channel_of(activity)
        self._seen = {
            at: conversation for at, conversation in self._seen.items() if gone not in (at, conversation.team)
        }
        await self._store.delete_conversations(gone)

    async def _channels(self, conversation: Conversation, activity: Payload) -> list[Conversation]:
        data = activity.get("channelData") or {}
        team = str((data.get("team") or {}).get("name") or "")
        try:
            found = await self._api.channels(conversation.reference, conversation.team)
        except TeamsCallError as failure:
            _log.warning("teams_channels_unread", reason=str(failure))
            return []
        ids = {str(channel.get("id", "")): str(channel.get("name") or "") for channel in found}
        return [_sibling(conversation, at, channel_name(team, name)) for at, name in ids.items() if at]


def _sibling(conversation: Conversation, id: str, name: str) -> Conversation:
    """Another channel of the same team."""
    reference = {**conversation.reference, "conversation": {**conversation.reference["conversation"], "id": id}}
    return replace(conversation, id=id, name=name, reference=reference)
