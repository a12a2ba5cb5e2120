# ruff: noqa: RUF001 - people type such characters
"""What people type, as Slack and Teams send it: the answer is that of the command which was meant."""

from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.records import RecordsInMemory
from support.fakes.slack_requests import direct, mention, slash
from support.fakes.teams_activities import message
from support.harness.slack_app import SlackApp, slack_app
from support.harness.teams_app import teams_app

from bot.cards.card import Card
from bot.chat.dispatch import dispatch
from bot.chat.parsing import quoted, split
from bot.model import Caller, Role
from bot.model.records import Broadcast

SERVICES = ("checkout", "Payment API", "Tom's & Co", "Yahoo!")
LISTED = [
    "scorecard checkout",
    "Scorecard CHECKOUT",
    "/scorecard checkout",
    "scorecard checkout.",
    "scorecard checkout!",
    "scorecard, checkout?",
    "scorecard: checkout",
    "scorecard “checkout”",
    "scorecard ‘checkout’",
    "scorecard 'checkout'",
    "scorecard\ncheckout",
    "scorecard \u200bcheck\u200bout\ufeff",
    "\u2068scorecard\u2069 checkout\u200f",
    "scorecard\u00a0checkout",
    "  scorecard   checkout  …",
    "— scorecard checkout",
    "`scorecard checkout`",
    "*scorecard checkout*",
    "_scorecard checkout_",
    "ｓｃｏｒｅｃａｒｄ checkout",
    '"scorecard checkout"',
    "“@backstay scorecard checkout.”",
    "(scorecard checkout).",
    "/resilience scorecard checkout",
    "@backstay scorecard checkout",
    "@backstay: scorecard checkout",
    "@backstay @backstay, scorecard checkout",
    "@Backstay /resilience scorecard checkout",
    "backstay scorecard checkout",
    "scorecard checkout 🙏",
]
NAMES = [
    ("scorecard payment api", "Payment API"),
    ('scorecard "Payment API"', "Payment API"),
    ("scorecard “payment api”.", "Payment API"),
    ("scorecard Tom's & Co", "Tom's & Co"),
    ("scorecard tom’s & co", "Tom's & Co"),
    ("scorecard yahoo", "Yahoo!"),
    ("scorecard Yahoo!", "Yahoo!"),
]
TEXTS = [
    "Users can't pay; we're on it.",
    "Users can’t pay; we’re on it.",
    "\"Checkout\" is down, 'login' is not",
    'She said "wait',
    "“Quoted” at the start",
    "It's 5 o'clock; don't panic, it isn't 'critical'",
    "Two\nlines — with a dash…",
    "a < b & c > d, <word> and </at>",
    'C:\\temp \\ "x\\y"',
    "50% slower, 3 × 4 = 12; page=2 is broken",
    "👩\u200d💻 on it 🔥",
    "x" * 1_999,
]


def answering(kept: RecordsInMemory | None = None) -> Any:
    backend = sample_backend(SampleAudits(sample_services(*SERVICES)), records=kept)

    def answer(line: str, caller: Caller, fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
        return dispatch(line, caller, backend, role=Role.ADMIN, fields=fields)

    return answer


def shown(app: SlackApp) -> str:
    return str([*app.slack.channel("payments"), *(told for _, told in app.slack.responses), *app.slack.views])


def drafted(kept: RecordsInMemory) -> list[Broadcast]:
    return list(kept.drafts.values())


def escaped(text: str) -> str:
    """As Slack sends what somebody typed (docs.slack.dev/messaging/formatting-message-text, "Escaping text")."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize("line", LISTED)
async def test_a_line_in_slack_is_understood_however_it_is_typed(line: str) -> None:
    async with slack_app(answering()) as app:
        await app.ask(slash(line, response_url=app.slack.response_url("r")))
        await app.ask(mention(f"<@U0BOT> {line}"))
        await app.settle()
        assert shown(app).count("'text': 'checkout: grade") == 2, shown(app)


@pytest.mark.parametrize("line", LISTED)
async def test_a_line_in_teams_is_understood_however_it_is_typed(line: str, tmp_path: Path) -> None:
    async with teams_app(answering(), tmp_path) as app:
        await app.ask(message(app.teams.url, line))
        await app.ask(message(app.teams.url, line, mention=True, scope="groupChat"))
        await app.settle()
        assert str(app.teams.cards).count("checkout: grade") >= 2, app.teams.cards


@pytest.mark.parametrize(
    "text",
    [
        "<@U0BOT> <@U0BOT> scorecard checkout",
        "(<@U0BOT> scorecard checkout)",
        "<@U0BOT|backstay>: scorecard checkout",
        "*<@U0BOT> scorecard checkout*",
        "<@U0BOT>\nscorecard\ncheckout",
        "<@U0BOT> – /resilience scorecard checkout",
        "<@U0BOT> scorecard checkout <@U0BOT>",
    ],
)
async def test_a_mention_in_slack_may_be_repeated_and_decorated(text: str) -> None:
    async with slack_app(answering()) as app:
        await app.ask(mention(text))
        await app.settle()
        assert "'text': 'checkout: grade" in shown(app), shown(app)


@pytest.mark.parametrize(("line", "name"), NAMES)
async def test_names_with_marks_are_found(line: str, name: str) -> None:
    async with slack_app(answering()) as app:
        await app.ask(slash(escaped(line), response_url=app.slack.response_url("r")))
        await app.settle()
        assert f"{name}: grade" in shown(app).replace("\\'", "'"), shown(app)


@pytest.mark.parametrize("text", TEXTS)
async def test_free_text_arrives_as_it_was_typed(text: str, tmp_path: Path) -> None:
    slack, teams = RecordsInMemory(), RecordsInMemory()
    line = f"broadcast {text} severity=warning audiences=payments"
    async with slack_app(answering(slack)) as app:
        await app.ask(slash(escaped(line), response_url=app.slack.response_url("r")))
        await app.ask(direct(escaped(line)))
        await app.settle()
    async with teams_app(answering(teams), tmp_path) as office:
        await office.ask(message(office.teams.url, escaped(line)))
        await office.settle()
    assert [draft.text for draft in [*drafted(slack), *drafted(teams)]] == [text] * 3


async def test_a_text_that_is_quoted_as_a_whole_loses_those_quotes() -> None:
    kept = RecordsInMemory()
    async with slack_app(answering(kept)) as app:
        await app.ask(slash('broadcast "Users can\'t pay" severity=warning audiences=payments'))
        await app.settle()
    assert [draft.text for draft in drafted(kept)] == ["Users can't pay"]


async def test_the_bare_name_offers_the_next_steps_as_buttons() -> None:
    async with slack_app(answering()) as app:
        await app.ask(slash("", response_url=app.slack.response_url("r")))
        await app.settle()
        answer = app.slack.responses[0][1]
        offered = [
            button["value"]
            for block in answer["blocks"]
            if block["type"] == "actions"
            for button in block["elements"]
            if "value" in button
        ]
        assert offered[:3] == ["scorecard", "mine", "status"]
        assert "help" in str(answer)
        assert "@backstay scorecard" in str(answer)


async def test_a_group_chat_answers_only_what_names_the_bot(tmp_path: Path) -> None:
    async with teams_app(answering(), tmp_path) as app:
        for said in ("scorecard", "status of the release?", "help me", "check checkout"):
            await app.ask(message(app.teams.url, said, scope="groupChat"))
        await app.settle()
        assert app.teams.cards == []
        await app.ask(message(app.teams.url, "@backstay scorecard checkout", scope="groupChat"))
        await app.settle()
        assert "checkout: grade" in str(app.teams.cards)


@pytest.mark.parametrize(
    "words",
    [
        ("scorecard", "Tom's & Co"),
        ("scorecard", "users' data"),
        ("x", "'"),
        ("x", "''"),
        ("x", "it's", "'quoted' words"),
        ("x", 'say "hi"'),
        ("x", "Yahoo!"),
        ("x", "checkout."),
        ("x", "a.b,c"),
        ("x", "-"),
        ("x", "a b", "page=2"),
    ],
)
def test_what_a_button_carries_is_read_as_it_was_meant(words: tuple[str, ...]) -> None:
    assert split(quoted(*words)) == list(words)
