"""Signed bodies that Slack would never send: any part missing or of another type is refused, and breaks nothing."""

from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest
from support.fakes.slack_requests import (
    direct,
    encoded,
    home_opened,
    mention,
    press,
    shortcut,
    signed,
    slash,
    submission,
)
from support.harness.slack_app import Fields, card, slack_app

from bot.cards.card import Card
from bot.model import Caller

ODD: tuple[Any, ...] = (None, [], {}, "x", 0, [None], [[]], {"id": []}, {"type": {}})
BODIES = {
    "a press": press("scorecard"),
    "a submission": submission({"type": "modal", "callback_id": "form", "private_metadata": "{}"}),
    "a shortcut": shortcut("scorecard"),
    "a message shortcut": shortcut("broadcast_message", message="1.2", text="hello"),
    "a mention": mention("<@UBOT> scorecard"),
    "a direct message": direct("scorecard"),
    "the App Home": home_opened(),
}


async def answered(line: str, _caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
    yield card(line)


def mutations(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The body without each of its parts, and with each of them odd; the same one level deeper."""
    for name, value in body.items():
        yield {key: part for key, part in body.items() if key != name}
        yield from (body | {name: odd} for odd in ODD)
        if isinstance(value, dict):
            yield from (body | {name: deeper} for deeper in mutations(value))
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from (body | {name: [deeper]} for deeper in mutations(value[0]))


@pytest.mark.parametrize("name", BODIES)
async def test_an_odd_part_is_refused_or_ignored(name: str, caplog: pytest.LogCaptureFixture) -> None:
    broken: list[tuple[int, dict[str, Any]]] = []
    async with slack_app(answered) as app:
        for body in mutations(BODIES[name]):
            try:
                sent, kind = encoded(body)
            except TypeError:  # its type cannot even be looked up
                continue
            async with app.session.post(app.url, data=sent, headers=signed(sent, kind)) as answer:
                if answer.status not in (200, 400, 404):
                    broken.append((answer.status, body))
        assert await app.ask(slash("scorecard")) == 200
    assert broken == []
    assert "Traceback" not in caplog.text
