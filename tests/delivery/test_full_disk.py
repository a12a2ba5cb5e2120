"""A disk that is full to its last byte: alerts that were accepted before go out from memory, and are written down later."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.posts import message
from support.fakes.misbehaving import status
from support.harness.office import HOOK, SLACK, Office, open_office
from support.harness.small_disk import SmallDisk, small_disk

from bot.model import Message, Priority
from bot.storage.ledger import LedgerError

ALERT = Priority.ALERT


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[tuple[Office, SmallDisk]]:
    with small_disk(tmp_path) as disk:
        async with open_office(disk.root) as office:
            yield office, disk


async def use_up(office: Office, disk: SmallDisk) -> None:
    """Fill the disk; small writes may still fit where SQLite reuses space, so write until none does."""
    disk.fill()
    later = office.clock() + timedelta(days=9)
    for number in range(500):
        try:
            await office.ledger.post(message(f"filler {number}", audience="filler", title="x" * 20_000), [HOOK], later)
        except LedgerError as error:
            if error.disk:
                return
            raise


def alert(name: str, audience: str = "payments") -> Message:
    return message(name, audience=audience, priority=ALERT)


async def test_alerts_go_out_in_order_and_are_written_down_once_there_is_space(
    full: tuple[Office, SmallDisk],
) -> None:
    office, disk = full
    for name in ("first", "second"):
        await office.post(alert(name))
    await office.post(alert("other", "billing"), HOOK)
    await office.post(message("a report"))
    await use_up(office, disk)
    sender = office.sender()
    with pytest.raises(LedgerError, match="cannot be written"):
        await sender.deliver_due()
    assert office.in_slack() == ["first", "second"]
    assert office.hook.delivered == ["other"]
    disk.free()
    await sender.deliver_due()
    assert [await office.outcomes(name) for name in ("first", "second")] == [[(SLACK, "sent")]] * 2
    assert office.in_slack() == ["first", "second", "a report"]
    assert await office.sender().deliver_due() == 0


async def test_rounds_that_failed_in_memory_are_written_down_as_well(full: tuple[Office, SmallDisk]) -> None:
    office, disk = full
    office.hook.always("hook", status(503))
    await office.post(alert("late"), HOOK)
    await use_up(office, disk)
    sender = office.sender()
    for _ in range(3):
        with pytest.raises(LedgerError, match="cannot be written"):
            await sender.deliver_due()
        await office.clock.sleep(60)
    office.hook.always("hook")
    with pytest.raises(LedgerError, match="cannot be written"):
        await sender.deliver_due()
    assert office.hook.delivered == ["late"]
    disk.free()
    await sender.deliver_due()
    assert [(route, outcome) for route, outcome in await office.outcomes("late") if outcome != "skipped"] == [
        *[(HOOK, "retry")] * 3,
        (HOOK, "sent"),
    ]
    assert (office.hook.delivered.count("late"), await office.sender().deliver_due()) == (1, 0)
