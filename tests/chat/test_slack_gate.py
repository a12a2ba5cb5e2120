"""What the door to Slack's requests lets in: what Slack itself signed lately, of a sensible size."""

import time
from collections.abc import AsyncGenerator
from io import BytesIO
from typing import Any

import pytest
from support.fakes.slack_requests import encoded, signed, slash
from support.harness.slack_app import Fields, card, slack_app

from bot.cards.card import Card
from bot.model import Caller

asked: list[str] = []


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


async def answered(line: str, _caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
    asked.append(line)
    yield card(line)


async def test_what_nobody_listens_to_is_refused_without_a_word_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with slack_app(answered) as app:
        body = {"type": "event_callback", "token": "hush", "event": {"type": "reaction_added"}}
        assert await app.ask(body) == 404
        assert "hush" not in caplog.text


async def test_slack_may_verify_the_address() -> None:
    async with slack_app(answered) as app:
        sent, kind = b'{"type":"url_verification","challenge":"c-1"}', "application/json"
        async with app.session.post(app.url, data=sent, headers=signed(sent, kind)) as answer:
            assert (answer.status, await answer.text()) == (200, '{"challenge": "c-1"}')


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"X-Slack-Signature": "v0=" + "0" * 64}, 401),
        ({"X-Slack-Signature": "v0=ünicode"}, 401),
        ({"X-Slack-Signature": ""}, 401),
        ({"X-Slack-Request-Timestamp": ""}, 401),
        ({"X-Slack-Request-Timestamp": "tomorrow"}, 401),
        ({"X-Slack-Request-Timestamp": "9" * 400}, 401),
        ({"X-Slack-Request-Timestamp": str(int(time.time()) + 3600)}, 401),
        ({}, 200),
    ],
)
async def test_only_slacks_own_requests_are_heard(change: dict[str, str], expected: int) -> None:
    async with slack_app(answered) as app:
        assert await app.ask(slash("scorecard")) == 200
        await app.settle()
        asked.clear()
        sent, kind = encoded(slash("scorecard"))
        headers = signed(sent, kind) | change
        async with app.session.post(app.url, data=sent, headers=headers) as answer:
            assert answer.status == expected
        await app.settle()
        assert len(asked) == (1 if expected == 200 else 0)


@pytest.mark.parametrize(("age", "expected"), [(0, 200), (290, 200), (360, 401), (86_400, 401)])
async def test_an_old_signature_is_a_replay(age: float, expected: int) -> None:
    async with slack_app(answered) as app:
        sent, kind = encoded(slash("scorecard"))
        async with app.session.post(app.url, data=sent, headers=signed(sent, kind, age=age)) as answer:
            assert answer.status == expected


async def test_a_changed_body_and_a_wrong_secret_are_forged() -> None:
    async with slack_app(answered) as app:
        sent, kind = encoded(slash("scorecard"))
        for body, headers in (
            (sent + b"&text=whatif+aws", signed(sent, kind)),
            (sent, signed(sent, kind, secret="guessed")),
        ):
            async with app.session.post(app.url, data=body, headers=headers) as answer:
                assert answer.status == 401
        assert asked == []


@pytest.mark.parametrize("chunked", [False, True])
async def test_ten_megabytes_are_too_much(chunked: bool) -> None:
    async def pieces() -> AsyncGenerator[bytes, None]:
        for _ in range(160):
            yield b"x" * 65_536

    async with slack_app(answered) as app:
        body: Any = pieces() if chunked else BytesIO(b"x" * 10_485_760)
        headers = signed(b"x", "application/x-www-form-urlencoded")
        async with app.session.post(app.url, data=body, headers=headers, expect100=not chunked) as answer:
            assert answer.status == 413
        assert await app.ask(slash("scorecard")) == 200


@pytest.mark.parametrize("sent", [b"\xff\xfe", b"{", b"payload=%7B", b"", b"payload=[]", b"null"])
async def test_signed_nonsense_is_no_harm(sent: bytes) -> None:
    async with slack_app(answered) as app:
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            async with app.session.post(app.url, data=sent, headers=signed(sent, kind)) as answer:
                assert answer.status in (400, 404)
        assert await app.ask(slash("scorecard")) == 200
