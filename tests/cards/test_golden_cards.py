"""Each card in each rendering is exactly as it was last read and approved; `--update-golden` writes it anew."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.samples.cards import CARDS

from bot.cards.card import Card
from bot.cards.render import html as to_html
from bot.cards.render import slack as to_slack
from bot.cards.render import teams as to_teams
from bot.cards.render import text as to_text

GOLDEN = Path(__file__).parent / "golden"


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


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("rendering", RENDERINGS)
def test_card_looks_as_approved(name: str, rendering: str, *, update_golden: bool) -> None:
    made = RENDERINGS[rendering](CARDS[name]())
    file = GOLDEN / f"{name}.{rendering}"
    if update_golden:
        file.parent.mkdir(exist_ok=True)
        file.write_text(made, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == made


def test_no_golden_is_left_of_a_card_that_is_gone() -> None:
    drawn = {file.name.partition(".")[0] for file in GOLDEN.glob("*.slack.json")}
    assert drawn == set(CARDS)
