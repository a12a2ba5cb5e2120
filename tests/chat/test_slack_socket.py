"""Socket Mode holds on whatever Slack does: down at the start, gone in between."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from support.fakes.misbehaving import Behaviour, body, error, hang, reset, status
from support.fakes.slack_requests import slash
from support.harness.slack_app import Fields, card, slack_app, titles

from bot.cards.card import Card
from bot.model import Caller


async def answered(line: str, _caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
    yield card(f"Answer to {line}")


@pytest.mark.parametrize("down", [status(503), hang(), reset(), error("internal_error"), body("{}")])
async def test_socket_mode_survives_a_slack_that_is_down_at_first(down: Behaviour) -> None:
    async with slack_app(answered, socket=True, down=down, ping_seconds=0.05, give_up_seconds=0.2) as app:
        await asyncio.sleep(0.3)
        assert app.chat.socket is not None
        assert not app.chat.socket.connected
        app.slack.always("*")
        await app.ask(slash("scorecard billing"), over="socket")
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard billing"]
        await asyncio.sleep(0.1)
        assert app.chat.socket.connected


async def test_socket_mode_comes_back_after_slack_drops_it() -> None:
    async with slack_app(answered, socket=True, ping_seconds=0.05, give_up_seconds=0.3) as app:
        await app.slack.connected()
        app.slack.always("apps.connections.open", error("internal_error"))
        await app.slack.drop_sockets()
        await asyncio.sleep(0.2)
        app.slack.always("apps.connections.open")
        await app.ask(slash("scorecard billing"), over="socket")
        await app.settle()
        assert titles(app.slack.channel("payments")) == ["Answer to scorecard billing"]
