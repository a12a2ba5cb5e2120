"""What is too long is cut with a count, the buttons stay, and lines keep to their width."""

import json
import sys
from collections import Counter
from typing import Any

import pytest
from rich.cells import cell_len
from support.builders.moment import NOW, days_ago
from support.builders.scorecards import LONG, sample_estate
from support.samples.cards import CARDS

from bot.cards.card import Button, Buttons, Card, Chart, Heading, Items, Paragraph, Span, Table, text
from bot.cards.messages.full_report import full_report
from bot.cards.render import html_report, slack_chart
from bot.cards.render import slack as to_slack
from bot.cards.render import teams as to_teams
from bot.cards.render import terminal as to_terminal
from bot.cards.render import text as to_text
from bot.cards.render.html import render as page_of


def _buttons(message: dict[str, Any]) -> list[str]:
    return [
        element["value"] for block in message["blocks"] if block["type"] == "actions" for element in block["elements"]
    ]


def test_slack_cuts_a_long_table_and_says_how_much_is_left() -> None:
    rows = tuple((text(f"{LONG}{at}"), text("down")) for at in range(500))
    message = to_slack.render(
        Card("x", "t", "s", (Table(("Service", "Fate"), rows), Buttons((Button("More", "more"),))))
    )
    shown = next(block for block in message["blocks"] if block["type"] == "table")["rows"]
    said = message["blocks"][-2]["elements"][0]["text"]
    assert said == f"… and {500 - len(shown) + 1} more."
    assert _buttons(message) == ["more"]


def test_slack_says_how_many_parts_did_not_fit() -> None:
    parts = tuple(Paragraph(text("word " * 500)) for _ in range(10))
    message = to_slack.render(Card("x", "t", "s", (*parts, Buttons((Button("More", "more"),)))))
    shown = sum(block["type"] == "rich_text" for block in message["blocks"]) - 1
    assert message["blocks"][-1]["elements"][0]["text"] == f"… {10 - shown} more parts do not fit into one message."
    assert _buttons(message) == ["more"]


def test_slack_never_has_more_than_fifty_blocks() -> None:
    message = to_slack.render(
        Card("x", "t", "s", (*(Heading(str(at)) for at in range(80)), Buttons((Button("m", "m"),))))
    )
    assert len(message["blocks"]) == 50
    assert _buttons(message) == ["m"]


def test_slack_has_one_table_only_and_lists_the_second() -> None:
    table = Table(("a", "b"), ((text("one"), text("two")),))
    kinds = [block["type"] for block in to_slack.render(Card("x", "t", "s", (table, table)))["blocks"]]
    assert kinds.count("table") == 1
    assert kinds[-1] == "rich_text"


def test_a_button_whose_command_would_be_cut_is_left_out() -> None:
    message = to_slack.render(Card("x", "t", "s", (Buttons((Button("a", "x" * 2001), Button("b", "scorecard"))),)))
    assert _buttons(message) == ["scorecard"]


def test_slack_writes_a_chart_it_cannot_draw_as_text() -> None:
    same = Chart("Score", (("a", 1.0), ("a", 100.0)), "It rose.")
    drawn = json.dumps(to_slack.render(Card("x", "t", "s", (same,))), ensure_ascii=False)
    assert "data_visualization" not in drawn
    assert "▁█" in drawn
    assert "It rose." in drawn


def test_teams_draws_weeks_on_an_axis_of_time_and_says_them_in_words() -> None:
    days = (days_ago(14), days_ago(7))
    chart = Chart("Score", (("9 Nov", 60.0), ("16 Nov", 72.9)), "From 60 to 72.", moments=days)
    (shown,) = to_teams.render(Card("x", "t", "s", (chart,)))["body"][1:]
    named, drawn, said = shown["items"]
    assert drawn["data"][0]["values"] == [{"x": "2026-11-09", "y": 60}, {"x": "2026-11-16", "y": 72}]
    assert drawn["fallback"]["inlines"][0]["fontType"] == "Monospace"
    assert (named["inlines"][0]["text"], said["inlines"][0]["text"]) == ("Score", "From 60 to 72.")


def test_bars_stand_beside_the_table_that_says_the_same() -> None:
    table = Table(("Family", "Score"), ((text("DNS"), text("40")), (text("Region"), text("70"))))
    chart = Chart("Score", (("DNS", 40.0), ("Region", 70.0)), "Weakest: DNS.", kind="bars", instead=table)
    card = Card("x", "t", "s", (chart,))
    drawn = to_teams.render(card)["body"][1]["items"][0]
    assert drawn["type"] == "Chart.HorizontalBar"
    assert [bar["x"] for bar in drawn["data"]] == ["DNS: 40", "Region: 70"]
    assert drawn["fallback"]["items"][0]["type"] == "Table"
    assert [block["type"] for block in to_slack.render(card)["blocks"]][-1] == "table"
    assert "DNS     40" in to_text.render(card)
    assert "DNS" in to_terminal.render(card, width=80, colour=False)
    assert page_of(card).count("DNS") == 4, "in the picture, in its alt text (twice) and in the table"


def test_one_week_is_no_line() -> None:
    chart = Chart("Score", (("9 Nov", 60.0),), "It is 60.")
    assert "Chart.Line" not in json.dumps(to_teams.render(Card("x", "t", "s", (chart,))))


def test_slack_draws_two_charts_and_writes_the_third() -> None:
    chart = Chart("Score", (("a", 1.0), ("b", 2.0)), "It rose.")
    card = Card("x", "t", "s", (chart, chart, chart))
    kinds = [block["type"] for block in to_slack.render(card)["blocks"]]
    assert kinds.count("data_visualization") == 2
    assert not slack_chart.drawn_in(to_slack.render(card, charts=False))


def test_teams_sets_rows_one_under_the_other_where_a_telephone_is_too_narrow() -> None:
    narrow = Table(("a", "b"), ((text("one"), text("two")),))
    wide = Table(("a", "b"), ((text("payments-settlement-service"), text("reconciliation-of-the-nordics")),))
    kinds = [to_teams.render(Card("x", "t", "s", (value,)))["body"][1]["type"] for value in (narrow, wide)]
    assert kinds == ["Table", "Container"]


@pytest.mark.parametrize("interactive", [True, False])
def test_teams_cuts_a_long_list_and_says_how_much_is_left(*, interactive: bool) -> None:
    items = tuple(text(f"{at} {LONG}") for at in range(2000))
    card = to_teams.render(Card("x", "t", "s", (Items(items),)), interactive=interactive)
    shown = sum(part["type"] == "ColumnSet" for part in card["body"])
    assert 0 < shown < 2000
    assert card["body"][-1]["inlines"][0]["text"] == f"… and {2000 - shown:,} more."


def test_a_webhook_card_writes_its_commands_out() -> None:
    buttons = Buttons((Button("Details", "scorecard x page=2"), Button("Read on", link="https://docs.example")))
    card = to_teams.render(Card("x", "t", "s", (buttons,)), interactive=False)
    assert [action["type"] for action in card["actions"]] == ["Action.OpenUrl"]
    assert "scorecard x page=2" in [run["text"] for run in card["body"][-1]["inlines"]]


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("width", [72, 100])
def test_text_keeps_to_its_width(name: str, width: int) -> None:
    assert max(cell_len(line) for line in to_text.render(CARDS[name](), width).splitlines()) <= width


def test_wide_letters_keep_to_the_width_too() -> None:
    table = Table(("サービス", "状態"), ((text("支払いと決済のサービス" * 4), text("停止")),))
    shown = to_text.render(Card("x", "題", "要約" * 60, (table, Items((text("項目" * 80),)))), 72)
    assert max(cell_len(line) for line in shown.splitlines()) <= 72


def test_the_page_of_an_estate_has_every_service_and_its_own_ids() -> None:
    page = html_report.render(full_report(sample_estate(60), organisation="Acme", now=NOW))
    assert all(f"<h3><bdi>service-{at:03}</bdi></h3>" in page for at in range(60))
    ids = [part.partition('"')[0] for part in page.split(' id="')[1:]]
    assert len(ids) == len(set(ids)) > 60


def _printed(services: int) -> tuple[str, int]:
    """A table of so many services as a terminal shows it, and how many calls of functions that took."""
    rows = tuple((text(f"service-{at}"), text(Span("down", "bad"))) for at in range(services))
    card = Card("x", "t", "s", (Table(("Service", "Fate"), rows),))
    counts = Counter[str]()
    sys.setprofile(lambda _frame, event, _argument: counts.update((event,)))
    try:
        shown = to_terminal.render(card, width=100, colour=False)
    finally:
        sys.setprofile(None)
    return shown, counts["call"]


def test_a_terminal_prints_thousands_of_services_in_steps_that_grow_with_their_number() -> None:
    (_, few), (shown, many) = _printed(500), _printed(5000)
    assert "service-4999  ✗ down" in shown
    assert many < 12 * few
