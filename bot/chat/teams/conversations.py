"""Remembers the Teams conversations in which backstay may post unasked, by the names that people know them by.

A message in a channel names neither its channel nor its team (recorded: microsoft/teams.net, TeamsActivityTests.cs), so
names come from events, from the team's list of channels, and from what was learnt before.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.chat.teams.api import TeamsApi
from bot.chat.teams.channel_list import (
    TeamFacts,
    channel_name,
    channels_of,
    facts_of,
    is_shared,
    read_facts,
    shared,
    sibling,
    with_team,
)
from bot.chat.teams.outcome import Payload, TeamsCallError
from bot.chat.teams.requests import (
    ChatRequest,
    channel_data,
    channel_of,
    conversation_of,
    event_of,
    own_name,
    sender_of,
)
from bot.model import Clock, Conversation

LIST_AGAIN = timedelta(minutes=1)
"""The least time between two tries to list a team's channels."""
WAIT_SECONDS = 1.2
"""How long an answer waits until what its request tells about its team is known."""

# learn.microsoft.com, "Conversation events in your Teams bot"; the shared channel's: microsoft/Agents#179.
_NAMES_A_CHANNEL = frozenset({"channelCreated", "channelRenamed", "channelRestored"})
_LISTS_ANEW = frozenset({"teamRenamed", "teamRestored", "teamUnarchived"})
_TEAM_IS_GONE = frozenset({"teamDeleted", "teamHardDeleted"})
_CHANNEL_IS_LEFT = "channelMemberRemoved"
_log = structlog.get_logger(__name__)


class Conversations(Protocol):
    """A store of conversations. Implemented by the ledger."""

    async def save_conversations(self, seen: Sequence[Conversation]) -> None:
        """Store these conversations; an empty field keeps the known value."""
        ...

    async def delete_conversations(self, id: str) -> None:
        """Delete the conversation with this id, or all of the team with this id."""
        ...

    async def conversations(self) -> Sequence[Conversation]:
        """All stored conversations."""
        ...


class KnownConversations:
    """The conversations that backstay was added to. What Teams tells is taken in one after the other, in its order.

    Args:
        store: stores them.
        api: describes teams, their channels and people.
        now: UTC.
    """

    def __init__(self, store: Conversations, api: TeamsApi, now: Clock) -> None:
        self._store, self._api, self._now = store, api, now
        self._seen: dict[str, Conversation] = {}
        self._teams: dict[str, TeamFacts] = {}
        self._shared: set[str] = set()
        self._listed: set[str] = set()
        self._tried: dict[str, datetime] = {}
        self._turn = asyncio.Lock()

    async def seen(self, activity: Payload) -> None:
        """Store the conversation of an activity, once while nothing about it changes.

        A team is stored with all its channels, so that the bot can post to a channel in which nobody ever wrote to it.
        """
        async with self._turn:
            await self._note(activity)

    async def changed(self, activity: Payload) -> None:
        """Take in an event: a channel or team got another name, was made, deleted or restored."""
        async with self._turn:
            event, channel, base = event_of(activity), channel_data(activity, "channel"), self._base(activity)
            if event in _TEAM_IS_GONE:
                await self._forget(base.team)
            elif event == "channelDeleted":
                await self._forget(str(channel.get("id") or ""))
            elif event in _NAMES_A_CHANNEL and channel.get("id"):
                facts = await self._facts(base, activity)
                await self._save([sibling(base, channel, facts)])
            elif event in _LISTS_ANEW and base.team:
                await self._list(base, activity)
            elif activity.get("topicName"):
                await self._note(activity)

    async def removed(self, activity: Payload) -> None:
        """The bot was removed from a conversation, or from a whole team."""
        async with self._turn:
            team = str(channel_data(activity, "team").get("id") or "")
            alone = event_of(activity) == _CHANNEL_IS_LEFT and channel_data(activity, "channel").get("id")
            await self._forget(channel_of(activity) if alone or not team else team)

    async def groups_of(self, asked: ChatRequest, *, within: float = WAIT_SECONDS) -> tuple[str, ...]:
        """The group of the team in which somebody asks. In a channel that is shared with other teams it does not count."""
        if not asked.team:
            return asked.caller.groups
        if asked.team not in self._teams:
            # The request itself is taken in before this; a slow Teams must not hold up the answer.
            with suppress(TimeoutError):
                async with asyncio.timeout(within), self._turn:
                    await self._recalled(asked.team)
        if asked.caller.channel in self._shared:
            return ()
        group = self._teams.get(asked.team, TeamFacts()).group
        return asked.caller.groups or ((group,) if group else ())

    def _base(self, activity: Payload) -> Conversation:
        """The conversation of an event; its own name is not that of the channel that the event is about."""
        return replace(conversation_of(activity, self._now()), name="")

    async def _note(self, activity: Payload) -> None:
        conversation = conversation_of(activity, self._now())
        before = self._seen.get(conversation.id)
        known = before is not None and before == replace(
            conversation, seen_at=before.seen_at, name=conversation.name or before.name
        )
        team = conversation.team if conversation.kind == "channel" else ""
        lists = bool(team) and team not in self._listed and self._may_list(team)
        if not conversation.id or (known and not lists):
            return
        if lists:
            await self._list(conversation, activity)
        await self._save([await self._described(conversation, activity)])
        self._seen[conversation.id] = conversation

    async def _described(self, conversation: Conversation, activity: Payload) -> Conversation:
        """The conversation with what its activity does not tell."""
        if conversation.kind != "channel" or not conversation.team:
            return replace(conversation, name=conversation.name or await self._person(conversation, activity))
        facts, told = await self._facts(conversation, activity), own_name(activity)
        name = conversation.name or (channel_name(facts.name, told) if told and facts.name else "")
        described = with_team(replace(conversation, name=name), facts)
        return shared(described) if conversation.id in self._shared else described

    async def _facts(self, base: Conversation, activity: Payload) -> TeamFacts:
        """What is known about a team: by this activity, by Teams, else by what was learnt before."""
        given = TeamFacts.of(channel_data(activity, "team")).filled(await self._recalled(base.team))
        if not (given.name and given.group) and base.team not in self._tried:
            given = given.filled(await read_facts(self._api, base))
        self._teams[base.team] = given
        return given

    async def _recalled(self, team: str) -> TeamFacts:
        """What was learnt about a team before, also by an earlier process."""
        if team not in self._teams:
            stored = [known for known in await self._store.conversations() if known.team == team]
            self._shared |= {known.id for known in stored if is_shared(known)}
            facts = TeamFacts()
            for known in stored:
                facts = facts.filled(facts_of(known))
            if facts == TeamFacts():
                return facts
            self._teams[team] = facts
        return self._teams[team]

    def _may_list(self, team: str) -> bool:
        tried = self._tried.get(team)
        return tried is None or self._now() - tried >= LIST_AGAIN

    async def _list(self, base: Conversation, activity: Payload) -> None:
        """Store the channels of a team as Teams lists them. What is not listed keeps its name."""
        team = base.team
        self._tried[team] = self._now()
        given = TeamFacts.of(channel_data(activity, "team")).filled(await read_facts(self._api, base))
        facts = self._teams[team] = given.filled(await self._recalled(team))
        stored = {known.id: known for known in await self._store.conversations() if known.team == team}
        listed: list[Conversation] = []
        try:
            listed = await channels_of(self._api, base, facts)
            self._listed.add(team)
        except TeamsCallError as failure:
            _log.warning("teams_channels_unread", reason=str(failure))
        if not facts.name:  # a name without its team must not take the place of a whole one
            listed = [replace(channel, name="") if channel.id in stored else channel for channel in listed]
        fresh = {channel.id for channel in listed}
        await self._save([*listed, *(_renamed(known, facts) for known in stored.values() if known.id not in fresh)])

    async def _save(self, channels: Sequence[Conversation]) -> None:
        self._shared |= {channel.id for channel in channels if is_shared(channel)}
        if channels:
            await self._store.save_conversations(channels)

    async def _forget(self, gone: str) -> None:
        if not gone:
            return
        self._seen = {at: known for at, known in self._seen.items() if gone not in (at, known.team)}
        self._listed.discard(gone)
        self._tried.pop(gone, None)
        await self._store.delete_conversations(gone)

    async def _person(self, conversation: Conversation, activity: Payload) -> str:
        """Who a personal chat is with: an installation names nobody."""
        if conversation.kind != "personal":
            return ""
        try:
            member = await self._api.member(conversation.reference, sender_of(activity))
        except TeamsCallError:
            return ""
        return str(member.get("name") or "")


def _renamed(known: Conversation, facts: TeamFacts) -> Conversation:
    """A stored channel under its team's present name."""
    channel = known.name.rpartition(" / ")[2]
    return with_team(replace(known, name=f"{facts.name} / {channel}" if facts.name and channel else known.name), facts)
