"""What an audience was told about an incident survives a restart, also where an earlier version wrote it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from support.harness.ledgers import ledger_at
from support.samples.stored import AT, NOW, OPEN, Stored

from bot.model import Message, Priority
from bot.model.notifications import NotificationState
from bot.storage.engine import engine_for
from bot.storage.opening import address
from bot.storage.schema_version import migrate

made = Stored(NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    url: str = str(tmp_path / "ledger.db") if request.param == "sqlite" else request.getfixturevalue("database")
    return url


async def test_everything_that_the_limits_need_is_kept(where: str) -> None:
    state: NotificationState = replace(
        made.told(),
        alert_key="incident:another:payments",
        reason="worse",
        interrupted=(AT, AT + timedelta(minutes=7, microseconds=5)),
        hit=("checkout", "login"),
        was_down=("checkout",),
        acknowledged_by="Ada",
    )
    async with ledger_at(where) as ledger:
        async with ledger.begin() as transaction:
            await transaction.save_incident(made.incident())
            await transaction.save_notification_state(made.told())
            await transaction.save_notification_state(state)
        assert await ledger.notification_states(OPEN) == (state,)


async def test_a_state_of_an_earlier_version_is_read_and_says_what_it_knew(where: str) -> None:
    engine = engine_for(address(where), timedelta(seconds=10))
    columns = "incident, audience, message, phase, wave, severity, down, at, step"
    values = (
        f"'{OPEN}', 'payments', 'alert:x', 'confirmed', 1, 'critical', '[\"checkout\"]', '2026-11-23 09:00:00+00:00', 1"
    )
    async with engine.begin() as connection:
        await connection.run_sync(migrate, "0012")
        await connection.execute(
            text(
                "INSERT INTO incidents (id, phase, onset_at, updated_at, body) "  # noqa: S608 - our own names
                f"VALUES ('{OPEN}', 'confirmed', '2026-11-23 09:00:00+00:00', '2026-11-23 09:00:00+00:00', '{{}}')"
            )
        )
        await connection.execute(text(f"INSERT INTO alerts ({columns}) VALUES ({values})"))  # noqa: S608 - our own names
    await engine.dispose()
    async with ledger_at(where) as ledger:
        (state,) = await ledger.notification_states(OPEN)
        assert (state.interrupted, state.hit, state.was_down, state.reason) == ((), (), (), "")
        assert (state.down, state.key) == (("checkout",), f"incident:{OPEN}:payments")
        assert await ledger.post(Message("m", "payments", {}, Priority.ALERT, alert_key=state.key), ["a"], AT)
        claim = await ledger.claim_one("m", "me", AT, timedelta(minutes=1))
        assert claim is not None
        assert claim.message.alert_key == state.key
