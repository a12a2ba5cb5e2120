"""Slack's requests become commands, and their cards become one message, over HTTP and Socket Mode alike."""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from support.fakes.misbehaving import error, hang, ratelimited, status
from support.fakes.slack_requests import encoded, mention, press, signed, slash
from support.harness.slack_app import Fields, card, slack_app, titles

from bot.cards.card import Card, Chart
from bot.chat.slack.typed_text import plain
from bot.model import Caller

BOTH = pytest.mark.parametrize("over", ["http", "socket"])
asked: list[tuple[str, Caller]] = []


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


async def answered(line: str, caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
    asked.append((line, caller))
    if line.startswith("help"):
        yield card("Help", kind="help")
        return
    for step in range(3 if line.startswith("check") else 0):
        yield card(f"step {step}", kind="progress")
        await asyncio.sleep(0.03)
    yield card(f"Answer to {line}", command="scorecard billing page=2")


@BOTH
@pytest.mark.parametrize(
    ("body", "line"),
    [
        (slash("scorecard billing"), "scorecard billing"),
        (slash("whatif aws/us-east-1 15h  "), "whatif aws/us-east-1 15h"),
        (mention("<@U0BOT> scorecard <http://pay.example|pay.example>"), "scorecard pay.example"),
        (press("scorecard billing page=2", message=""), "scorecard billing page=2"),
    ],
)
async def test_one_request_one_answer(over: str, body: dict[str, Any], line: str) -> None:
    async with slack_app(answered, socket=over == "socket") as app:
        assert await app.ask(_anew(body), over=over) == 200
        await app.settle()
        assert [heard for heard, _ in asked] == [line]
        assert asked[0][1].platform == "slack"
        assert (asked[0][1].user, asked[0][1].channel) == ("U1", "C0PAYMENTS")
        assert titles(app.slack.channel("payments")) == [f"Answer to {line}"]
        assert app.slack.violations == []


def _anew(body: dict[str, Any]) -> dict[str, Any]:
    """The body under its own identity in each run of the table."""
    key = "event_id" if "event_id" in body else "trigger_id"
    return body | {key: f"{body[key]}.{time.monotonic_ns()}"}


@BOTH
async def test_progress_and_answer_are_one_message(over: str) -> None:
    async with slack_app(answered, socket=over == "socket") as app:
        await app.ask(slash("check billing"), over=over)
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to check billing"]
        assert len(app.slack.called("chat.postMessage")) == 1
        assert 1 <= len(app.slack.called("chat.update")) <= 3


async def test_updates_keep_to_about_one_a_second() -> None:
    async def chatty(_line: str, _caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
        for step in range(200):
            yield card(f"step {step}", kind="progress")
            await asyncio.sleep(0.001)
        yield card("done")

    async with slack_app(chatty, update_seconds=0.1) as app:
        await app.ask(slash("check billing"))
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["done"]
        assert len(app.slack.called("chat.update")) <= 6


@BOTH
async def test_help_and_mistakes_are_for_the_asker_alone(over: str) -> None:
    async with slack_app(answered, socket=over == "socket") as app:
        await app.ask(slash("help", response_url=app.slack.response_url("h")), over=over)
        await app.ask(mention("<@U0BOT> help"), over=over)
        await app.settle()
        assert app.slack.channel("payments") == []
        told = dict(app.slack.responses)
        assert told["h"]["response_type"] == "ephemeral"
        assert told["h"]["replace_original"] is False
        assert told["ephemeral"]["user"] == "U1"


async def test_the_acknowledgement_does_not_wait_for_the_work() -> None:
    release = asyncio.Event()

    async def hanging(_line: str, _caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
        await release.wait()
        yield card("late")

    async with slack_app(hanging) as app:
        async with asyncio.timeout(30):  # for ever, were the work waited for
            assert await app.ask(slash("scorecard")) == 200
        assert app.slack.posts == {}
        release.set()
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["late"]


@BOTH
async def test_a_button_replaces_the_card_it_stands_on(over: str) -> None:
    async with slack_app(answered, socket=over == "socket") as app:
        await app.ask(slash("scorecard billing"), over=over)
        await app.settle()
        post = app.slack.channel("payments")[0]
        button = post["blocks"][-1]["elements"][0]
        await app.ask(press(button["value"], message=post["ts"], action=button["action_id"]), over=over)
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard billing page=2"]


async def test_a_button_which_says_so_is_answered_in_a_new_message() -> None:
    async with slack_app(answered) as app:
        await app.ask(slash("scorecard billing"))
        await app.settle()
        stamp = app.slack.channel("payments")[0]["ts"]
        await app.ask(press("whatif aws", message=stamp, action="reply.3"))
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard billing", "Answer to whatif aws"]


async def test_a_mistake_behind_a_button_leaves_the_card_alone() -> None:
    async with slack_app(answered) as app:
        await app.ask(slash("scorecard billing"))
        await app.settle()
        stamp = app.slack.channel("payments")[0]["ts"]
        await app.ask(press("help", message=stamp, response_url=app.slack.response_url("b")))
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard billing"]
        assert [(name, sent["replace_original"]) for name, sent in app.slack.responses] == [("b", False)]


async def test_a_button_on_a_hidden_card_is_answered_through_its_response_url() -> None:
    async with slack_app(answered) as app:
        url = app.slack.response_url("b")
        await app.ask(press("scorecard", message="1.2", ephemeral=True, response_url=url))
        await app.settle()
        assert app.slack.posts == {}
        assert [(name, sent["replace_original"]) for name, sent in app.slack.responses] == [("b", True)]


async def test_a_link_runs_nothing() -> None:
    async with slack_app(answered) as app:
        assert await app.ask(press("", action="open.1")) == 200
        await app.settle()
        assert asked == []


@BOTH
@pytest.mark.parametrize("body", [slash("scorecard a"), mention("<@U0BOT> scorecard b"), press("scorecard c")])
async def test_what_slack_delivers_again_runs_once(over: str, body: dict[str, Any]) -> None:
    body = _anew(body)
    async with slack_app(answered, socket=over == "socket") as app:
        for _ in range(3):
            assert await app.ask(body, over=over) == 200
        await app.settle()
        assert len(asked) == 1
        assert len(app.slack.channel("payments")) == 1


async def test_the_same_envelope_runs_once_even_without_an_identity_of_its_own() -> None:
    async with slack_app(answered, socket=True) as app:
        body = slash("scorecard billing") | {"trigger_id": ""}
        for _ in range(2):
            await app.slack.send("slash_commands", body, envelope="again")
        await app.settle()
        assert len(asked) == 1


async def test_where_the_bot_cannot_post_the_asker_still_gets_the_answer() -> None:
    async with slack_app(answered) as app:
        await app.ask(slash("check billing", channel="G0SECRET", response_url=app.slack.response_url("r")))
        await app.settle()
        shown = [sent["blocks"][0]["text"]["text"] for _, sent in app.slack.responses]
        assert shown[0].startswith("step")
        assert shown[-1] == "Answer to check billing"
        assert len(shown) == 2, "a response_url takes five posts: one shows the work, one the answer"
        assert [sent["replace_original"] for _, sent in app.slack.responses] == [False, True]


@pytest.mark.parametrize("trouble", [hang(), status(500), status(502), error("internal_error")])
async def test_with_the_web_api_down_the_response_url_is_tried(trouble: Any) -> None:
    async with slack_app(answered, call_seconds=3) as app:
        app.slack.always("chat.postMessage", trouble)
        await app.ask(slash("scorecard billing", response_url=app.slack.response_url("r")))
        await app.settle()
        assert [name for name, _ in app.slack.responses] == ["r"]


@BOTH
async def test_a_workspace_that_refuses_charts_still_gets_the_answer(over: str) -> None:
    async def charted(line: str, _caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
        chart = Chart("Score", (("9 Nov", 60.0), ("16 Nov", 72.0)), "From 60 to 72.")
        yield Card("scorecard", f"Answer to {line}", "It rose.", (chart,))

    async with slack_app(charted, socket=over == "socket") as app:
        app.slack.refused_blocks.add("data_visualization")
        await app.ask(slash("scorecard billing"), over=over)
        await app.settle()
        (post,) = app.slack.channel("payments")
        assert [block["type"] for block in post["blocks"]] == ["header", "rich_text", "rich_text"]
        assert "From 60 to 72." in str(post["blocks"][-1])


async def test_a_rate_limit_is_waited_out() -> None:
    async with slack_app(answered) as app:
        app.slack.script("chat.postMessage", ratelimited(7), ratelimited("soon"))
        await app.ask(slash("scorecard billing"))
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard billing"]
        assert app.waits == [7, 1]


async def test_an_auth_test_that_hangs_does_not_matter() -> None:
    async with slack_app(answered) as app:
        app.slack.always("auth.test", hang())
        assert await app.ask(slash("scorecard billing")) == 200
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard billing"]


async def test_an_answer_that_breaks_costs_itself_only() -> None:
    async def broken(line: str, caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
        if line == "break":
            raise RuntimeError("no")
        async for shown in answered(line, caller, _fields):
            yield shown

    async with slack_app(broken) as app:
        assert await app.ask(slash("break")) == 200
        assert await app.ask(slash("scorecard")) == 200
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard"]


async def test_too_many_at_once_are_told_to_wait() -> None:
    release = asyncio.Event()

    async def hanging(_line: str, _caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
        await release.wait()
        yield card("late")

    async with slack_app(hanging, at_once=10) as app:
        await asyncio.gather(*(app.ask(slash("scorecard")) for _ in range(10)))
        sent, kind = encoded(slash("scorecard"))
        async with app.session.post(app.url, data=sent, headers=signed(sent, kind)) as answer:
            assert "Try again" in await answer.text()
        release.set()
        await app.settle()
        assert len(app.slack.channel("payments")) == 10


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("a &amp;&lt;b&gt;", "a &<b>"),
        ("<#C1|general>", "#general"),
        ("<@U1|ada> <!channel> x", "@ada  x"),
        ("<!subteam^S1|@oncall>", "@oncall"),
        ("&lt;word&gt; <word>", "<word> <word>"),
        ("Down :fire: :no_such_emoji: 09:00:00 RG03:key:arn", "Down 🔥 :no_such_emoji: 09:00:00 RG03:key:arn"),
        ("<https://a.example/>", "https://a.example/"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_slacks_markup_is_read_as_it_was_typed(sent: str, typed: str) -> None:
    assert plain(sent) == typed
