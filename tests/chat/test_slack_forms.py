"""Forms in Slack: a modal where Slack lets us open one, a line to type where not; what was filled in is answered in it."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from support.fakes.misbehaving import error, hang, reset, status
from support.fakes.slack_requests import direct, mention, press, pressed_in, shortcut, slash, submission
from support.harness.slack_app import Fields, card, slack_app, titles

from bot.cards.card import Card, Form, FormField, Paragraph, text
from bot.chat.command import FieldErrors
from bot.chat.slack.submission import ANSWER_SECONDS
from bot.model import Caller

BOTH = pytest.mark.parametrize("over", ["http", "socket"])
asked: list[tuple[str, Caller, dict[str, str]]] = []


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


def form(line: str = "", *, wrong: str = "") -> Card:
    words = FormField("text", "What to say", "paragraph", line.partition(" ")[2].strip("'"), error=wrong)
    severity = FormField("severity", "How bad", "choice", "minor", (("minor", "Minor"), ("major", "Major")))
    teams = FormField(
        "audiences", "Whom", "choices", options=(("payments", "Payments"), ("web", "Web")), required=False
    )
    asking = Form("broadcast", (words, severity, teams), "broadcast <text>", "broadcast", "Preview")
    return Card("form", "Broadcast", "Goes to people at once.", (Paragraph(text("Mind the words.")), asking))


async def answered(line: str, caller: Caller, fields: Fields) -> AsyncGenerator[Card, None]:
    asked.append((line, caller, dict(fields)))
    if not line.startswith("broadcast"):
        yield card(f"Answer to {line}")
    elif not fields:
        yield form(line)
    elif fields["text"] == "nobody":
        yield card("Only an admin may", kind="error")
    elif not fields["text"]:
        raise FieldErrors({"text": "say something"}, form(wrong="say something"))
    elif fields["severity"] == "major":
        yield form("broadcast sure?")
    else:
        yield card("Broadcast sent")


def filled(words: str, severity: str = "minor") -> dict[str, Any]:
    return {
        "text": {"type": "plain_text_input", "value": words},
        "severity": {"type": "static_select", "selected_option": {"value": severity}},
        "audiences": {"type": "multi_static_select", "selected_options": [{"value": "payments"}, {"value": "web"}]},
    }


@BOTH
async def test_a_command_that_asks_opens_a_modal_and_posts_nothing(over: str) -> None:
    async with slack_app(answered, socket=over == "socket") as app:
        body = slash("broadcast", response_url=app.slack.response_url("r"))
        await app.ask(body, over=over)
        await app.settle()
        opened = app.slack.called("views.open")
        assert [call["trigger_id"] for call in opened] == [body["trigger_id"]]
        assert [block["block_id"] for block in opened[0]["view"]["blocks"] if block["type"] == "input"] == [
            "field.text",
            "field.severity",
            "field.audiences",
        ]
        assert app.slack.channel("payments") == []
        assert app.slack.responses == []


@pytest.mark.parametrize("trouble", [hang(), reset(), status(503), error("expired_trigger_id")])
async def test_where_no_modal_opens_the_line_to_type_is_the_answer(trouble: Any) -> None:
    async with slack_app(answered, call_seconds=3) as app:
        app.slack.always("*", trouble)
        app.slack.always("response_url")
        await app.ask(slash("broadcast", response_url=app.slack.response_url("r")))
        await app.settle()
        [(name, told)] = app.slack.responses
        assert name == "r"
        assert "broadcast <text>" in str(told["blocks"])
        button = told["blocks"][-1]["elements"][0]
        app.slack.always("*")
        await app.ask(press(button["value"], message="1.2", action=button["action_id"], ephemeral=True))
        await app.settle()
        assert len(app.slack.called("views.open")) == 2


async def test_asked_for_by_name_the_form_is_behind_a_button_for_the_asker_alone() -> None:
    async with slack_app(answered) as app:
        await app.ask(mention("<@U0BOT> broadcast"))
        await app.ask(direct("broadcast"))
        await app.settle()
        assert app.slack.channel("payments") == []
        assert [told["user"] for _, told in app.slack.responses] == ["U1"]
        assert titles(app.slack.direct("U1")) == ["Broadcast"]


@BOTH
async def test_what_was_filled_in_runs_the_command_in_the_place_it_was_asked_in(over: str) -> None:
    async with slack_app(answered, socket=over == "socket") as app:
        await app.ask(slash("broadcast"), over=over)
        await app.settle()
        told = await app.submit(submission(app.slack.views[0], **filled("We look into it")), over=over)
        await app.settle()
        assert told == {"response_action": "clear"}
        line, caller, fields = asked[-1]
        assert (line, caller.user, caller.channel) == ("broadcast", "U1", "C0PAYMENTS")
        assert fields == {"text": "We look into it", "severity": "minor", "audiences": "payments,web"}
        assert titles(app.slack.channel("payments")) == ["Broadcast sent"]


@BOTH
async def test_what_is_wrong_is_said_beside_its_field(over: str) -> None:
    async with slack_app(answered, socket=over == "socket") as app:
        await app.ask(slash("broadcast"), over=over)
        await app.settle()
        told = await app.submit(submission(app.slack.views[0], **filled("")), over=over)
        assert told == {"response_action": "errors", "errors": {"field.text": "say something"}}
        assert app.slack.channel("payments") == []


async def test_a_form_that_follows_and_a_refusal_stay_in_the_modal() -> None:
    async with slack_app(answered) as app:
        await app.ask(slash("broadcast"))
        await app.settle()
        asks_on = await app.submit(submission(app.slack.views[0], **filled("x", "major")))
        assert asks_on["response_action"] == "update"
        assert asks_on["view"]["blocks"][-3]["element"]["initial_value"] == "sure?"
        refused = await app.submit(submission(asks_on["view"], **filled("nobody")))
        assert refused["view"]["blocks"][0]["text"]["text"] == "Only an admin may"
        assert "submit" not in refused["view"]
        assert app.slack.channel("payments") == []


async def test_submitted_twice_it_runs_once() -> None:
    async with slack_app(answered) as app:
        await app.ask(slash("broadcast"))
        await app.settle()
        body = submission(app.slack.views[0], **filled("once"))
        for _ in range(3):
            await app.submit(body)
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Broadcast sent"]


async def test_an_answer_that_takes_longer_than_slack_waits_comes_later() -> None:
    release = asyncio.Event()

    async def slow(line: str, caller: Caller, fields: Fields) -> AsyncGenerator[Card, None]:
        if fields:
            await release.wait()
        async for shown in answered(line, caller, fields):
            yield shown

    async with slack_app(slow, submission_seconds=0.05) as app:
        assert ANSWER_SECONDS < 3
        await app.ask(slash("broadcast"))
        await app.settle()
        assert await app.submit(submission(app.slack.views[0], **filled("slow"))) == {"response_action": "clear"}
        release.set()
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Broadcast sent"]


@pytest.mark.parametrize("told", ["", "broadcast", "{", "[]", '{"channel": 1}'])
async def test_a_form_from_an_earlier_version_says_so(told: str) -> None:
    async with slack_app(answered) as app:
        view = {"type": "modal", "callback_id": "form", "private_metadata": told}
        answer = await app.submit(submission(view, **filled("x")))
        assert "earlier version" in str(answer["view"])
        assert asked == []


async def test_a_shortcut_on_a_message_hands_its_words_on() -> None:
    async with slack_app(answered) as app:
        await app.ask(shortcut("broadcast_message", message="1763900000.5", text="DB is down &amp; out <@U9>"))
        await app.settle()
        assert app.slack.views[0]["blocks"][-3]["element"]["initial_value"] == "DB is down & out"
        await app.submit(submission(app.slack.views[0], **filled("sent")))
        await app.settle()
        assert app.slack.channel("payments")[0]["thread_ts"] == "1763900000.5"


async def test_a_shortcut_from_the_menu_is_answered_in_a_modal() -> None:
    async with slack_app(answered) as app:
        await app.ask(shortcut("scorecard"))
        await app.settle()
        assert app.slack.views[0]["blocks"][0]["text"]["text"] == "Answer to scorecard"
        await app.ask(pressed_in(app.slack.views[0], "scorecard billing", view_id="V1"))
        await app.ask(pressed_in(app.slack.views[0], "explain RG03", action="reply.1", view_id="V1"))
        await app.settle()
        assert [call["view_id"] for call in app.slack.called("views.update")] == ["V1"]
        assert len(app.slack.called("views.push")) == 1
        assert app.slack.called("chat.postMessage") == []


async def test_where_no_modal_opens_a_shortcut_is_answered_in_a_direct_message() -> None:
    async with slack_app(answered) as app:
        app.slack.always("views.open", error("expired_trigger_id"))
        await app.ask(shortcut("scorecard"))
        await app.settle()
        assert titles(app.slack.direct("U1")) == ["Answer to scorecard"]
