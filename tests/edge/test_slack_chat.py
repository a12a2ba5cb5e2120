"""Slack's requests become commands, and their cards become one message, over HTTP and Socket Mode alike."""

import asyncio
import time
from collections.abc import AsyncGenerator
from io import BytesIO
from typing import Any

import pytest
from support.misbehaving import Behaviour, body, error, hang, ratelimited, reset, status
from support.slack_app import card, slack_app
from support.slack_requests import encoded, mention, press, signed, slash

from bot.cards.card import Card
from bot.chat.slack_intake import plain
from bot.ports import Caller

BOTH = pytest.mark.parametrize("over", ["http", "socket"])
asked: list[tuple[str, Caller]] = []


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


async def answered(line: str, caller: Caller) -> AsyncGenerator[Card, None]:
    asked.append((line, caller))
    if line.startswith("help"):
        yield card("Help", kind="help")
        return
    for step in range(3 if line.startswith("check") else 0):
        yield card(f"step {step}", kind="progress")
        await asyncio.sleep(0.03)
    yield card(f"Answer to {line}", command="scorecard billing page=2")


def titles(posts: list[dict[str, Any]]) -> list[str]:
    return [post["blocks"][0]["text"]["text"] for post in posts]


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
    async def chatty(_line: str, _caller: Caller) -> AsyncGenerator[Card, None]:
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

    async def hanging(_line: str, _caller: Caller) -> AsyncGenerator[Card, None]:
        await release.wait()
        yield card("late")

    async with slack_app(hanging) as app:
        begun = time.perf_counter()
        assert await app.ask(slash("scorecard")) == 200
        assert time.perf_counter() - begun < 0.5
        assert app.slack.calls == []
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
        assert app.slack.calls == []
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
    async with slack_app(answered) as app:
        app.slack.always("chat.postMessage", trouble)
        await app.ask(slash("scorecard billing", response_url=app.slack.response_url("r")))
        await app.settle()
        assert [name for name, _ in app.slack.responses] == ["r"]


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
        assert app.slack.called("auth.test") == []


async def test_what_nobody_listens_to_is_refused_without_a_word_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with slack_app(answered) as app:
        body = {"type": "event_callback", "token": "hush", "event": {"type": "reaction_added"}}
        assert await app.ask(body) == 404
        assert "hush" not in caplog.text


async def test_slack_may_verify_the_address() -> None:
    async with slack_app(answered) as app:
        sent, kind = b'{"type":"url_verification","challenge":"c-1"}', "application/json"
        async with app.session.post(app.url, data=sent, headers=signed(sent, kind)) as answer:
            assert (answer.status, await answer.text()) == (200, '{"challenge": "c-1"}')


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"X-Slack-Signature": "v0=" + "0" * 64}, 401),
        ({"X-Slack-Signature": "v0=ünicode"}, 401),
        ({"X-Slack-Signature": ""}, 401),
        ({"X-Slack-Request-Timestamp": ""}, 401),
        ({"X-Slack-Request-Timestamp": "tomorrow"}, 401),
        ({"X-Slack-Request-Timestamp": "9" * 400}, 401),
        ({"X-Slack-Request-Timestamp": str(int(time.time()) + 3600)}, 401),
        ({}, 200),
    ],
)
async def test_only_slacks_own_requests_are_heard(change: dict[str, str], expected: int) -> None:
    async with slack_app(answered) as app:
        assert await app.ask(slash("scorecard")) == 200
        asked.clear()
        sent, kind = encoded(slash("scorecard"))
        headers = signed(sent, kind) | change
        async with app.session.post(app.url, data=sent, headers=headers) as answer:
            assert answer.status == expected
        await app.settle()
        assert len(asked) == (1 if expected == 200 else 0)


@pytest.mark.parametrize(("age", "expected"), [(0, 200), (290, 200), (360, 401), (86_400, 401)])
async def test_an_old_signature_is_a_replay(age: float, expected: int) -> None:
    async with slack_app(answered) as app:
        sent, kind = encoded(slash("scorecard"))
        async with app.session.post(app.url, data=sent, headers=signed(sent, kind, age=age)) as answer:
            assert answer.status == expected


async def test_a_changed_body_and_a_wrong_secret_are_forged() -> None:
    async with slack_app(answered) as app:
        sent, kind = encoded(slash("scorecard"))
        for body, headers in (
            (sent + b"&text=whatif+aws", signed(sent, kind)),
            (sent, signed(sent, kind, secret="guessed")),
        ):
            async with app.session.post(app.url, data=body, headers=headers) as answer:
                assert answer.status == 401
        assert asked == []


@pytest.mark.parametrize("chunked", [False, True])
async def test_ten_megabytes_are_too_much(chunked: bool) -> None:
    async def pieces() -> AsyncGenerator[bytes, None]:
        for _ in range(160):
            yield b"x" * 65_536

    async with slack_app(answered) as app:
        body: Any = pieces() if chunked else BytesIO(b"x" * 10_485_760)
        headers = signed(b"x", "application/x-www-form-urlencoded")
        async with app.session.post(app.url, data=body, headers=headers, expect100=not chunked) as answer:
            assert answer.status == 413
        assert await app.ask(slash("scorecard")) == 200


@pytest.mark.parametrize("sent", [b"\xff\xfe", b"{", b"payload=%7B", b"", b"payload=[]", b"null"])
async def test_signed_nonsense_is_no_harm(sent: bytes) -> None:
    async with slack_app(answered) as app:
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            async with app.session.post(app.url, data=sent, headers=signed(sent, kind)) as answer:
                assert answer.status in (400, 404)
        assert await app.ask(slash("scorecard")) == 200


async def test_an_answer_that_breaks_costs_itself_only() -> None:
    async def broken(line: str, caller: Caller) -> AsyncGenerator[Card, None]:
        if line == "break":
            raise RuntimeError("no")
        async for shown in answered(line, caller):
            yield shown

    async with slack_app(broken) as app:
        assert await app.ask(slash("break")) == 200
        assert await app.ask(slash("scorecard")) == 200
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard"]


async def test_too_many_at_once_are_told_to_wait() -> None:
    release = asyncio.Event()

    async def hanging(_line: str, _caller: Caller) -> AsyncGenerator[Card, None]:
        await release.wait()
        yield card("late")

    async with slack_app(hanging) as app:
        await asyncio.gather(*(app.ask(slash("scorecard")) for _ in range(50)))
        sent, kind = encoded(slash("scorecard"))
        async with app.session.post(app.url, data=sent, headers=signed(sent, kind)) as answer:
            assert "try again" in await answer.text()
        release.set()
        await app.settle()
        assert len(app.slack.channel("payments")) == 50


@pytest.mark.parametrize("down", [status(503), hang(), reset(), error("internal_error"), body("{}")])
async def test_socket_mode_survives_a_slack_that_is_down_at_first(down: Behaviour) -> None:
    async with slack_app(answered, socket=True, down=down, ping_seconds=0.05, give_up_seconds=0.2) as app:
        await asyncio.sleep(0.3)
        assert app.chat.socket is not None
        assert not app.chat.socket.connected
        app.slack.always("*")
        await app.ask(slash("scorecard billing"), over="socket")
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard billing"]
        await asyncio.sleep(0.1)
        assert app.chat.socket.connected


async def test_socket_mode_comes_back_after_slack_drops_it() -> None:
    async with slack_app(answered, socket=True, ping_seconds=0.05, give_up_seconds=0.3) as app:
        await app.slack.connected()
        app.slack.always("apps.connections.open", error("internal_error"))
        await app.slack.drop_sockets()
        await asyncio.sleep(0.2)
        app.slack.always("apps.connections.open")
        await app.ask(slash("scorecard billing"), over="socket")
        await app.settle()
        assert [line for line, _ in asked] == ["scorecard billing"]


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("a &amp;&lt;b&gt;", "a &<b>"),
        ("<#C1|general>", "#general"),
        ("<@U1> <!channel> x", "x"),
        ("<https://a.example/>", "https://a.example/"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_slacks_markup_is_read_as_it_was_typed(sent: str, typed: str) -> None:
    assert plain(sent) == typed
