"""Slack's user groups give roles: read in the background, kept while Slack is away, never waited for twice."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from support.fakes.misbehaving import error, hang, reset, status
from support.fakes.slack import FakeSlack
from support.fakes.slack_requests import slash
from support.harness.slack_app import Fields, card, slack_app

from bot.app.settings import RoleSettings, load
from bot.cards.card import Card
from bot.chat.slack.api import SlackApi
from bot.chat.slack.user_groups import SlackGroups, group_ids
from bot.model import Caller, Role

GROUP = "S0ADMINS1"


def test_groups_are_told_from_people() -> None:
    named = ["slack:S0ADMINS1", "S0ADMINS1", "U123", "slack:U123", "29:teams", "teams:S0ADMINS1", "SHORT"]
    assert group_ids(named) == ("S0ADMINS1",)


async def no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)


async def test_members_are_known_and_the_last_word_is_kept() -> None:
    async with FakeSlack().running() as slack:
        api = SlackApi(slack.bot_token, slack.url, seconds=0.2, sleep=no_wait)
        groups = SlackGroups(api, [f"slack:{GROUP}"])
        slack.members[GROUP] = ["U1", "U2"]
        await groups.refresh()
        assert await groups.of("U1") == (GROUP,)
        assert await groups.of("U3") == ()
        slack.members[GROUP] = ["U3"]
        slack.always("usergroups.users.list", status(503))
        await groups.refresh()
        assert await groups.of("U1") == (GROUP,)
        slack.always("usergroups.users.list")
        await groups.refresh()
        assert await groups.of("U1") == ()
        assert await groups.of("U3") == (GROUP,)
        await api.close()


@pytest.mark.parametrize("trouble", [hang(), reset(), status(500), error("missing_scope")])
async def test_with_slack_away_nobody_waits_for_groups_twice(trouble: Any) -> None:
    async with FakeSlack().running() as slack:
        slack.always("usergroups.users.list", trouble)
        api = SlackApi(slack.bot_token, slack.url, seconds=60, sleep=no_wait)
        groups = SlackGroups(api, [GROUP])
        reading = asyncio.create_task(groups.run())
        assert await groups.of("U1", within=0.1) == ()
        async with asyncio.timeout(0.05):
            assert await groups.of("U1", within=60) == ()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await api.close()


async def test_a_role_given_to_a_group_is_its_members_role() -> None:
    roles = RoleSettings(everyone=Role.VIEWER, admin=(f"slack:{GROUP}",))
    seen: list[Role | None] = []

    async def answered(_line: str, caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
        seen.append(roles.role_of(caller))
        yield card("answer")

    async with slack_app(answered, groups=(f"slack:{GROUP}",), members={GROUP: ["U1"]}) as app:
        await app.ask(slash("broadcast"))
        await app.settle()
        assert seen == [Role.ADMIN]


async def test_without_groups_slack_is_never_asked() -> None:
    async def answered(_line: str, _caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
        yield card("answer")

    async with slack_app(answered, groups=("U1",)) as app:
        await app.ask(slash("scorecard"))
        await app.settle()
        assert app.slack.called("usergroups.users.list") == []


def test_the_groups_of_roles_and_of_teams_are_all_asked_for(tmp_path: Path) -> None:
    written = tmp_path / "backstay.yaml"
    team = 'audiences: {payments: {routes: [{slack: "#payments"}], members: ["slack:U1", S0PAYMENT]}}'
    written.write_text(f"roles: {{admin: ['slack:{GROUP}']}}\n{team}\n", encoding="utf-8")
    settings = load(written, {"HOME": str(tmp_path)})
    assert group_ids(settings.named) == (GROUP, "S0PAYMENT")
    assert settings.catalogue.audiences["payments"].members == ("slack:U1", "S0PAYMENT")
