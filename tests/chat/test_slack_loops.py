"""Which messages Slack's chat acts on: those of people, each once, not too many of one channel, answered where they stand."""

import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from support.fakes.slack_requests import direct, mention, press, slash
from support.harness.slack_app import Fields, card, slack_app, titles

from bot.cards.card import Card
from bot.chat.channel_limit import AT_MOST, WINDOW_SECONDS, ChannelLimit
from bot.model import Caller

asked: list[str] = []


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


async def answered(line: str, _caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
    asked.append(line)
    yield card(f"Answer to {line}", kind="error" if line == "gone" else "scorecard")


# docs.slack.dev/reference/events/message/bot_message, and bolt-python's recordings of messages that apps post.
BY_BOTS: dict[str, dict[str, Any]] = {
    "this bot": {"user": "U0BOT", "bot_id": "B0BOT", "app_id": "A1"},
    "this bot, by its user alone": {"user": "U0BOT"},
    "another app": {"user": "U7APP", "bot_id": "B7APP", "app_id": "A7", "bot_profile": {"id": "B7APP", "app_id": "A7"}},
    "an app without a bot id": {"user": "U7APP", "bot_profile": {"id": "B7APP"}},
    "a webhook": {"user": None, "subtype": "bot_message", "bot_id": "B8HOOK", "username": "ci"},
    "a bot user without any mark": {"user": "U7APP"},
    "a reminder of Slackbot": {"user": "USLACKBOT"},
}


@pytest.mark.parametrize("author", BY_BOTS)
@pytest.mark.parametrize("make", [mention, direct])
async def test_messages_of_bots_are_not_answered(make: Any, author: str) -> None:
    async with slack_app(answered) as app:
        app.slack.people["U7APP"] = {"is_bot": True}
        assert await app.ask(make("<@U0BOT> scorecard", **BY_BOTS[author])) == 200
        await app.settle()
        assert asked == []
        assert app.slack.posts == {}


@pytest.mark.parametrize("again", [{"edited": {"user": "U1", "ts": "1700000009.000000"}}, {}, {"client_msg_id": None}])
async def test_a_message_under_another_event_id_acts_once(again: dict[str, Any]) -> None:
    async with slack_app(answered) as app:
        stamp = f"{time.time():.6f}"
        await app.ask(mention("<@U0BOT> scorecard", ts=stamp))
        await app.ask(mention("<@U0BOT> scorecard now", ts=stamp, **again))
        await app.settle()
        assert asked == ["scorecard"]


async def test_a_message_that_the_app_sent_twice_acts_once() -> None:
    async with slack_app(answered) as app:
        for _ in range(2):
            await app.ask(mention("<@U0BOT> scorecard", client_msg_id="9cbd4c5b-7ddf"))
            await app.ask(direct("status", client_msg_id="aaaa4c5b-7ddf"))
        await app.settle()
        assert sorted(asked) == ["scorecard", "status"]


async def test_an_edit_acts_where_the_message_did_not_and_not_long_afterwards() -> None:
    """A message from before the process began may have been acted on by the one before it."""
    edited: dict[str, Any] = {"edited": {"user": "U1", "ts": "1"}}
    async with slack_app(answered) as app:
        await app.ask(mention("<@U0BOT> scorecard", ts=f"{time.time() + 1:.6f}", **edited))
        await app.ask(mention("<@U0BOT> explain", ts=f"{time.time() - 60:.6f}", **edited))
        await app.ask(mention("<@U0BOT> status", ts=f"{time.time() - 90_000:.6f}", **edited))
        await app.settle()
        assert asked == ["scorecard"]


@pytest.mark.parametrize("line", ["scorecard", "gone"])
async def test_a_mention_in_a_thread_is_answered_in_the_thread(line: str) -> None:
    async with slack_app(answered) as app:
        await app.ask(mention(f"<@U0BOT> {line}", thread_ts="1699999999.000001"))
        await app.settle()
        shown = app.slack.channel("payments") or [told for _, told in app.slack.responses]
        assert [said["thread_ts"] for said in shown] == ["1699999999.000001"]


async def test_a_loop_ends_and_takes_no_other_channel_along() -> None:
    async with slack_app(answered) as app:
        for _ in range(AT_MOST + 20):
            await app.ask(mention("<@U0BOT> scorecard"))
        await app.ask(mention("<@U0BOT> status", channel="C0OPS"))
        await app.ask(slash("help"))
        await app.ask(press("explain", message="1.2"))
        await app.settle()
        assert asked.count("scorecard") == AT_MOST
        assert {"status", "help", "explain"} <= set(asked)


def test_a_channel_may_go_on_as_the_window_moves() -> None:
    now = [0.0]
    limit = ChannelLimit(lambda: now[0], at_most=2, seconds=WINDOW_SECONDS)
    assert [limit.allows("C1") for _ in range(3)] == [True, True, False]
    assert limit.allows("C2")
    now[0] = WINDOW_SECONDS - 1
    assert not limit.allows("C1")
    now[0] = WINDOW_SECONDS
    assert limit.allows("C1")


PERSONAL = {"mine": "mine", "broadcast": "preview", "subscribe": "form", "help": "help", "gone": "error"}


async def personal(line: str, _caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
    if line.endswith("slowly"):
        yield card("Working", kind="progress")
    yield card(f"For U1: {line}", kind=PERSONAL[line.split(maxsplit=1)[0]])


@pytest.mark.parametrize("line", [*PERSONAL, "mine slowly", "broadcast slowly"])
@pytest.mark.parametrize(
    "make", [slash, lambda line: mention(f"<@U0BOT> {line}"), lambda line: press(line, message="1.2")]
)
async def test_what_is_for_one_person_never_reaches_the_channel(make: Any, line: str) -> None:
    """There is no response URL (or it is used up), and the bot is no member of the channel."""
    async with slack_app(personal) as app:
        app.slack.outside.add("C0PAYMENTS")
        await app.ask(make(line))
        await app.settle()
        assert f"For U1: {line}" not in str(app.slack.channel("payments"))
        assert titles(app.slack.direct("U1")) == [f"For U1: {line}"]
        assert "thread_ts" not in app.slack.direct("U1")[0]


async def test_what_can_reach_nobody_alone_is_lost_with_a_line_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    async with slack_app(personal) as app:
        app.slack.channels = {"payments": "C0PAYMENTS"}
        app.slack.outside.add("C0PAYMENTS")
        app.slack.archived.add("DU1")
        await app.ask(slash("mine"))
        await app.settle()
        assert app.slack.posts == {}
        assert "slack_answer_lost" in capsys.readouterr().out
