"""`backstay incidents` lists when an incident started by its page, and when we saw it where that was later."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.builders.happenings import sample_incident
from support.harness.ledgers import ledger_at
from typer.testing import CliRunner

from bot.app.cli.app import app
from bot.model.incidents import ProviderStatement

SEEN = datetime.now(UTC).replace(second=20, microsecond=0) - timedelta(hours=2)
BEGAN = SEEN - timedelta(minutes=40)
LATER = sample_incident(
    0, id="later-1", onset_at=SEEN, words=(ProviderStatement("stripe", True, SEEN, "Errors", began=BEGAN),)
)  # fmt: skip
AT_ONCE = replace(LATER, id="at-once-1", words=(ProviderStatement("stripe", True, SEEN, "Errors", began=SEEN),))
SILENT = replace(LATER, id="silent-1", words=())


def minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


@pytest.fixture
async def listed(tmp_path: Path) -> Callable[[str], str]:
    (tmp_path / "backstay.yaml").write_text(f"ledger: {tmp_path / 'here.db'}\n")
    async with ledger_at(str(tmp_path / "here.db")) as ledger, ledger.begin() as transaction:
        for incident in (LATER, AT_ONCE, SILENT):
            await transaction.save_incident(incident)
    return lambda form: _run(tmp_path, form)


def _run(folder: Path, form: str) -> str:
    runner = CliRunner(env={"COLUMNS": "300", "NO_COLOR": "1"})
    ran = runner.invoke(app, ["incidents", "--format", form, "-c", str(folder / "backstay.yaml")])
    assert ran.exit_code == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("form", ["text", "markdown"])
async def test_when_it_began_and_when_it_was_seen(listed: Callable[[str], str], form: str) -> None:
    told = await asyncio.to_thread(listed, form)
    rows = {key: row for row in told.splitlines() for key in ("later-1", "at-once-1", "silent-1") if key in row}
    assert minute(BEGAN) in rows["later-1"]
    assert re.search(rf", seen {minute(SEEN)}\b", rows["later-1"])
    for key in ("at-once-1", "silent-1"):
        assert minute(SEEN) in rows[key]
        assert "seen" not in rows[key]
