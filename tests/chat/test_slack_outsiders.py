"""People of other workspaces and guests in Slack: without a role nothing is done or shown for them, wherever they come in."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.records import RecordsInMemory
from support.fakes.misbehaving import error, hang, status
from support.fakes.slack_people import (
    GUESTS,
    ORGANIZATION,
    OURS,
    THEIR_ORGANIZATION,
    THEIRS,
    from_another_workspace,
    stranger,
)
from support.fakes.slack_requests import direct, home_opened, mention, press, pressed_in, shortcut, slash, submission
from support.harness.slack_app import Fields, SlackApp, slack_app

from bot.app.settings.sections import RoleSettings
from bot.cards.card import Card
from bot.chat.dispatch import dispatch
from bot.model import Caller, Membership, Role

LINE = "broadcast Down severity=critical audiences=payments,web"
MODAL = {"type": "modal", "callback_id": "form", "private_metadata": '{"channel":"C0PAYMENTS","command":"broadcast"}'}
SAID = {"text": {"value": "Down"}, "severity": {"value": "critical"}, "audiences": {"value": "payments"}}
ENTRIES: Mapping[str, Any] = {
    "slash command": lambda url: slash(LINE, response_url=url),
    "slash command that reads": lambda url: slash("scorecard", response_url=url),
    "unknown command": lambda url: slash("chekout", response_url=url),
    "help": lambda url: slash("help", response_url=url),
    "mention": lambda _: mention(f"<@U0BOT> {LINE}"),
    "direct message": lambda _: direct(LINE),
    "button": lambda url: press("subscribe weekly", message="1763900000.000001", response_url=url),
    "button in a thread": lambda _: press("scorecard", message="1763900000.000001", action="reply.0"),
    "button in a modal": lambda _: pressed_in(MODAL, "scorecard"),
    "global shortcut": lambda _: shortcut("broadcast"),
    "message shortcut": lambda url: shortcut("broadcast_message", message="1.2", text="Down", response_url=url),
    "submitted form": lambda _: submission(MODAL, **SAID),
    "App Home": lambda _: home_opened(),
}
OURS_ONLY = ("checkout", "billing", "payments", "web", "scorecard")


@dataclass
class Answers:
    """What the chat is asked, with roles as they are set; `known` is what `users.info` says of U1."""

    roles: RoleSettings = field(default_factory=RoleSettings)
    records: RecordsInMemory = field(default_factory=RecordsInMemory)
    callers: list[Caller] = field(default_factory=list)

    def __call__(self, line: str, caller: Caller, fields: Fields) -> AsyncGenerator[Card, None]:
        self.callers.append(caller)
        backend = sample_backend(SampleAudits(sample_services("checkout", "billing")), records=self.records)
        return dispatch(line, caller, backend, role=self.roles.role_of(caller), fields=fields)

    def did_nothing(self) -> bool:
        return not (self.records.drafts or self.records.posts or self.records.wanted)


def refusals(app: SlackApp, told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All that was shown, to whomever, as far as it says something."""
    shown = [said for _, said in app.slack.responses] + app.slack.views + app.slack.direct("U1")
    return [said for said in (*shown, told.get("view")) if said]


async def come_in(app: SlackApp, body: Mapping[str, Any]) -> Mapping[str, Any]:
    told: Mapping[str, Any] = {}
    if body.get("type") == "view_submission":
        told = await app.submit(body)
    else:
        assert await app.ask(body) == 200
    await app.settle()
    return told


@pytest.mark.parametrize("everyone", [Role.VIEWER, Role.RESPONDER, Role.ADMIN])
@pytest.mark.parametrize("entry", ENTRIES)
async def test_a_stranger_is_refused_in_private_wherever_they_come_in(entry: str, everyone: Role) -> None:
    answers = Answers(RoleSettings(everyone=everyone))
    async with slack_app(answers) as app:
        app.slack.people["U1"] = stranger()
        body = from_another_workspace(ENTRIES[entry](app.slack.response_url("r")))
        told = await come_in(app, body)
        [said] = refusals(app, told)
        assert "Not allowed" in str(said)
        assert "another one" in str(said)
        assert not any(word in str(said) for word in OURS_ONLY)
        assert app.slack.channel("payments") == []
    assert answers.did_nothing()
    assert answers.records.reasons == ["stranger"]


@pytest.mark.parametrize("guest", GUESTS)
@pytest.mark.parametrize("entry", ENTRIES)
async def test_a_guest_is_refused_in_private_wherever_they_come_in(entry: str, guest: str) -> None:
    answers = Answers(RoleSettings(everyone=Role.RESPONDER))
    async with slack_app(answers) as app:
        app.slack.people["U1"] = dict(GUESTS[guest])
        told = await come_in(app, ENTRIES[entry](app.slack.response_url("r")))
        [said] = refusals(app, told)
        assert "You are a guest" in str(said)
        assert app.slack.channel("payments") == []
    assert answers.did_nothing()
    assert answers.records.reasons == ["guest"]


@pytest.mark.parametrize("organization", ["", THEIR_ORGANIZATION])
@pytest.mark.parametrize("entry", [name for name in ENTRIES if name != "App Home"])
async def test_the_request_alone_gives_a_stranger_away(entry: str, organization: str) -> None:
    """Of a Grid organization's members, mentions name the organization instead of the workspace."""
    answers = Answers(RoleSettings(everyone=Role.ADMIN))
    async with slack_app(answers) as app:
        app.slack.always("users.info", status(503))
        body = from_another_workspace(ENTRIES[entry](app.slack.response_url("r")), THEIRS, organization)
        await come_in(app, body)
        assert app.slack.channel("payments") == []
    assert [caller.membership for caller in answers.callers] == [Membership.STRANGER]
    assert answers.did_nothing()


@pytest.mark.parametrize("trouble", [error("user_not_found"), error("user_not_visible")], ids=lambda told: told.kind)
async def test_whom_our_workspace_does_not_know_is_a_stranger(trouble: Any) -> None:
    answers = Answers()
    async with slack_app(answers) as app:
        app.slack.always("users.info", trouble)
        await come_in(app, slash("scorecard", response_url=app.slack.response_url("r")))
        assert "another one" in str(app.slack.responses)


@pytest.mark.parametrize("trouble", [status(503), hang(), error("missing_scope")], ids=lambda told: told.kind)
async def test_whom_slack_does_not_describe_may_read_where_the_request_names_our_workspace(trouble: Any) -> None:
    answers = Answers(RoleSettings(everyone=Role.RESPONDER, responder=("slack:U2",)))
    async with slack_app(answers) as app:
        app.slack.always("users.info", trouble)
        for user in ("U1", "U2"):
            body = slash("scorecard", response_url=app.slack.response_url("r")) | {"user_id": user}
            await come_in(app, body)
    assert [caller.membership for caller in answers.callers] == [Membership.UNVERIFIED] * 2
    assert [answers.roles.role_of(caller) for caller in answers.callers] == [Role.VIEWER, Role.RESPONDER]


async def test_nobody_has_a_role_where_nothing_says_who_they_are() -> None:
    answers = Answers(RoleSettings(everyone=Role.ADMIN))
    async with slack_app(answers) as app:
        app.slack.always("users.info", status(503))
        body = mention("<@U0BOT> scorecard", team=None)
        await come_in(app, body | {"is_ext_shared_channel": True})
        [(where, said)] = app.slack.responses
        assert where == "ephemeral"
        assert "could not check" in str(said)
    assert answers.records.reasons == ["unknown"]


async def test_what_was_known_of_somebody_still_holds_while_slack_is_silent() -> None:
    answers = Answers(RoleSettings(everyone=Role.RESPONDER))
    async with slack_app(answers) as app:
        await come_in(app, slash("scorecard"))
        app.slack.always("users.info", status(503))
        await come_in(app, slash("scorecard"))
    assert [caller.membership for caller in answers.callers] == [Membership.MEMBER] * 2


@pytest.mark.parametrize(
    ("teams", "whole", "expected"),
    [
        ([OURS, "T8SISTER"], False, Membership.MEMBER),
        (["T8SISTER"], False, Membership.STRANGER),
        (["T8SISTER"], True, Membership.MEMBER),
    ],
)
async def test_a_sister_workspace_of_our_organization(teams: list[str], whole: bool, expected: Membership) -> None:
    answers = Answers()
    async with slack_app(answers) as app:
        app.slack.workspace |= {"enterprise_id": ORGANIZATION, "is_enterprise_install": whole}
        app.slack.people["U1"] = {
            "team_id": "T8SISTER",
            "enterprise_user": {"enterprise_id": ORGANIZATION, "teams": teams, "id": "W1"},
        }
        await come_in(app, slash("scorecard") | {"team_id": "T8SISTER", "enterprise_id": ORGANIZATION})
    assert [caller.membership for caller in answers.callers] == [expected]


async def test_our_own_people_are_members_in_a_shared_channel_of_somebody_elses() -> None:
    """By the recordings, the outer ids of a mention are then those of the channel's host."""
    answers = Answers()
    async with slack_app(answers) as app:
        body = mention("<@U0BOT> scorecard", team=THEIRS, user_team=OURS, source_team=OURS)
        await come_in(app, body | {"is_ext_shared_channel": True, "team_id": THEIRS})
    assert [caller.membership for caller in answers.callers] == [Membership.MEMBER]


@pytest.mark.parametrize("external", [None, Role.VIEWER, Role.RESPONDER])
async def test_a_role_for_outsiders_is_given_by_the_settings(external: Role | None) -> None:
    answers = Answers(RoleSettings(external=external))
    async with slack_app(answers) as app:
        app.slack.people["U1"] = stranger()
        for line in ("help", LINE):
            await come_in(app, from_another_workspace(slash(line, response_url=app.slack.response_url("r"))))
    allowed = {None: 0, Role.VIEWER: 1, Role.RESPONDER: 2}[external]
    assert len(answers.records.reasons) == 2 - allowed
    assert bool(answers.records.drafts) is (external is Role.RESPONDER)


async def test_a_group_gives_a_guest_nothing_and_a_name_does() -> None:
    for named, expected in ((("S7GROUP00",), None), (("slack:U1",), Role.RESPONDER)):
        answers = Answers(RoleSettings(responder=named))
        async with slack_app(answers, groups=("S7GROUP00",), members={"S7GROUP00": ["U1"]}) as app:
            app.slack.people["U1"] = dict(GUESTS["single-channel guest"])
            await come_in(app, slash("scorecard"))
        assert answers.callers[0].groups == ("S7GROUP00",)
        assert answers.roles.role_of(answers.callers[0]) is expected
