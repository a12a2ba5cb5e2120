"""Where answers go in Slack: threads, direct messages, the App Home; and what an old card still does."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from support.fakes.misbehaving import error, hang, status
from support.fakes.slack_requests import direct, home_opened, mention, press, pressed_in, shortcut, slash
from support.harness.slack_app import Fields, card, slack_app, titles

from bot.cards.card import Card
from bot.model import Caller

BOTH = pytest.mark.parametrize("over", ["http", "socket"])
asked: list[tuple[str, Caller]] = []


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


async def answered(line: str, caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
    asked.append((line, caller))
    yield card(f"Answer to {line}", kind="error" if line.startswith("gone") else "scorecard", command="scorecard a")


async def posted(app: Any) -> dict[str, Any]:
    await app.ask(slash("scorecard"))
    await app.settle()
    post: dict[str, Any] = app.slack.channel("payments")[0]
    return post


async def test_details_go_into_the_thread_of_their_card() -> None:
    async with slack_app(answered) as app:
        card_ = await posted(app)
        await app.ask(press("scorecard a page=2", message=card_["ts"], action="reply.0"))
        await app.settle()
        detail = app.slack.channel("payments")[1]
        assert detail["thread_ts"] == card_["ts"]
        body = press("scorecard a page=3", message=detail["ts"], action="replace.1")
        body["container"]["thread_ts"] = card_["ts"]
        await app.ask(body)
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard", "Answer to scorecard a page=3"]


async def test_details_of_a_card_that_only_its_reader_sees_stay_with_them() -> None:
    async with slack_app(answered) as app:
        url = app.slack.response_url("r")
        await app.ask(press("scorecard", message="1.2", action="reply.0", ephemeral=True, response_url=url))
        await app.settle()
        assert [(name, told["replace_original"]) for name, told in app.slack.responses] == [("r", False)]
        assert app.slack.posts == {}


@BOTH
@pytest.mark.parametrize("words", ["scorecard billing", "<@U0BOT> scorecard billing"])
async def test_a_direct_message_is_answered_where_it_stands(over: str, words: str) -> None:
    async with slack_app(answered, socket=over == "socket") as app:
        await app.ask(direct(words), over=over)
        await app.settle()
        assert [line for line, _ in asked] == ["scorecard billing"]
        [post] = app.slack.direct("U1")
        assert "thread_ts" not in post


@pytest.mark.parametrize(
    "event",
    [
        {"bot_id": "B0BOT"},
        {"subtype": "message_changed"},
        {"subtype": "channel_join"},
        {"channel_type": "channel"},
        {"user": None},
    ],
)
async def test_what_nobody_said_to_the_bot_is_taken_and_left(event: dict[str, Any]) -> None:
    async with slack_app(answered) as app:
        assert await app.ask(direct("scorecard", **event)) == 200
        await app.settle()
        assert asked == []


async def test_a_mistake_in_a_direct_message_is_said_there() -> None:
    async with slack_app(answered) as app:
        await app.ask(direct("gone"))
        await app.settle()
        assert titles(app.slack.direct("U1")) == ["Answer to gone"]


@BOTH
async def test_the_app_home_shows_what_is_ones_own(over: str) -> None:
    async with slack_app(answered, socket=over == "socket") as app:
        await app.ask(home_opened(), over=over)
        await app.settle()
        assert [(line, caller.user, caller.name, caller.timezone) for line, caller in asked] == [
            ("mine", "U1", "ada", "Europe/Berlin")
        ]
        home = app.slack.homes["U1"]
        assert home["blocks"][0]["text"]["text"] == "Answer to mine"
        await app.ask(pressed_in(home, "scorecard a", action="reply.0"), over=over)
        await app.settle()
        assert [view["type"] for view in app.slack.views] == ["home", "modal"]
        assert app.slack.called("chat.postMessage") == []


async def test_other_tabs_of_the_app_home_ask_for_nothing() -> None:
    async with slack_app(answered) as app:
        assert await app.ask(home_opened(tab="messages")) == 200
        await app.settle()
        assert asked == []


@pytest.mark.parametrize("trouble", [hang(), status(503), error("missing_scope")])
async def test_a_time_zone_that_slack_does_not_tell_is_not_waited_for_long(trouble: Any) -> None:
    async with slack_app(answered) as app:
        app.slack.always("users.info", trouble)
        await app.ask(slash("subscribe"))
        await app.ask(slash("subscribe"))
        await app.settle()
        assert [caller.timezone for _, caller in asked] == ["", ""]


async def test_slack_is_asked_once_who_somebody_is() -> None:
    async with slack_app(answered) as app:
        for line in ("scorecard", "subscribe", "subscribe weekly", "help"):
            await app.ask(slash(line))
            await app.settle()
        assert len(app.slack.called("users.info")) == 1
        assert {caller.timezone for _, caller in asked} == {"Europe/Berlin"}


@pytest.mark.parametrize("action", ["replace.0", "legacy_button", ""])
async def test_a_button_of_an_earlier_version_says_why_it_does_nothing(action: str) -> None:
    async with slack_app(answered) as app:
        body = press("", message="1.2", action=action, response_url=app.slack.response_url("old"))
        assert await app.ask(body) == 200
        await app.settle()
        [(name, told)] = app.slack.responses
        assert (name, told["replace_original"]) == ("old", False)
        assert "earlier version" in str(told["blocks"])


async def test_a_command_that_is_no_more_leaves_the_old_card_alone() -> None:
    async with slack_app(answered) as app:
        card_ = await posted(app)
        await app.ask(press("gone a", message=card_["ts"], response_url=app.slack.response_url("old")))
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard"]
        assert [name for name, _ in app.slack.responses] == ["old"]


async def test_a_card_that_was_deleted_is_answered_anew() -> None:
    async with slack_app(answered) as app:
        await app.ask(press("scorecard a", message="1.999"))
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard a"]


async def test_a_shortcut_that_is_no_more_is_asked_as_it_is_called() -> None:
    async with slack_app(answered) as app:
        await app.ask(shortcut("gone"))
        await app.settle()
        assert [line for line, _ in asked] == ["gone"]


@BOTH
@pytest.mark.parametrize("make", [lambda: direct("scorecard"), home_opened, lambda: shortcut("scorecard")])
async def test_what_slack_delivers_again_runs_once(over: str, make: Any) -> None:
    body = make()
    async with slack_app(answered, socket=over == "socket") as app:
        for _ in range(3):
            await app.ask(body, over=over)
        await app.settle()
        assert len(asked) == 1


async def test_every_answer_can_be_read_without_its_blocks() -> None:
    async with slack_app(answered) as app:
        await app.ask(slash("scorecard"))
        await app.ask(mention("<@U0BOT> gone"))
        await app.settle()
        [post] = app.slack.channel("payments")
        [(_, told)] = app.slack.responses
        assert post["text"].startswith("Answer to scorecard")
        assert told["text"].startswith("Answer to gone")
