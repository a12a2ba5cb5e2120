"""No platform would refuse a card, and nothing in outside text acts in it."""

import json

import pytest
from support.limits.slack_blocks import Message
from support.limits.slack_limits import view_violations, violations
from support.limits.teams_limits import check_teams
from support.samples.cards import CARDS

from bot.cards.card import load
from bot.cards.render import slack as to_slack
from bot.cards.render import teams as to_teams


@pytest.mark.parametrize("name", CARDS)
def test_slack_takes_it(name: str) -> None:
    made = to_slack.render(CARDS[name]())
    Message.model_validate(made)
    assert violations(made) == []
    assert len(json.dumps(made, ensure_ascii=False)) <= 13_000


@pytest.mark.parametrize("name", CARDS)
def test_slack_takes_it_as_a_modal_and_as_an_app_home(name: str) -> None:
    card = CARDS[name]()
    assert view_violations(to_slack.modal(card)) == []
    assert view_violations(to_slack.home(card)) == []


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("interactive", [True, False])
def test_teams_takes_it(name: str, *, interactive: bool) -> None:
    check_teams(to_teams.render(CARDS[name](), interactive=interactive), interactive=interactive)


@pytest.mark.parametrize("name", CARDS)
def test_it_survives_the_outbox(name: str) -> None:
    card = CARDS[name]()
    assert to_slack.render(load(card.dump())) == to_slack.render(card)
