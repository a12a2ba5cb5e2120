from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.ledgers import ledger_at

from bot.commands import dispatch
from bot.lookout import Lookout
from bot.ports import Caller
from bot.review import Review
from bot.settings import load

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("watched", "said"),
    [
        ("feeds: none", "No incidents are watched"),
        ("feeds: none, probes: true", "No incidents"),
        ("feeds: needed", "No incidents"),
        ("feed_interval: 2m", "No incidents"),
    ],
)
async def test_no_incidents_is_said_only_where_something_looks(tmp_path: Path, watched: str, said: str) -> None:
    config = tmp_path / "backstay.yaml"
    config.write_text(f"services: [{{name: checkout, tier: 1}}]\nwatch: {{{watched}}}\n")
    settings = load(config, {"HOME": str(tmp_path)})
    async with ledger_at(tmp_path / "ledger.db") as ledger:
        review = Review(settings.catalogue, (), ledger, lambda: NOW)
        Lookout(settings, review, lambda: NOW)
        cards = [card async for card in dispatch("incidents", Caller("slack", "U1"), review, now=lambda: NOW)]
    assert cards[-1].kind == "incidents"
    assert cards[-1].title.startswith(said)
    looked = (cards[-1].data or {}).get("watched")
    assert (looked is False) == (watched == "feeds: none")
