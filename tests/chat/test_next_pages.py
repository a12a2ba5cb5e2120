"""Every Next button leads to the page after, and a page is an option of every command that a card offers pages of."""

from collections.abc import Iterator

import pytest
from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.moment import NOW
from support.builders.resources import datastore
from support.samples.cards import CARDS

from bot.cards.card import Button, Buttons, Card
from bot.chat.command import commands
from bot.chat.dispatch import dispatch
from bot.chat.parsing import arguments, words
from bot.model import Caller, Role

ESTATE = SampleAudits(
    sample_services(*(f"Tom's service {number:03}" for number in range(60))), facts=(datastore("orders"),)
)
BEGINNINGS = ["scorecard page=2", "scorecard Tom's service 000 page=2", "checks", "explain Tom's service 000"]
BEGINNINGS += ["whatif aws/us-east-1 15h", "whatif us-east-1", "explain Tom's service 000 page=2"]


def buttons(card: Card) -> Iterator[Button]:
    for block in card.blocks:
        if isinstance(block, Buttons):
            yield from block.buttons


def to(card: Card, label: str) -> str:
    return next((button.command for button in buttons(card) if button.label == label), "")


async def answer(line: str) -> Card:
    caller = Caller("slack", "U1", "C1", "Ann")
    return [card async for card in dispatch(line, caller, sample_backend(ESTATE), now=lambda: NOW, role=Role.ADMIN)][-1]


@pytest.mark.parametrize("line", BEGINNINGS)
async def test_the_pages_are_walked_to_the_end_and_back(line: str) -> None:
    walked = [await answer(line)]
    while following := to(walked[-1], "Next"):
        walked.append(await answer(following))
        assert walked[-1].kind == walked[0].kind, following
        assert walked[-1] not in walked[:-1], following
    for before, after in zip(walked[-2::-1], walked[:0:-1], strict=True):
        assert await answer(to(after, "Previous")) == before


@pytest.mark.parametrize("name", CARDS)
def test_a_page_is_an_option_of_each_command_that_a_card_offers_pages_of(name: str) -> None:
    for button in buttons(CARDS[name]()):
        if "page=" in button.command:
            word, *rest = words(button.command)
            _, options = arguments(rest, commands()[word.text].options)
            assert "page" in options, button.command
