"""Lists the channels of teams as Teams knows them now, each as a conversation to post to."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.chat.teams.outcome import Payload, TeamsCallError
from bot.model import Conversation, Retry

SHARED = "shared"


class ListsChannels(Protocol):
    """Calls to Teams about one team. Each raises `TeamsCallError`."""

    async def channels(self, reference: Payload, team: str) -> Sequence[Payload]:
        """The team's channels."""
        ...

    async def team(self, reference: Payload, team: str) -> Payload:
        """The team's `name` and `aadGroupId`."""
        ...


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """What is known about a team: its name, and the id of its group in Entra ID. Empty where Teams did not give it."""

    name: str = ""
    group: str = ""

    @classmethod
    def of(cls, team: object) -> "TeamFacts":
        """The facts in Teams' description of a team, such as an event's `channelData.team`."""
        given = team if isinstance(team, Mapping) else {}
        name, group = given.get("name"), given.get("aadGroupId")
        return cls(name if isinstance(name, str) else "", group if isinstance(group, str) else "")

    def filled(self, other: "TeamFacts") -> "TeamFacts":
        """These facts, with those of `other` in place of missing ones."""
        return TeamFacts(self.name or other.name, self.group or other.group)


def facts_of(conversation: Conversation) -> TeamFacts:
    """What a stored channel tells about its team."""
    kept = TeamFacts.of(conversation.reference.get("team"))
    return kept.filled(TeamFacts(conversation.name.rpartition(" / ")[0]))


def is_shared(conversation: Conversation) -> bool:
    """Whether a stored channel is shared with other teams."""
    channel = conversation.reference.get("channel")
    return isinstance(channel, Mapping) and channel.get("type") == SHARED


def shared(conversation: Conversation) -> Conversation:
    """A channel that is remembered as shared with other teams."""
    return replace(conversation, reference={**conversation.reference, "channel": {"type": SHARED}})


def channel_name(team: str, channel: str) -> str:
    """A channel's name for people; Teams gives the first channel of a team none."""
    return f"{team} / {channel or 'General'}" if team else channel or "General"


def with_team(conversation: Conversation, facts: TeamFacts) -> Conversation:
    """A channel that remembers what is known about its team."""
    kept = {"name": facts.name, "aadGroupId": facts.group}
    return replace(conversation, reference={**conversation.reference, "team": kept})


def sibling(base: Conversation, channel: Payload, facts: TeamFacts) -> Conversation:
    """A channel of the same team as `base`. `channel`: its `id`, `name` and `type` as Teams gives them."""
    address, kind = str(channel.get("id") or ""), channel.get("type")
    reference = {**base.reference, "conversation": {**base.reference.get("conversation", {}), "id": address}}
    reference.pop("channel", None)
    if isinstance(kind, str):
        reference["channel"] = {"type": kind}
    named = channel_name(facts.name, str(channel.get("name") or ""))
    return with_team(replace(base, id=address, name=named, reference=reference), facts)


async def channels_of(api: ListsChannels, base: Conversation, facts: TeamFacts) -> list[Conversation]:
    """The channels of the team of `base`.

    Raises:
        TeamsCallError: Teams does not list them.
    """
    listed = await api.channels(base.reference, base.team)
    return [sibling(base, channel, facts) for channel in listed if channel.get("id")]


async def read_facts(api: ListsChannels, base: Conversation) -> TeamFacts:
    """What Teams tells about the team of `base`; nothing where it cannot be read."""
    try:
        return TeamFacts.of(await api.team(base.reference, base.team))
    except TeamsCallError:
        return TeamFacts()


async def listed_channels(
    api: ListsChannels, known: Sequence[Conversation]
) -> tuple[Sequence[Conversation], Retry | None]:
    """Every channel of the teams of `known`, and why some may be missing for now.

    A team that refuses, because the app was removed from it, is left out.
    """
    newest = {
        conversation.team: conversation
        for conversation in sorted(known, key=lambda conversation: conversation.seen_at)
        if conversation.kind == "channel" and conversation.team
    }
    read = await asyncio.gather(*(_of_team(api, base, known) for base in newest.values()))
    missing = next((found for found in read if isinstance(found, Retry)), None)
    return [channel for found in read if not isinstance(found, Retry) for channel in found], missing


async def _of_team(
    api: ListsChannels, base: Conversation, known: Sequence[Conversation]
) -> Sequence[Conversation] | Retry:
    facts = await read_facts(api, base)
    for conversation in known:
        facts = facts.filled(facts_of(conversation)) if conversation.team == base.team else facts
    try:
        return await channels_of(api, base, facts)
    except TeamsCallError as failure:
        return failure.result if isinstance(failure.result, Retry) else ()
