"""A typed line becomes cards: whatever people type, and whatever goes wrong behind it."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.moment import NOW
from support.builders.resources import datastore

from bot.cards.card import Buttons, Card
from bot.cards.render.slack import render as to_slack
from bot.cards.render.text import render as to_text
from bot.catalogue import ConfigError, ConfigProblem
from bot.chat.command import commands
from bot.chat.dispatch import dispatch, private
from bot.chat.durations import duration
from bot.model import Caller, Role, UnusableError
from checks import discover

ADA = Caller("slack", "U1", "C1", labels={"prefix": "/resilience"})


def estate(*names: str, **fields: object) -> SampleAudits:
    return SampleAudits(sample_services(*(names or ("billing", "checkout", "login"))), **fields)  # type: ignore[arg-type]


async def ask(line: str, of: SampleAudits | None = None, role: Role = Role.VIEWER) -> list[Card]:
    return [card async for card in dispatch(line, ADA, sample_backend(of or estate()), now=lambda: NOW, role=role)]


async def answer(line: str, of: SampleAudits | None = None) -> Card:
    return (await ask(line, of))[-1]


def lines(card: Card) -> list[str]:
    """The command lines of a card's buttons."""
    return [button.command for block in card.blocks if isinstance(block, Buttons) for button in block.buttons]


async def test_the_estate_from_the_last_audit() -> None:
    asked = estate()
    card = await answer("scorecard", asked)
    assert (card.kind, asked.audited_services) == ("scorecard", [])
    assert card.title.startswith("Acme: grade")


@pytest.mark.parametrize(
    "line",
    [
        "scorecard billing",
        "  Scorecard   BILLING  ",
        "/scorecard billing",
        "scorecard “billing”",
        "scorecard 'billing'",
        "scorecard\u00a0billing\u200b",
        'scorecard "billing',
        "scorecard billing page=1",
    ],
)
async def test_a_service_however_it_is_typed(line: str) -> None:
    assert (await answer(line)).title.startswith("billing: grade")


@pytest.mark.parametrize(
    "name", ["payment api", "Bob's billing", "a=b", "page", 'say "hi"', "größe", "-x", "bob\u2019s"]
)
async def test_a_name_with_anything_in_it_is_reached_by_its_own_buttons(name: str) -> None:
    asked = estate(name, "other")
    card = await answer(f"scorecard {name}", asked)
    assert card.title.startswith(name)
    details = await answer(next(line for line in lines(card) if "page=2" in line), asked)
    assert details.kind == "details"
    assert details.title.startswith(name)
    assert (await answer(next(line for line in lines(card) if line.startswith("check")), asked)).title.startswith(name)


async def test_pages() -> None:
    asked = estate(*(f"service-{number:03}" for number in range(50)))
    first = await answer("scorecard page=2", asked)
    assert first.kind == "services"
    assert "Page 1 of 3" in first.summary
    assert "scorecard page=3" in lines(first)
    assert "Page 3 of 3" in (await answer("scorecard page=999999", asked)).summary
    assert (await answer("scorecard service-000 page=2", asked)).kind == "details"


@pytest.mark.parametrize("page", ["0", "-1", "two", "", "1e3", "٣", "9" * 5_000])
async def test_what_is_no_page(page: str) -> None:
    card = await answer(f"scorecard page={page}")
    assert card.kind == "error"
    assert "page" in card.summary


async def test_an_unknown_service_gets_the_nearest_names_as_buttons() -> None:
    card = await answer("scorecard biling")
    assert card.kind == "error"
    assert lines(card)[0] == "scorecard billing"
    assert "Did you mean billing?" in to_text(card)
    assert lines(await answer("check chekout")) == ["check checkout"]
    assert lines(await answer("scorecard zzzzzz")) == []


async def test_two_names_that_differ_in_case_only_are_told_apart() -> None:
    asked = estate("Login", "login")
    assert (await answer("scorecard login", asked)).title.startswith("login")
    assert (await answer("scorecard LOGIN", asked)).kind == "error"


@pytest.mark.parametrize(("typed", "meant"), [("scorcard", "scorecard"), ("chek", "check"), ("what-if", "whatif")])
async def test_a_mistyped_command(typed: str, meant: str) -> None:
    card = await answer(f"{typed} billing")
    assert card.kind == "error"
    assert lines(card)[0] == meant


async def test_a_service_without_a_command_is_offered_its_scorecard() -> None:
    assert lines(await answer("billing"))[0] == "scorecard billing"


@pytest.mark.parametrize("line", ["", "   ", "help", "HELP", "/help"])
async def test_help(line: str) -> None:
    card = await answer(line)
    assert card.kind == "help"
    assert all(word in to_text(card) for word in commands())
    assert "/resilience scorecard" in to_text(card)


async def test_every_command_explains_itself_and_its_example_works() -> None:
    for word, command in commands().items():
        card = await answer(f"help {word}")
        assert command.example in to_text(card, width=200)
        assert command.example.split()[0] == word
        assert (await ask(command.example, role=Role.ADMIN))[-1].kind != "error", command.example
    assert lines(await answer("help scorcard"))[0] == "help scorecard"


async def test_help_offers_no_button_that_changes_something() -> None:
    for word, command in commands().items():
        offered = lines(await answer(f"help {word}"))
        assert (command.example in offered) == (command.role is Role.VIEWER)
        assert (word in offered) >= command.form


async def test_a_check_shows_its_progress_and_then_the_scorecard() -> None:
    asked = estate()
    cards = await ask("check billing", asked)
    assert [card.kind for card in cards[:-1]] == ["progress"] * (len(cards) - 1)
    assert len(cards) >= 2
    assert "billing" in cards[0].title
    assert cards[-1].title.startswith("billing: grade")
    assert asked.audited_services == [("billing",)]


async def test_the_first_scorecard_of_all_reads_the_cloud() -> None:
    asked = estate(audited=False)
    cards = await ask("scorecard", asked)
    assert cards[0].kind == "progress"
    assert cards[-1].kind == "scorecard"
    assert asked.audited_services == [()]


async def test_a_check_without_a_catalogue_reads_everything_first() -> None:
    asked = estate()
    asked.catalogue = ()
    card = await answer("check billing", asked)
    assert asked.audited_services == [()]
    assert card.kind == "error"


async def test_explain_tells_of_a_check_and_of_a_service() -> None:
    rule = discover()[0]
    assert (await answer(f"explain {rule.id.lower()}")).title.startswith(rule.id)
    assert "Points by check, largest loss first" in to_text(await answer("explain billing"))
    assert "check billing" in (await answer("explain billing", estate(audited=False))).summary
    assert lines(await answer("explain biling"))[0] == "explain billing"
    found = await answer(f"explain {rule.id.lower()}:billing")
    assert (found.kind, found.title) == ("finding", f"billing: {rule.title}")
    assert (await answer(f"explain {rule.id}:biling")).kind == "error"
    assert (await answer("explain NOPE:billing")).kind == "error"
    assert (await answer("explain")).kind == "error"


async def test_a_check_of_nothing_says_what_is_missing() -> None:
    assert "check billing" in (await answer("check")).summary


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        *(("15h", 15), ("90m", 1.5), ("2d", 48), ("1d12h", 36), ("1.5h", 1.5), ("1,5h", 1.5), ("45min", 0.75)),
        *(("2 days", 48), ("1 hour", 1), ("3 Hours", 3), ("1 day 12 hrs", 36), ("90 minutes", 1.5), ("1 week", 168)),
    ],
)
def test_durations(typed: str, hours: float) -> None:
    assert duration(typed) == timedelta(hours=hours)


@pytest.mark.parametrize("typed", ["aws", "15", "h", "", "15 hours please", "2 years", "3 hou", "²h", "1" * 400 + "h"])
def test_what_is_no_duration(typed: str) -> None:
    assert duration(typed) is None


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("whatif aws/us-east-1", "If aws/us-east-1 is lost for 15 h"),
        ("whatif AWS/us-east-1 2d", "If aws/us-east-1 is lost for 2 days"),
        ("whatif stripe for 30m", "If stripe is lost for 30 min"),
    ],
)
async def test_whatif(line: str, title: str) -> None:
    card = await answer(line)
    assert (card.kind, card.title) == ("whatif", title)


@pytest.mark.parametrize(
    "line", ["whatif", "whatif a//b", "whatif a/b/c/d", "whatif aws 0h", "whatif aws 9000d", "whatif /"]
)
async def test_whatif_of_nothing_sensible(line: str) -> None:
    assert (await answer(line)).kind == "error"


async def test_a_scope_where_nothing_stands_names_the_nearest() -> None:
    asked = estate(known_scope=False, facts=(datastore("orders"),))
    card = await answer("whatif aws/us-esat-1 2h", asked)
    assert card.kind == "error"
    assert lines(card)[0] == "whatif aws/us-east-1 2h"
    assert "No scope is called 'aws/us-esat-1'." in to_text(card)


async def test_whatif_before_any_audit_reads_first() -> None:
    cards = await ask("whatif aws", estate(audited=False))
    assert cards[0].kind == "progress"
    assert cards[-1].kind == "whatif"


async def test_what_makes_a_source_unusable_is_told_with_what_to_do() -> None:
    trouble = UnusableError("the token has expired", "run aws sso login")
    for raised in (trouble, ExceptionGroup("side by side", [trouble])):
        card = await answer("check billing", estate(problem=raised))
        assert card.kind == "error"
        assert "expired" in card.summary
        assert "aws sso login" in to_text(card)


async def test_a_mistake_in_the_settings_is_told() -> None:
    trouble = ConfigError([ConfigProblem("backstay.yaml", 3, 1, "services[0]", "no such tier")])
    assert "no such tier" in (await answer("check billing", estate(problem=trouble))).summary


async def test_whatever_breaks_is_a_reference_here_and_a_story_in_the_log() -> None:
    with capture_logs() as logs:
        card = await answer("check billing", estate(problem=RuntimeError("password=hunter2")))
    said = to_text(card)
    assert "hunter2" not in said
    assert "RuntimeError" not in said
    reference = (card.data or {})["reference"]
    assert [entry["reference"] for entry in logs if entry["event"] == "command_failed"] == [reference]
    assert reference in said


async def test_leaving_early_ends_the_work() -> None:
    asked = estate(steps=10_000_000)
    cards = dispatch("check billing", ADA, sample_backend(asked), now=lambda: NOW)
    await anext(cards)
    await cards.aclose()
    assert asked.audited_services in ([], [("billing",)])


@pytest.mark.parametrize(
    "line",
    [
        "scorecard " + "x" * 100_000,
        "\x00",
        '"',
        "'",
        "\\",
        "=",
        "page=2",
        "🙂",
        "scorecard <!channel>",
        "whatif " + "/" * 3_000,
    ],
)
async def test_hostile_lines_are_answered_in_a_card_that_slack_takes(line: str) -> None:
    for card in await ask(line):
        assert len(str(to_slack(card))) < 20_000


def test_help_and_errors_are_private() -> None:
    assert [private(Card(kind, "", "")) for kind in ("help", "error", "scorecard", "progress")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("line", "listed"),
    [
        ("scorecard chekout", "scorecard page=2"),
        ("check nothing-of-the-kind", "scorecard page=2"),
        ("runbook chekout", "scorecard page=2"),
        ("explain XX99", "checks"),
        ("scorcard", "help"),
        ("help nothing", "help"),
    ],
)
async def test_an_unknown_name_is_answered_with_the_command_that_lists_what_there_is(line: str, listed: str) -> None:
    card = await answer(line)
    assert card.kind == "error"
    assert f"The command {listed} lists " in " ".join(to_text(card).split())
