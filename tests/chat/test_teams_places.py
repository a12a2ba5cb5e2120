"""The places in Teams that backstay may post to: by which names it knows them, whom it greets there, and whose group counts.

A message in a channel names neither its channel nor its team: see `support.fakes.teams_activities` for the recordings.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.posts import context
from support.builders.posts import message as post
from support.fakes.misbehaving import status
from support.fakes.teams_activities import CHANNEL, GROUP, TEAM, activity, click, event, installed, joined, message
from support.harness.teams_app import NOW, TeamsApp, teams_app

from bot.cards.card import Card
from bot.chat.teams.conversations import LIST_AGAIN
from bot.delivery.routing.registry import build
from bot.model import Caller, Refused, Retry, RouteSpec, Sent

LATER = "19:later@thread.tacv2"


class Callers:
    """Answers everything, and remembers who asked."""

    def __init__(self) -> None:
        self.asked: list[Caller] = []

    async def __call__(self, line: str, caller: Caller, _fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
        self.asked.append(caller)
        yield Card("scorecard", line, "said")


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[TeamsApp]:
    async with teams_app(Callers(), tmp_path) as running:
        yield running


async def come_in(app: TeamsApp, *activities: Mapping[str, Any]) -> None:
    for each in activities:
        assert (await app.ask(each))[0] == 200
        await app.settle()


async def names(app: TeamsApp) -> dict[str, str]:
    return {conversation.id: conversation.name for conversation in await app.ledger.conversations()}


def asking(app: TeamsApp, **fields: Any) -> dict[str, Any]:
    return message(app.teams.url, "help", mention=True, scope="channel", **fields)


async def send(app: TeamsApp, conversation: str) -> object:
    around = context(teams=app.api, conversations=app.ledger.conversations)
    return await build(RouteSpec("teams", "teams:it", {"conversation": conversation}), around).send(post(), 1)


BOTH = {TEAM: "Payments / General", CHANNEL: "Payments / Alerts"}


async def test_a_team_is_known_with_all_its_channels_by_name(app: TeamsApp) -> None:
    await come_in(app, installed(app.teams.url, scope="channel"))
    assert await names(app) == BOTH
    alerts = {known.id: known for known in await app.ledger.conversations()}[CHANNEL]
    assert (alerts.kind, alerts.team) == ("channel", TEAM)
    assert alerts.reference["conversation"]["id"] == CHANNEL, "no thread in it"
    assert alerts.reference["tenant"] == alerts.tenant


@pytest.mark.parametrize("broken", [(), ("team",), ("channels",), ("team", "channels")], ids=str)
async def test_a_message_in_a_channel_takes_no_name_away(
    app: TeamsApp, tmp_path: Path, broken: tuple[str, ...]
) -> None:
    await come_in(app, installed(app.teams.url, scope="channel"))
    async with teams_app(Callers(), tmp_path) as restarted:
        for call in broken:
            restarted.teams.always(call, status(403))
        await come_in(restarted, asking(restarted), click(restarted.teams.url, "help", scope="channel"))
        assert await names(restarted) == BOTH
        assert isinstance(await send(restarted, "Payments / Alerts"), Sent)


async def test_a_message_is_enough_to_know_the_whole_team(app: TeamsApp) -> None:
    await come_in(app, asking(app))
    assert await names(app) == BOTH


async def test_a_team_of_which_nothing_is_told_is_known_by_its_channels(app: TeamsApp) -> None:
    app.teams.team_facts.clear()
    await come_in(app, asking(app))
    assert await names(app) == {TEAM: "General", CHANNEL: "Alerts"}
    assert isinstance(await send(app, "#alerts"), Sent)


@pytest.mark.parametrize("kind", ["channelCreated", "channelRenamed", "channelRestored"])
async def test_a_channel_is_known_as_soon_as_it_has_its_name(app: TeamsApp, kind: str) -> None:
    await come_in(app, installed(app.teams.url, scope="channel"))
    of = CHANNEL if kind == "channelRenamed" else LATER
    await come_in(app, event(app.teams.url, kind, channel={"id": of, "name": "On call"}), asking(app))
    assert await names(app) == {**BOTH, of: "Payments / On call"}
    assert isinstance(await send(app, "Payments / On call"), Sent)
    assert app.teams.posted[-1]["at"] == of


async def test_a_channel_that_is_deleted_is_forgotten_and_known_again_when_it_is_restored(app: TeamsApp) -> None:
    gone = {"id": CHANNEL, "name": "Alerts"}
    await come_in(app, installed(app.teams.url, scope="channel"), event(app.teams.url, "channelDeleted", channel=gone))
    assert await names(app) == {TEAM: BOTH[TEAM]}
    await come_in(app, event(app.teams.url, "channelRestored", channel=gone))
    assert await names(app) == BOTH


@pytest.mark.parametrize("broken", [(), ("channels",), ("team", "channels")], ids=str)
async def test_a_team_that_is_renamed_renames_all_its_channels(app: TeamsApp, broken: tuple[str, ...]) -> None:
    await come_in(app, installed(app.teams.url, scope="channel"), asking(app))
    for call in broken:
        app.teams.always(call, status(500))
    app.teams.team_facts[TEAM] = {"name": "Money", "aadGroupId": GROUP}
    await come_in(app, event(app.teams.url, "teamRenamed", team={"name": "Money"}), asking(app))
    assert await names(app) == {TEAM: "Money / General", CHANNEL: "Money / Alerts"}


@pytest.mark.parametrize("kind", ["teamDeleted", "teamHardDeleted"])
async def test_a_team_that_is_deleted_is_forgotten_and_known_again_when_it_is_restored(
    app: TeamsApp, kind: str
) -> None:
    await come_in(app, installed(app.teams.url, scope="channel"), event(app.teams.url, kind))
    assert await names(app) == {}
    await come_in(app, event(app.teams.url, "teamRestored"))
    assert await names(app) == BOTH


async def test_an_archived_team_keeps_its_names(app: TeamsApp) -> None:
    await come_in(app, installed(app.teams.url, scope="channel"), event(app.teams.url, "teamArchived"))
    assert await names(app) == BOTH


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"channel": {}},
        {"channel": {"id": "", "name": "x"}},
        {"channel": {"id": CHANNEL}},
        {"channel": {"id": CHANNEL, "name": None}},
        {"team": {"id": ""}},
        {"team": {"name": None}},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["channelRenamed", "channelDeleted", "teamRenamed", "teamDeleted", "somethingNew"])
async def test_an_event_that_tells_too_little_breaks_nothing(app: TeamsApp, kind: str, odd: dict[str, Any]) -> None:
    await come_in(app, installed(app.teams.url, scope="channel"), event(app.teams.url, kind, **odd))
    assert set(await names(app)) <= set(BOTH)


async def test_a_name_that_is_not_known_is_looked_for_among_the_channels_of_the_team(app: TeamsApp) -> None:
    await come_in(app, installed(app.teams.url, scope="channel"))
    app.teams.team_channels.append({"id": LATER, "name": "On call"})
    assert isinstance(await send(app, "Payments / On call"), Sent)
    assert app.teams.posted[-1]["at"] == LATER
    assert isinstance(await send(app, "Payments / Nowhere"), Refused)
    app.teams.always("channels", status(503))
    assert isinstance(await send(app, "Payments / Nowhere"), Retry), "whether it exists is not known"


async def test_a_channel_found_in_the_list_is_changed_and_answered_in_too(app: TeamsApp) -> None:
    await come_in(app, installed(app.teams.url, scope="channel"))
    app.teams.team_channels.append({"id": LATER, "name": "On call"})
    around = context(teams=app.api, conversations=app.ledger.conversations)
    route = build(RouteSpec("teams", "teams:it", {"conversation": "Payments / On call"}), around)
    sent = await route.send(post(), 1)
    assert isinstance(sent, Sent)
    for change in (route.update, route.send_under):  # type: ignore[attr-defined] # of this kind of route
        assert isinstance(await change(sent.reference, post(), 1), Sent)


async def test_a_name_that_exists_nowhere_does_not_list_all_teams_at_each_message(app: TeamsApp) -> None:
    await come_in(app, installed(app.teams.url, scope="channel"))
    around = context(teams=app.api, conversations=app.ledger.conversations)
    route = build(RouteSpec("teams", "teams:it", {"conversation": "Nowhere"}), around)
    assert [type(await route.send(post(), 1)) for _ in range(3)] == [Refused] * 3
    app.teams.team_channels.append({"id": LATER, "name": "Nowhere"})
    assert isinstance(await route.send(post(), 1), Refused), "within the minute"


async def test_a_team_that_could_not_be_listed_is_listed_later(app: TeamsApp) -> None:
    app.teams.script("channels", status(500))
    await come_in(app, asking(app), asking(app))
    assert CHANNEL not in {at for at, name in (await names(app)).items() if name}
    app.now[0] = NOW + LIST_AGAIN + timedelta(seconds=1)
    await come_in(app, asking(app))
    assert await names(app) == BOTH


async def test_a_personal_chat_is_known_by_its_person_from_the_installation_on(app: TeamsApp) -> None:
    await come_in(app, installed(app.teams.url))
    assert await names(app) == {"a:personal": "Kim"}


async def test_a_group_chat_is_known_by_its_topic_once_it_is_told(app: TeamsApp) -> None:
    topic = activity(app.teams.url, "conversationUpdate", scope="groupChat", topicName="War room")
    await come_in(app, installed(app.teams.url, scope="groupChat"), topic)
    await come_in(app, message(app.teams.url, "help", mention=True, scope="groupChat"))
    assert await names(app) == {"19:chat@thread.v2": "War room"}


@pytest.mark.parametrize("scope", ["personal", "groupChat", "channel"])
@pytest.mark.parametrize("order", [(installed, joined), (joined, installed)], ids=["installed first", "joined first"])
async def test_people_are_greeted_once_whatever_tells_it(
    app: TeamsApp, scope: str, order: tuple[Callable[..., dict[str, Any]], ...]
) -> None:
    await come_in(app, *(tells(app.teams.url, scope=scope) for tells in order))
    await come_in(app, installed(app.teams.url, action="add-upgrade", scope=scope))
    stranger = event(app.teams.url, "teamMemberAdded", membersAdded=[{"id": "29:lee"}])
    await come_in(app, stranger)
    assert app.teams.titles() == ["backstay is here"]
    assert "Acme" in str(app.teams.cards)
    await come_in(app, installed(app.teams.url, scope=scope, action="remove"), installed(app.teams.url, scope=scope))
    assert len(app.teams.titles()) == 2, "it was added anew"


async def test_the_welcome_goes_to_the_channel_that_was_chosen(app: TeamsApp) -> None:
    await come_in(app, installed(app.teams.url, scope="channel"))
    assert [post["at"] for post in app.teams.posted] == [CHANNEL]


async def test_the_group_of_a_team_counts_in_every_message(tmp_path: Path) -> None:
    callers = Callers()
    async with teams_app(callers, tmp_path) as app:
        await come_in(app, joined(app.teams.url, scope="channel"))
        app.teams.always("team", status(500))
        await come_in(app, asking(app), click(app.teams.url, "help", scope="channel"))
    async with teams_app(callers, tmp_path) as restarted:
        restarted.teams.always("team", status(500))
        restarted.teams.always("channels", status(500))
        await come_in(restarted, asking(restarted))
        await come_in(restarted, message(restarted.teams.url, "help"))
    assert [caller.groups for caller in callers.asked] == [(GROUP,)] * 3 + [()]


async def test_the_group_is_asked_for_where_no_event_told_it(tmp_path: Path) -> None:
    callers = Callers()
    async with teams_app(callers, tmp_path) as app:
        await come_in(app, asking(app))
    assert [caller.groups for caller in callers.asked] == [(GROUP,)]


def shared(app: TeamsApp, kind: str, **fields: Any) -> dict[str, Any]:
    """What happens to the app in a shared channel (github.com/microsoft/Agents/issues/179)."""
    channel = {"type": "shared", "name": "With partners", "id": LATER}
    made = event(app.teams.url, kind, channel=channel, **fields)
    made["conversation"]["id"] = LATER
    return made


async def test_in_a_channel_shared_with_other_teams_the_group_of_its_team_does_not_count(tmp_path: Path) -> None:
    callers = Callers()
    there = {"conversation": {"isGroup": True, "conversationType": "channel", "id": f"{LATER};messageid=3"}}
    async with teams_app(callers, tmp_path) as app:
        await come_in(app, installed(app.teams.url, scope="channel"))
        await come_in(app, shared(app, "channelMemberAdded", membersAdded=[{"id": "28:backstay"}]))
        assert (await names(app))[LATER] == "Payments / With partners"
        await come_in(app, asking(app, **there))
    async with teams_app(callers, tmp_path) as restarted:
        await come_in(restarted, asking(restarted, **there), asking(restarted))
    assert [caller.groups for caller in callers.asked] == [(), (), (GROUP,)]


async def test_leaving_a_shared_channel_is_not_leaving_its_team(app: TeamsApp) -> None:
    await come_in(app, installed(app.teams.url, scope="channel"))
    bot = [{"id": "28:backstay"}]
    await come_in(app, shared(app, "channelMemberAdded", membersAdded=bot))
    await come_in(app, shared(app, "channelMemberRemoved", membersRemoved=bot))
    assert await names(app) == BOTH
    await come_in(app, installed(app.teams.url, scope="channel", action="remove"))
    assert await names(app) == {}
