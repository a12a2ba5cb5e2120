"""Each card in each rendering is exactly as it was last read and approved; `--update-golden` writes it anew.

Slack and Teams lay out every sample. HTML and text follow from the same blocks: there one sample stands for each kind, and each
state of an incident has its own.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import get_args

import pytest
from support.samples.cards import CARDS
from support.samples.state_cards import STATE_CARDS

from bot.cards.card import (
    Block,
    Buttons,
    Card,
    Chart,
    Form,
    Gauge,
    Heading,
    Items,
    Pairs,
    Paragraph,
    Rule,
    Table,
)
from bot.cards.render import html as to_html
from bot.cards.render import slack as to_slack
from bot.cards.render import teams as to_teams
from bot.cards.render import text as to_text

GOLDEN = Path(__file__).parent / "golden"
OF_A_KIND: Mapping[type[Block], str] = {
    Paragraph: "runbook-old",
    Heading: "details",
    Pairs: "alert",
    Items: "status",
    Table: "whatif-9",
    Gauge: "estate-9",
    Chart: "service-whole",
    Buttons: "weekly-9",
    Rule: "broadcast-preview",
    Form: "attest-form-wrong",
}


def _json(made: object) -> str:
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _main(page: str) -> str:
    # The style is the same on every page; what the card says is what is compared.
    return page[page.index("<main") : page.index("<footer")]


RENDERINGS: dict[str, Callable[[Card], str]] = {
    "slack.json": lambda card: _json(to_slack.render(card)),
    "teams.json": lambda card: _json(to_teams.render(card)),
    "txt": to_text.render,
    "html": lambda card: _main(to_html.render(card)),
}


def _goldens() -> Iterator[tuple[str, str]]:
    for name in CARDS:
        yield name, "slack.json"
        yield name, "teams.json"
    for name in (*OF_A_KIND.values(), *(name for name in STATE_CARDS if not name.endswith("hostile"))):
        yield name, "txt"
        yield name, "html"


@pytest.mark.parametrize(("name", "rendering"), [*_goldens()])
def test_card_looks_as_approved(name: str, rendering: str, *, update_golden: bool) -> None:
    made = RENDERINGS[rendering](CARDS[name]())
    file = GOLDEN / f"{name}.{rendering}"
    if update_golden:
        file.parent.mkdir(exist_ok=True)
        file.write_text(made, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == made


def test_every_kind_of_block_has_a_sample_in_html_and_text() -> None:
    assert set(OF_A_KIND) == set(get_args(Block))
    for kind, name in OF_A_KIND.items():
        assert any(isinstance(part, kind) for part in CARDS[name]().blocks), f"{name} has no {kind.__name__}"


def test_no_golden_is_left_of_a_card_that_is_gone() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == {f"{name}.{rendering}" for name, rendering in _goldens()}
