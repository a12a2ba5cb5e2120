"""Every command in Slack as people meet it: slash command, modal, App Home, form; real commands, a sample estate."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.records import RecordsInMemory
from support.fakes.slack_requests import home_opened, press, pressed_in, shortcut, slash, submission
from support.harness.slack_app import Fields, SlackApp, slack_app, titles

from bot.cards.card import Card
from bot.chat.command import commands
from bot.chat.dispatch import dispatch
from bot.model import Audience, Caller, Role, RouteSpec, Schedule
from bot.model.backend import Backend

WEEKLY = Schedule("weekly", "payments", "0 9 * * MON", "Europe/Berlin", timedelta(hours=6))
TEAM = Audience("payments", (RouteSpec("slack", "slack:#payments"),), (WEEKLY,), "Europe/Berlin", ("slack:U1",))
EXAMPLES = [(word, one.example) for word, one in commands().items()]


def backend(kept: RecordsInMemory | None = None) -> Backend:
    checkout, billing = sample_services("checkout", "billing")
    owned, other = replace(checkout, owner="payments"), replace(billing, owner="web", audience="web")
    return sample_backend(SampleAudits((owned, other), teams=(TEAM,)), records=kept)


def answering(asked: Backend, role: Role = Role.ADMIN) -> Any:
    def answer(line: str, caller: Caller, fields: Fields) -> AsyncGenerator[Card, None]:
        return dispatch(line, caller, asked, role=role, fields=fields)

    return answer


def shown(app: SlackApp) -> list[dict[str, Any]]:
    """Everything that anybody sees, wherever it went."""
    return [*app.slack.channel("payments"), *(told for _, told in app.slack.responses), *app.slack.views]


@pytest.mark.parametrize(("word", "line"), EXAMPLES)
async def test_each_command_is_answered_once(word: str, line: str) -> None:
    async with slack_app(answering(backend())) as app:
        await app.ask(slash(line, response_url=app.slack.response_url("r")))
        await app.settle()
        assert len(shown(app)) >= 1, word
        assert "went wrong" not in str(shown(app))


@pytest.mark.parametrize("word", commands())
async def test_each_command_without_its_arguments_says_what_it_takes(word: str) -> None:
    async with slack_app(answering(backend())) as app:
        await app.ask(slash(word, response_url=app.slack.response_url("r")))
        await app.settle()
        assert len(shown(app)) >= 1
        assert "went wrong" not in str(shown(app))


@pytest.mark.parametrize("word", [word for word, one in commands().items() if one.role is not Role.VIEWER])
async def test_whoever_may_not_is_told_so_alone(word: str) -> None:
    kept = RecordsInMemory()
    async with slack_app(answering(backend(kept), Role.VIEWER)) as app:
        await app.ask(slash(word, response_url=app.slack.response_url("r")))
        await app.settle()
        assert app.slack.channel("payments") == []
        assert app.slack.views == []
        assert [name for name, _ in app.slack.responses] == ["r"]
        assert [word for _, word in kept.refusals] == [word]


async def test_the_app_home_of_a_team_member() -> None:
    async with slack_app(answering(backend())) as app:
        await app.ask(home_opened())
        await app.settle()
        home = str(app.slack.homes["U1"]["blocks"])
        assert "checkout" in home
        assert "scorecard billing" not in home
        assert "every Monday at 09:00 (Europe/Berlin)" in home


async def test_a_broadcast_from_a_message_to_its_audiences() -> None:
    kept = RecordsInMemory()
    async with slack_app(answering(backend(kept))) as app:
        await app.ask(shortcut("broadcast_message", message="1763900000.5", text="Payments are slow"))
        await app.settle()
        form = app.slack.views[0]
        assert "Payments are slow" in str(form)
        said = {"text": {"type": "plain_text_input", "value": "Payments are slow"}}
        grave = {"severity": {"type": "static_select", "selected_option": {"value": "warning"}}}
        whom: dict[str, Any] = {"audiences": {"type": "multi_static_select", "selected_options": []}}
        wrong = await app.submit(submission(form, **said, **grave, **whom))
        assert list(wrong["errors"]) == ["field.audiences"]
        whom["audiences"]["selected_options"] = [{"value": "payments"}, {"value": "web"}]
        preview = (await app.submit(submission(form, **said, **grave, **whom)))["view"]
        assert kept.posts == []
        send = next(
            element for block in preview["blocks"] for element in block.get("elements", ()) if "send" in str(element)
        )
        for _ in range(2):
            await app.ask(pressed_in(preview, send["value"], action=send["action_id"], view_id="V1"))
            await app.settle()
        assert [audience for audience, _ in kept.posts] == ["payments", "web"]
        assert "Broadcast sent" in str(app.slack.views[-1])
        assert app.slack.channel("payments") == []


async def test_a_channel_subscribes_in_its_own_time_zone() -> None:
    kept = RecordsInMemory()
    async with slack_app(answering(backend(kept))) as app:
        await app.ask(slash("subscribe", response_url=app.slack.response_url("r")))
        await app.settle()
        form = app.slack.views[0]
        zone = next(block for block in form["blocks"] if block.get("block_id") == "field.timezone")
        assert zone["element"]["initial_value"] == "Europe/Berlin"
        filled = {
            "post": {"type": "static_select", "selected_option": {"value": "scorecard"}},
            "days": {"type": "static_select", "selected_option": {"value": "MON"}},
            "time": {"type": "plain_text_input", "value": "25:99"},
            "timezone": {"type": "plain_text_input", "value": "Europe/Berlin"},
        }
        assert list((await app.submit(submission(form, **filled)))["errors"]) == ["field.time"]
        filled["time"]["value"] = "09:00"  # type: ignore[index] # a state as Slack sends it
        assert await app.submit(submission(form, **filled)) == {"response_action": "clear"}
        await app.settle()
        [wanted] = kept.wanted
        assert (wanted.audience, wanted.cron, wanted.timezone) == ("slack:C0PAYMENTS", "0 9 * * MON", "Europe/Berlin")
        assert titles(app.slack.channel("payments")) == ["✅ Subscribed"]


async def test_a_card_of_a_service_that_is_gone_says_so() -> None:
    async with slack_app(answering(backend())) as app:
        await app.ask(press("scorecard chekout", message="1.2", response_url=app.slack.response_url("old")))
        await app.settle()
        [(name, told)] = app.slack.responses
        assert name == "old"
        assert "checkout" in str(told["blocks"])
        assert app.slack.channel("payments") == []
