"""`slo` in chat, and the lines of a scorecard: objectives now, of one service or of all; none at all; a name nobody knows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.moment import NOW
from support.samples.error_budget_cards import sample_reading

from bot.cards.card import Card
from bot.cards.render import text as to_text
from bot.chat.dispatch import dispatch
from bot.model import Caller
from bot.model.slos import BurnLevel, SloReading, SloState

BURNS = sample_reading()
LASTS = sample_reading("login", "Login availability", level=BurnLevel.NONE, burn=0.0, spent=0.1)


class Objectives:
    """The objectives of two services, as they were read before and as they are read now."""

    def __init__(self, *readings: SloReading) -> None:
        self.readings, self.asked = readings, list[str]()

    async def states(self, service: str = "") -> Sequence[SloState]:
        return [SloState(reading) for reading in self.readings if service in ("", reading.service)]

    async def read(self, service: str = "") -> Sequence[SloReading]:
        self.asked.append(service)
        return [reading for reading in self.readings if service in ("", reading.service)]


async def ask(line: str, objectives: Objectives | None) -> Card:
    backend = replace(sample_backend(SampleAudits(sample_services("checkout", "login"))), slos=objectives)
    return [card async for card in dispatch(line, Caller("slack", "U1"), backend, now=lambda: NOW)][-1]


async def test_all_objectives_are_read_now() -> None:
    objectives = Objectives(LASTS, BURNS)
    card = await ask("slo", objectives)
    assert (card.title, card.tone) == ("Error budgets: 1 of 2 burn too fast", "bad")
    assert objectives.asked == [""]
    assert card.data is not None
    assert [entry["service"] for entry in card.data["objectives"]] == ["checkout", "login"], "the most urgent first"


async def test_those_of_one_service() -> None:
    objectives = Objectives(LASTS, BURNS)
    assert (await ask("slo LOGIN", objectives)).title == "login: within budget"
    assert objectives.asked == ["login"]


@pytest.mark.parametrize("objectives", [None, Objectives()])
async def test_none_at_all(objectives: Objectives | None) -> None:
    assert (await ask("slo", objectives)).title == "No service level objectives"


async def test_a_name_nobody_knows() -> None:
    assert "login" in to_text.render(await ask("slo lgin", Objectives(LASTS)))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("scorecard checkout", "burns its 30-day error budget in 6 h; 13.8 % errors over 5 min"),
        ("scorecard login", "Error budgets last: 13.8 % errors over 5 min"),
        ("scorecard", "checkout burns its 30-day error budget in 6 h"),
    ],
)
async def test_they_stand_beside_the_scorecard(line: str, said: str) -> None:
    assert said in " ".join(to_text.render(await ask(line, Objectives(LASTS, BURNS))).split())


async def test_an_old_reading_says_nothing_about_now() -> None:
    old = Objectives(replace(BURNS, read_at=NOW - timedelta(hours=1)))
    said = to_text.render(await ask("scorecard checkout", old))
    assert "1 objective not read in the last 15 min" in said
    assert "error budget" not in said
