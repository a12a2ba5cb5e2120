"""What the ledger keeps of conversations in Teams."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.harness.ledgers import ledger_at

from bot.model import Conversation

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def channel(id: str = "19:a@thread.tacv2", name: str = "Payments / Alerts", **fields: Any) -> Conversation:
    sound: dict[str, Any] = {"team": "19:team@thread.tacv2", "tenant": "t1"}
    return Conversation(
        id, "channel", {"serviceUrl": "https://smba.example/", "extra": [1]}, NOW, name, **sound | fields
    )


async def test_a_conversation_survives_a_restart_with_its_raw_reference(tmp_path: Path) -> None:
    async with ledger_at(tmp_path / "l.db") as ledger:
        await ledger.save_conversations([channel()])
    async with ledger_at(tmp_path / "l.db") as ledger:
        assert await ledger.conversations() == (channel(),)


async def test_a_later_sight_replaces_an_earlier_one_but_keeps_a_name_it_does_not_tell(tmp_path: Path) -> None:
    later = Conversation("19:a@thread.tacv2", "channel", {"serviceUrl": "https://other/"}, NOW + timedelta(hours=1))
    async with ledger_at(tmp_path / "l.db") as ledger:
        await ledger.save_conversations([channel()])
        await ledger.save_conversations([later])
        (kept,) = await ledger.conversations()
    assert kept.reference == {"serviceUrl": "https://other/"}
    assert (kept.name, kept.team, kept.seen_at) == ("Payments / Alerts", "19:team@thread.tacv2", later.seen_at)


async def test_a_team_that_is_left_takes_its_channels_along(tmp_path: Path) -> None:
    other = channel("19:c@thread.tacv2", "Search / General", team="19:search@thread.tacv2")
    async with ledger_at(tmp_path / "l.db") as ledger:
        await ledger.save_conversations([channel(), channel("19:b@thread.tacv2", "Payments / General"), other])
        await ledger.delete_conversations("19:team@thread.tacv2")
        assert await ledger.conversations() == (other,)
        await ledger.delete_conversations(other.id)
        assert await ledger.conversations() == ()
