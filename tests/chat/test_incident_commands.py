from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.signals import minutes, probe
from support.harness.watching import Watching, watching

from bot.cards.card import Card
from bot.chat.dispatch import dispatch
from bot.model import Caller, Role

CALLER = Caller("slack", "U1", "C1", "Ann")


async def ask(here: Watching, line: str, role: Role = Role.RESPONDER) -> Card:
    backend = sample_backend(SampleAudits(sample_services("checkout")), incidents=here.watch)
    return [card async for card in dispatch(line, CALLER, backend, now=here.office.clock, role=role)][-1]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Watching]:
    async with watching(tmp_path) as made:
        await made.pass_by(minutes(1), lambda at: [probe(at=at)])
        yield made


async def test_where_nothing_is_watched_that_is_said() -> None:
    backend = sample_backend(SampleAudits(sample_services("checkout")))
    for line in ("incidents", "acknowledge x"):
        cards = [card async for card in dispatch(line, CALLER, backend, role=Role.ADMIN)]
        assert cards[-1].kind != "error"
        assert cards[-1].tone != "good"


async def test_incidents_are_listed_and_shown(here: Watching) -> None:
    one = await here.only()
    listed = await ask(here, "incidents", Role.VIEWER)
    assert listed.data is not None
    assert [each["id"] for each in listed.data["incidents"]] == [one.id]
    shown = await ask(here, f"incidents {one.id}", Role.VIEWER)
    assert "DynamoDB is failing" in shown.title


async def test_somebody_takes_it_on(here: Watching) -> None:
    one = await here.only()
    await ask(here, f"acknowledge {one.id}")
    await ask(here, f"assign {one.id} Bob Miller")
    await ask(here, f"mute {one.id} 2h")
    await ask(here, f"escalate {one.id} platform")
    hands = (await here.only()).handling
    assert (hands.acknowledged_by, hands.assigned_to, hands.escalated_to) == ("Ann", "Bob Miller", ("platform",))
    assert hands.muted_until == here.now + timedelta(hours=2)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("acknowledge", "Name the incident."),
        ("acknowledge nothing-like-it", "No incident is called"),
        ("mute {id} soon", "not a duration"),
        ("mute {id} 8d", "not a duration of at most 7 days"),
        ("escalate {id} nobody", "No audience is called 'nobody'. Known: "),
    ],
)
async def test_what_cannot_be_done_is_said(here: Watching, line: str, said: str) -> None:
    card = await ask(here, line.format(id=(await here.only()).id))
    assert card.kind == "error"
    assert said in f"{card.title} {card.summary}"


@pytest.mark.parametrize("word", ["assign", "escalate"])
async def test_without_a_name_a_form_asks_for_it(here: Watching, word: str) -> None:
    one = await here.only()
    card = await ask(here, f"{word} {one.id} for=payments")
    assert card.form is not None
    assert card.form.command == f"{word} {one.id} for=payments"
    assert card.form.update


async def test_me_is_whoever_asks(here: Watching) -> None:
    await ask(here, f"assign {(await here.only()).id} me")
    assert (await here.only()).handling.assigned_to == "Ann"


async def test_who_may_only_look_takes_nothing_on(here: Watching) -> None:
    one = await here.only()
    assert (await ask(here, f"acknowledge {one.id}", Role.VIEWER)).kind != "incident"
    assert (await here.only()).handling.acknowledged_by == ""
