"""Guests and people of other tenants in Teams, bots, loops, and what is for one person alone."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.records import RecordsInMemory
from support.fakes.misbehaving import hang, status
from support.fakes.teams_activities import CHANNEL, click, message
from support.harness.teams_app import TeamsApp, teams_app

from bot.app.settings.sections import RoleSettings
from bot.cards.card import Card
from bot.chat.channel_limit import AT_MOST
from bot.chat.dispatch import dispatch
from bot.model import Caller, Membership, Role

LINE = "broadcast Down severity=critical audiences=payments,web"
PERSON = "29:kim"
# Of guests, rosters say the role; the account's name has #EXT#. Of people in a shared channel, the tenant is their own.
OUTSIDERS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "a guest": ({"userRole": "guest", "userPrincipalName": "kim_other.example#EXT#@acme.example"}, "guest"),
    "a guest by the account's name": ({"userPrincipalName": "kim_other.example#EXT#@acme.example"}, "guest"),
    "an anonymous participant": ({"userRole": "anonymous"}, "guest"),
    "a person of another tenant": ({"tenantId": "9e4f-other"}, "stranger"),
}
ENTRIES: Mapping[str, Any] = {
    "message": lambda url: message(url, LINE),
    "message that reads": lambda url: message(url, "scorecard"),
    "mention in a channel": lambda url: message(url, LINE, mention=True, scope="channel"),
    "mention in a group chat": lambda url: message(url, "help", mention=True, scope="groupChat"),
    "unknown command": lambda url: message(url, "chekout"),
    "button": lambda url: click(url, "subscribe weekly", scope="channel"),
    "button for a new message": lambda url: click(url, "scorecard", update=False, scope="channel"),
    "old button": lambda url: message(url, "", value={"command": LINE}, replyToId="post-7", scope="channel"),
    "form": lambda url: click(url, "broadcast", filled={"field.text": "Down", "field.severity": "critical"}),
}


@dataclass
class Answers:
    """What the chat is asked, with roles as they are set."""

    roles: RoleSettings = field(default_factory=lambda: RoleSettings(everyone=Role.RESPONDER))
    records: RecordsInMemory = field(default_factory=RecordsInMemory)
    callers: list[Caller] = field(default_factory=list)

    def __call__(self, line: str, caller: Caller, fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
        self.callers.append(caller)
        backend = sample_backend(SampleAudits(sample_services("checkout", "billing")), records=self.records)
        return dispatch(line, caller, backend, role=self.roles.role_of(caller), fields=fields)


async def come_in(app: TeamsApp, body: Mapping[str, Any]) -> Any:
    code, told = await app.ask(body)
    assert code == 200
    await app.settle()
    return told


def private_only(app: TeamsApp) -> bool:
    """Whether every card is where nobody but the person reads."""
    cards = [post for post in app.teams.posted if post.get("attachments")]
    return all(str(post["at"]) in ("a:personal", f"a:chat-with-{PERSON}") for post in cards)


@pytest.mark.parametrize("outsider", OUTSIDERS)
@pytest.mark.parametrize("entry", ENTRIES)
async def test_an_outsider_is_refused_wherever_they_come_in(tmp_path: Path, entry: str, outsider: str) -> None:
    answers, (described, why) = Answers(), OUTSIDERS[outsider]
    async with teams_app(answers, tmp_path) as app:
        app.teams.people[PERSON] = described
        told = await come_in(app, ENTRIES[entry](app.teams.url))
        shown = str(told) + str(app.teams.cards)
        assert "Not allowed" in shown
        assert not any(word in shown for word in ("checkout", "billing", "payments", "web"))
        assert app.teams.replaced == [], "what others see stays"
        assert len(app.teams.cards) <= 1
        assert private_only(app)
    assert answers.records.reasons == [why]
    assert (answers.records.drafts, answers.records.wanted, answers.records.posts) == ({}, [], [])


@pytest.mark.parametrize(
    "named",
    [
        {"conversation": {"conversationType": "channel", "tenantId": "9e4f-other", "id": CHANNEL}},
        {"from": {"id": PERSON, "aadObjectId": "entra-kim", "name": "Kim", "tenantId": "9e4f-other"}},
    ],
)
async def test_the_request_alone_gives_another_tenant_away(tmp_path: Path, named: dict[str, Any]) -> None:
    answers = Answers()
    async with teams_app(answers, tmp_path) as app:
        app.teams.always("member", status(503))
        await come_in(app, message(app.teams.url, "scorecard", mention=True, scope="channel", **named))
    assert answers.records.reasons == ["stranger"]


@pytest.mark.parametrize("scope", ["groupChat", "channel"])
async def test_no_channel_reads_who_was_refused(tmp_path: Path, scope: str) -> None:
    answers = Answers(RoleSettings())
    async with teams_app(answers, tmp_path) as app:
        await come_in(app, message(app.teams.url, LINE, mention=True, scope=scope))  # a member without the role
        app.teams.people["29:lee"] = {"tenantId": "9e4f-other"}
        app.teams.always("open", status(403))  # a personal chat with somebody of another tenant
        lee: dict[str, Any] = {"from": {"id": "29:lee", "name": "Lee", "aadObjectId": "entra-lee"}}
        await come_in(app, message(app.teams.url, "help", mention=True, scope=scope, **lee))
        assert [app.teams.titles(), private_only(app)] == [["⚠️ Not allowed"], True]
        assert [note for _, note in app.teams.notes] == [
            "The answer is in your personal chat with backstay.",
            "The answer is for you alone. Ask in your personal chat with backstay.",
        ]


async def test_who_is_in_no_roster_has_no_role(tmp_path: Path) -> None:
    answers = Answers()
    async with teams_app(answers, tmp_path) as app:
        app.teams.people[PERSON] = None
        await come_in(app, message(app.teams.url, "scorecard"))
        assert "could not check" in str(app.teams.cards)
    assert answers.records.reasons == ["unknown"]


@pytest.mark.parametrize("trouble", [status(503), status(404), hang()], ids=lambda told: told.kind)
async def test_whom_teams_does_not_describe_may_read_where_all_names_our_tenant(tmp_path: Path, trouble: Any) -> None:
    answers = Answers()
    async with teams_app(answers, tmp_path) as app:
        app.teams.always("member", trouble)
        await come_in(app, message(app.teams.url, "help"))
        anonymous: dict[str, Any] = {"from": {"id": "29:nobody", "name": "Nobody"}}
        await come_in(app, message(app.teams.url, "help", **anonymous))
    assert [caller.membership for caller in answers.callers] == [Membership.UNVERIFIED, Membership.UNKNOWN]
    assert [answers.roles.role_of(caller) for caller in answers.callers] == [Role.VIEWER, None]


async def test_members_are_looked_up_once_in_the_channel_and_not_in_a_thread(tmp_path: Path) -> None:
    answers = Answers()
    async with teams_app(answers, tmp_path) as app:
        for _ in range(2):
            await come_in(app, message(app.teams.url, "help", mention=True, scope="channel"))
        app.teams.always("member", status(503))
        await come_in(app, message(app.teams.url, "help"))
    assert [caller.membership for caller in answers.callers] == [Membership.MEMBER] * 3


async def test_a_guest_is_no_member_of_the_groups_that_have_a_role(tmp_path: Path) -> None:
    answers = Answers(RoleSettings(responder=("teams:group-payments",)))
    async with teams_app(answers, tmp_path) as app:
        await come_in(app, message(app.teams.url, "help", mention=True, scope="channel"))
        app.teams.people["29:lee"] = {"userRole": "guest"}
        lee: dict[str, Any] = {"from": {"id": "29:lee", "name": "Lee", "aadObjectId": "entra-lee"}}
        await come_in(app, message(app.teams.url, "help", mention=True, scope="channel", **lee))
    assert [answers.roles.role_of(caller) for caller in answers.callers] == [Role.RESPONDER, None]


@pytest.mark.parametrize(
    "author",
    [
        {"id": "28:backstay", "name": "backstay"},
        {"id": "28:another-app", "name": "CI", "aadObjectId": None},
        {"id": "29:another", "name": "CI", "role": "bot"},
    ],
)
async def test_messages_of_bots_are_not_answered(tmp_path: Path, author: dict[str, Any]) -> None:
    answers = Answers()
    async with teams_app(answers, tmp_path) as app:
        for scope in ("personal", "groupChat", "channel"):
            await come_in(app, message(app.teams.url, "help", mention=True, scope=scope, **{"from": author}))
        assert app.teams.posted == []
    assert answers.callers == []


async def test_a_loop_ends_and_takes_no_other_conversation_along(tmp_path: Path) -> None:
    answers = Answers()
    async with teams_app(answers, tmp_path) as app:
        for _ in range(AT_MOST + 10):
            await app.ask(message(app.teams.url, "help", mention=True, scope="channel"))
        await app.ask(message(app.teams.url, "help"))
        await app.ask(click(app.teams.url, "help", scope="channel"))
        await app.settle()
    channels = [caller.channel for caller in answers.callers]
    assert (channels.count(CHANNEL), channels.count("a:personal")) == (AT_MOST + 1, 1)


async def test_an_edited_or_repeated_message_acts_once_and_is_answered_in_its_thread(tmp_path: Path) -> None:
    answers = Answers()
    async with teams_app(answers, tmp_path) as app:
        sent = message(app.teams.url, "help", mention=True, scope="channel")
        for body in (
            sent,
            sent,
            {**sent, "type": "messageUpdate", "channelData": {**sent["channelData"], "eventType": "editMessage"}},
        ):
            await come_in(app, body)
        assert [post["at"] for post in app.teams.posted] == [f"{CHANNEL};messageid=17"]
    assert len(answers.callers) == 1


@pytest.mark.parametrize("line", ["mine", LINE])
@pytest.mark.parametrize("scope", ["groupChat", "channel"])
async def test_what_is_for_one_person_goes_to_their_own_chat(tmp_path: Path, scope: str, line: str) -> None:
    answers = Answers()
    async with teams_app(answers, tmp_path) as app:
        await come_in(app, message(app.teams.url, line, mention=True, scope=scope))
        [card] = [post for post in app.teams.posted if post.get("attachments")]
        assert card["at"] == f"a:chat-with-{PERSON}"
        [(where, note)] = app.teams.notes
        assert where != card["at"]
        assert note == "The answer is in your personal chat with backstay."


@pytest.mark.parametrize("call", ["open", "post"])
async def test_what_cannot_reach_one_person_alone_is_not_shown_at_all(
    tmp_path: Path, call: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = Answers()
    async with teams_app(answers, tmp_path) as app:
        app.teams.script(call, status(403))
        await come_in(app, message(app.teams.url, "mine", mention=True, scope="channel"))
        assert app.teams.cards == []
        assert [note for _, note in app.teams.notes] == [
            "The answer is for you alone. Ask in your personal chat with backstay."
        ]
        assert "teams_answer_lost" in capsys.readouterr().out


async def test_in_a_personal_chat_nothing_goes_elsewhere(tmp_path: Path) -> None:
    async with teams_app(Answers(), tmp_path) as app:
        await come_in(app, message(app.teams.url, "mine"))
        assert [post["at"] for post in app.teams.posted] == ["a:personal"]
        assert app.teams.notes == []


async def test_without_an_app_whoever_is_on_this_machine_is_one_of_us(tmp_path: Path) -> None:
    answers = Answers()
    async with teams_app(answers, tmp_path, anonymous=True) as app:
        app.teams.always("member", status(404))
        code, _ = await app.ask(message(app.teams.url, "help"), Authorization="")
        assert code == 200
        await app.settle()
    assert [caller.membership for caller in answers.callers] == [Membership.MEMBER]
    assert answers.callers[0].user == "entra-kim"
