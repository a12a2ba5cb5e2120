"""The ledger goes away under a running `serve`: nothing is accepted that would be lost, operators hear of it, and it goes on."""

import resource
from pathlib import Path

from support.harness.installation import TOKEN, installation
from support.harness.serving import backstay_serve
from support.harness.waiting import until

WITHIN = 60


async def test_a_ledger_that_was_removed_is_noticed_and_taken_up_again(tmp_path: Path) -> None:
    async with installation(tmp_path) as here:
        assert (await here.alert("first"), await here.ready()) == (200, 200)
        away = tmp_path / "away.db"
        here.ledger.rename(away)
        assert (await here.alert("lost"), await here.broadcast("lost"), await here.ready()) == (503, 503, 503)
        await until(lambda: bool(here.told("ledger_trouble")), within=WITHIN)
        assert "was removed" in here.told("ledger_trouble")[0]
        away.rename(here.ledger)
        await until(lambda: bool(here.told("ledger_works")), within=WITHIN)
        assert (await here.alert("second"), await here.broadcast("heard"), await here.ready()) == (200, 200, 200)
        await until(lambda: bool(here.told("broadcast")), within=WITHIN)
        assert await here.served.stop() == 0
        assert not [line for line in here.served.log if "Traceback" in line]


async def test_another_ledger_in_its_place_is_not_taken(tmp_path: Path) -> None:
    async with installation(tmp_path) as here:
        for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        async with backstay_serve(tmp_path, (tmp_path / "backstay.yaml").read_text(), {"TOKEN": TOKEN}) as second:
            assert await second.stop() == 0
        assert (await here.alert("lost"), await here.ready()) == (503, 503)
        assert here.told("ledger_works") == []
        assert await here.served.stop() == 0


async def test_a_full_disk_is_told_while_it_is_full(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: SQLite is refused the write in the same moment."""
    async with installation(tmp_path) as here:
        assert await here.alert("first") == 200
        _, hard = resource.prlimit(here.served.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(here.served.process.pid, resource.RLIMIT_FSIZE, (600_000, hard))
        statuses = [await here.broadcast(f"{number} " + "x" * 1_900) for number in range(200)]
        assert 503 in statuses
        await until(lambda: bool(here.told("ledger_trouble")), within=WITHIN)
        assert "cannot be written" in here.told("ledger_trouble")[0]
        assert await here.ready() == 503
        resource.prlimit(here.served.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        assert await here.alert("second") == 200
        assert await here.served.stop() == 0
