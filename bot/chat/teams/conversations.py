"""Remembers where in Teams backstay may speak without being asked, and greets people where it was just added."""

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
    """Where they are kept; the ledger is the real one."""

    async def save_conversations(self, seen: Sequence[Conversation]) -> None:
        """Keep these."""
        ...

    async def delete_conversations(self, id: str) -> None:
        """Drop the conversation, or the team, of this id."""
        ...


class KnownConversations:
    """The conversations of one app.

    Args:
        kept: where they are kept.
        api: tells the channels of a team.
        now: UTC.
    """

    def __init__(self, kept: Conversations, api: TeamsApi, now: Clock) -> None:
        self._kept, self._api, self._now = kept, api, now
        self._seen: dict[str, Conversation] = {}

    async def saw(self, activity: Payload) -> None:
        """Something came from a conversation: keep it, once while nothing about it changes.

        A team is kept with all its channels, so that a channel can be posted to in which nobody ever spoke to the bot.
        """
        one = conversation_of(activity, self._now())
        before = self._seen.get(one.id)
        if not one.id or (before is not None and replace(one, seen_at=before.seen_at) == before):
            return
        self._seen[one.id] = one
        named = await self._channels(one, activity) if one.kind == "channel" and one.team else []
        await self._kept.save_conversations([one, *named])

    async def left(self, activity: Payload) -> None:
        """The bot was removed from a conversation, or from a whole team."""
        data = activity.get("channelData")
        team = data.get("team") if isinstance(data, dict) else None
        gone = str(team.get("id")) if isinstance(team, dict) and team.get("id") else channel_of(activity)
        self._seen = {at: one for at, one in self._seen.items() if gone not in (at, one.team)}
        await self._kept.delete_conversations(gone)

    async def _channels(self, one: Conversation, activity: Payload) -> list[Conversation]:
        data = activity.get("channelData") or {}
        team = str((data.get("team") or {}).get("name") or "")
        try:
            found = await self._api.channels(one.reference, one.team)
        except TeamsCallError as failure:
            _log.warning("teams_channels_unread", reason=str(failure))
            return []
        ids = {str(channel.get("id", "")): str(channel.get("name") or "") for channel in found}
        return [_beside(one, at, channel_name(team, name)) for at, name in ids.items() if at]


def _beside(one: Conversation, id: str, name: str) -> Conversation:
    """Another channel of the same team."""
    reference = {**one.reference, "conversation": {**one.reference["conversation"], "id": id}}
    return replace(one, id=id, name=name, reference=reference)
