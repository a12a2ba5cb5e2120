"""A text with U+0000 or half a surrogate pair is stored without it, on SQLite and PostgreSQL alike."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.builders.posts import START, message
from support.builders.signals import probe
from support.harness import postgres
from support.harness.ledgers import ledger_at

from bot.model import Conversation
from bot.model.records import Broadcast
from bot.storage.ledger import AuditLogEntry, Ledger
from bot.storage.storable import json_text, storable

ODD = "a\0b \ud83d\0"
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    if request.param == "postgresql":
        where: str | Path = postgres.new_database(request.getfixturevalue("postgresql"))
    else:
        where = tmp_path
    async with ledger_at(where) as opened:
        yield opened


async def test_a_message_is_taken_and_found_again(ledger: Ledger) -> None:
    assert await ledger.post(message(f"m {ODD}", audience=ODD, title=f"Title {ODD}"), [f"webhook:{ODD}"], START)
    [claim] = await ledger.claim(f"sender {ODD}", START, timedelta(minutes=1), 5)
    assert (claim.message.id, claim.message.audience) == ("m ab ?", "ab ?")
    assert "\0" not in str(claim.message.card)
    assert not await ledger.post(message("m ab ?", audience="other"), ["x"], START), "it is the same id"


async def test_what_people_and_monitoring_send_is_taken(ledger: Ledger) -> None:
    await ledger.log(AuditLogEntry(NOW, ODD, "hook", {"command": ODD, ODD: ODD}))
    await ledger.save_conversations([Conversation(ODD, "channel", {"id": ODD}, NOW, ODD, ODD, ODD)])
    draft = Broadcast("b1", ODD, "warning", (ODD,), ODD, ODD, NOW)
    await ledger.draft(draft)
    await ledger.save_alerts(ODD, [probe(kind="hook", detail=ODD, source=ODD)], NOW)


def test_a_backslash_that_is_typed_before_u0000_stays() -> None:
    assert json_text({"a": "x\0y\\u0000\\\0"}) == '{"a": "xy\\\\u0000\\\\"}'
    assert storable("plain") == "plain"
