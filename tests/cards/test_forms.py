"""A form asks for the same fields in a Slack modal and in a Teams card, and can be typed everywhere else."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.limits.slack_blocks import Message
from support.limits.slack_views import Modal
from support.limits.teams_limits import check_teams
from support.samples.people_cards import PEOPLE_CARDS

from bot.cards.card import Button, Buttons, Card, Form, FormField, Paragraph, load, text
from bot.cards.render import html as to_html
from bot.cards.render import slack as to_slack
from bot.cards.render import teams as to_teams
from bot.cards.render import terminal as to_terminal
from bot.cards.render import text as to_text

FIELDS = (
    FormField("text", "What is going on?", "paragraph", hint="Plain words.", max_length=600),
    FormField("severity", "Severity", "choice", "high", (("high", "High"), ("low", "Low"))),
    FormField("audiences", "Who is told", "choices", "payments,web", (("payments", "Payments"), ("web", "Web"))),
    FormField("days", "Days", "number", "30"),
    FormField("on", "Done on", "date", "2026-11-23", required=False),
    FormField("link", "Link", required=False, error="This is no https link."),
)
FORM = Form("broadcast", FIELDS, "broadcast <text> severity=high audiences=payments", "broadcast", submit="Preview")
CARD = Card("form", "Broadcast", "Goes to people at once.", (Paragraph(text("Mind the words.")), FORM))


def _inputs(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {part["block_id"]: part for part in view["blocks"] if part["type"] == "input"}


def test_slack_asks_for_every_field_in_a_modal() -> None:
    view = to_slack.modal(CARD)
    Modal.model_validate(view)
    inputs = _inputs(view)
    assert list(inputs) == [f"field.{field.name}" for field in FIELDS]
    assert inputs["field.severity"]["element"]["initial_option"]["value"] == "high"
    assert [initial_option["value"] for initial_option in inputs["field.audiences"]["element"]["initial_options"]] == [
        "payments",
        "web",
    ]
    assert inputs["field.on"]["optional"]
    assert "no https link" in inputs["field.link"]["hint"]["text"]
    assert view["private_metadata"] == "broadcast"


@pytest.mark.parametrize("name", sorted(name for name in PEOPLE_CARDS if "-form" in name))
def test_slack_takes_every_form_as_a_modal(name: str) -> None:
    Modal.model_validate(to_slack.modal(PEOPLE_CARDS[name]()))


def test_a_message_in_slack_has_a_button_that_opens_the_form() -> None:
    message = to_slack.render(CARD)
    Message.model_validate(message)
    (actions,) = [part for part in message["blocks"] if part["type"] == "actions"]
    assert actions["elements"][0]["action_id"].startswith("form.")
    assert actions["elements"][0]["value"] == "broadcast"
    assert "severity=high" in str(message["blocks"])


def test_teams_asks_inside_the_card() -> None:
    card = replace(CARD, blocks=(*CARD.blocks, Buttons((Button("Help", "help broadcast"),))))
    made = to_teams.render(card)
    check_teams(made, interactive=True)
    inputs = {part["id"]: part for part in made["body"] if part["type"].startswith("Input.")}
    assert list(inputs) == [f"field.{field.name}" for field in FIELDS]
    assert inputs["field.audiences"]["isMultiSelect"]
    assert inputs["field.days"]["value"] == 30
    assert inputs["field.text"]["errorMessage"]
    submit, other = made["actions"]
    assert submit["title"] == "Preview"
    assert submit["data"] == {"command": "broadcast", "update": True}
    # Else a click on it would first ask for what the form needs.
    assert other["associatedInputs"] == "none"


@pytest.mark.parametrize(
    "shown",
    [
        to_text.render(CARD),
        to_terminal.render(CARD, colour=False),
        to_html.render(CARD),
        str(to_teams.render(CARD, interactive=False)),
    ],
    ids=["text", "terminal", "html", "teams webhook"],
)
def test_elsewhere_it_is_a_line_to_type(shown: str) -> None:
    assert "broadcast <text> severity=high" in shown.replace("&lt;", "<").replace("&gt;", ">")


def test_teams_webhooks_get_no_inputs() -> None:
    made = to_teams.render(CARD, interactive=False)
    check_teams(made, interactive=False)
    assert "Input." not in str(made)


def test_a_form_goes_through_the_outbox() -> None:
    assert load(CARD.dump()) == CARD


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.integers(0, 130))
def test_outside_text_and_many_choices_are_taken(words: str, number: int) -> None:
    options = tuple((f"a{at}", words) for at in range(number + 1))
    fields = (
        FormField("one", words, "choice", options=options, hint=words),
        FormField("two", words, "choices", f"a{number}", options, error=words),
        FormField("three", words, "paragraph", words, max_length=100),
    )
    card = Card("form", words, words, (replace(FORM, fields=fields, submit=words),))
    Modal.model_validate(to_slack.modal(card))
    check_teams(to_teams.render(card), interactive=True)
