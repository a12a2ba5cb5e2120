"""The disk of a running `serve` is full to its last byte: what was accepted before goes out all the same, once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders.alerts import alert, alertmanager
from support.builders.posts import START
from support.fakes.misbehaving import status
from support.harness.installation import TOKEN, Installation, installation
from support.harness.ledgers import ledger_at
from support.harness.small_disk import SmallDisk, small_disk
from support.harness.waiting import until

WITHIN = 60


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path) as mounted:
        yield mounted


async def test_what_was_accepted_before_goes_out_while_the_disk_is_full_and_only_once(
    tmp_path: Path, disk: SmallDisk
) -> None:
    ledger = disk.root / "ledger.db"
    async with installation(tmp_path, ledger) as here:
        here.hook.always("hook", status(503))
        assert await here.broadcast("accepted before") == 200
        await until(lambda: here.hook.asked, within=WITHIN)
        disk.fill()
        assert (await here.broadcast("refused"), await here.ready()) == (503, 503)
        here.hook.always("hook")
        await until(lambda: here.told("broadcast"), within=WITHIN)
        await until(lambda: here.told("ledger_trouble"), within=WITHIN)
        assert "is full" in here.told("ledger_trouble")[0] or "cannot be written" in here.told("ledger_trouble")[0]
        assert "Alerts are sent from memory" in here.told("ledger_trouble")[0]
        disk.free()
        await until(lambda: here.told("ledger_works"), within=WITHIN)
        assert await here.ready() == 200
        await asyncio.sleep(6)  # the sender polls the outbox every 5 s
        assert len(here.told("broadcast")) == 1
        assert await here.served.stop() == 0
        assert not [line for line in here.served.log if "Traceback" in line]
    async with ledger_at(str(ledger)) as reopened:
        outcomes = [receipt.outcome for receipt in await reopened.receipts() if receipt.audience == "payments"]
        assert (outcomes.count("sent"), (await reopened.backlog()).pending) == (1, 0)


WATCHED = {
    "hooks": {
        "token": "env:TOKEN",
        "sources": [
            {"name": name, "format": "alertmanager", "token": "env:TOKEN", "about": "checkout"} for name in ("am", "pm")
        ],
    },
    "services": [
        {"name": "checkout", "tier": 1, "depends_on": ["aws/us-east-1/dynamodb"], "deployments": ["aws/us-east-1"]}
    ],
}


async def fired(here: Installation) -> list[int]:
    """Two sources that report the same in the same place make it certain at once."""
    found = []
    for source in ("am", "pm"):
        url, headers = f"{here.served.url}/hooks/in/{source}", {"Authorization": f"Bearer {TOKEN}"}
        async with here.session.post(url, json=alertmanager(alert()), headers=headers) as answer:
            found.append(answer.status)
    return found


async def test_an_alert_that_was_taken_in_just_before_is_told_while_the_disk_is_full(
    tmp_path: Path, disk: SmallDisk
) -> None:
    """It is in the ledger as what monitoring said; the message about it is made when nothing can be written any more."""
    ledger = disk.root / "ledger.db"
    async with installation(tmp_path, ledger, **WATCHED) as here:
        assert await fired(here) == [200, 200]
        disk.fill()
        await until(lambda: here.told("alert"), within=WITHIN)
        assert await here.ready() == 503
        disk.free()
        await until(lambda: here.told("ledger_works"), within=WITHIN)
        await asyncio.sleep(6)  # the sender polls the outbox every 5 s
        assert len(here.told("alert")) == 1
        assert await here.served.stop() == 0
        assert "incidents_kept_in_memory" in "".join(here.served.log)
        assert not [line for line in here.served.log if "Traceback" in line]
    async with ledger_at(str(ledger)) as reopened:
        receipts = await reopened.receipts(audience="payments")
        sent = [receipt for receipt in receipts if receipt.message.startswith("alert:") and receipt.outcome == "sent"]
        assert len(sent) == 1
        assert len(await reopened.incidents_since(START)) == 1
        assert (await reopened.backlog()).pending == 0
