"""Ledgers that an earlier version wrote, and its code; ledgers with evidence."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.builders.evidence import lived_in
from support.harness import postgres, version_before
from support.harness.ledgers import ledger_at, new_file

from bot.storage.evidence_chain import ChainHead
from bot.storage.evidence_verification import chain_head


@pytest.fixture(scope="session")
def code_of_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the earlier version's code."""
    if not version_before.in_history():
        pytest.skip(
            f"this clone has no commit {version_before.COMMIT} (git fetch --unshallow): replicas are NOT tested"
        )
    folder = tmp_path_factory.mktemp("before")
    version_before.extract(folder)
    return folder


@pytest.fixture(scope="session")
def sqlite_of_before(code_of_before: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An SQLite ledger that the earlier version has just written."""
    path = tmp_path_factory.mktemp("written") / "ledger.db"
    version_before.run(code_of_before, "fill", str(path))
    return path.read_bytes()


@pytest.fixture(scope="session")
def postgresql_of_before(code_of_before: Path, postgresql: str) -> str:
    """A PostgreSQL ledger that the earlier version has just written, to be copied from."""
    url = postgres.new_database(postgresql)
    version_before.run(code_of_before, "fill", url)
    return url


@pytest.fixture(params=["the file in the repository", "sqlite", "postgresql"])
def left_behind(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A ledger of the earlier version, for one test to use up."""
    path = tmp_path / "ledger.db"
    if request.param == "postgresql":
        return postgres.copied_database(request.getfixturevalue("postgresql_of_before"))
    if request.param == "sqlite":
        path.write_bytes(request.getfixturevalue("sqlite_of_before"))
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(version_before.LEFT_BEHIND.read_text(encoding="utf-8"))
    return str(path)


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, ChainHead]:
    """A SQLite ledger with evidence, and its head as a report carries it."""
    path = tmp_path_factory.mktemp("intact") / "ledger.db"

    async def written() -> ChainHead:
        async with ledger_at(str(await new_file(path))) as ledger:
            await lived_in(ledger)
            return await chain_head(ledger)

    return (path.read_bytes(), head) if (head := asyncio.run(written())) else (b"", head)


@pytest.fixture(params=["sqlite", "postgresql"])
def on_both(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty ledger, on each database in turn."""
    url: str = str(tmp_path / "ledger.db") if request.param == "sqlite" else request.getfixturevalue("database")
    return url
