"""Migrations while replicas of before go on: they only add, one at a time, and stand in nobody's way for long."""

import ast
import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, MetaData, Table, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection
from support.builders.posts import message
from support.harness.ledgers import ledger_at

import bot.storage.migrations.versions as migrations
from bot.storage.engine import engine_for
from bot.storage.ledger import Ledger, LedgerError
from bot.storage.opening import address
from bot.storage.schema_version import HEAD, migrate
from bot.storage.tables import metadata

PATIENCE = timedelta(seconds=10)
SHAPES = [f"{number:04}" for number in range(1, int(HEAD) + 1)]
QUICK = ("outbox",)
"""Filled tables that an index may be put on: a few numbers and words a message, some 100,000 messages; below a second."""

FILES = sorted(Path(next(iter(migrations.__path__))).glob("v*.py"))


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    url: str = str(tmp_path / "backstay.db") if request.param == "sqlite" else request.getfixturevalue("database")
    return url


async def left_at(where: str, revision: str) -> None:
    """A ledger as an older version left it."""
    engine = engine_for(address(where), PATIENCE)
    async with engine.begin() as connection:
        await connection.run_sync(migrate, revision)
    await engine.dispose()


def tables(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    return found


async def shape(where: str) -> MetaData:
    engine = engine_for(address(where), PATIENCE)
    async with engine.connect() as connection:
        found = await connection.run_sync(tables)
    await engine.dispose()
    return found


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call of Alembic's `op`, by its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("op."):
            yield ast.unparse(node.func).removeprefix("op."), node


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_migration_only_adds(file: Path) -> None:
    tree = ast.parse(file.read_text())
    made = [ast.literal_eval(call.args[0]) for name, call in calls(tree) if name == "create_table"]
    for name, call in calls(tree):
        assert name in {"create_table", "add_column", "create_index"}, f"{name} takes away from replicas of before"
        words = ast.unparse(call)
        if name == "add_column":
            assert "nullable=False" not in words or "server_default" in words, "older replicas do not fill it"
        if name == "create_index":
            assert ast.literal_eval(call.args[1]) in {*made, *QUICK}, (
                "an index on a filled table holds up posts while it is built"
            )


def made_up(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, sa.DateTime):
        zone = UTC if column.type.timezone else None
        return datetime(2026, 11, 23, 9, 0, tzinfo=zone)
    if isinstance(column.type, sa.JSON):
        return {"a": 1}
    if isinstance(column.type, sa.LargeBinary):
        return b"x"
    return 1 if isinstance(column.type, sa.Integer | sa.Float) else "x"


async def written_and_read(connection: AsyncConnection, table: Table) -> None:
    """What a replica that knows this shape of the table does with it."""
    row = {column.name: made_up(column) for column in table.columns}
    same = sa.and_(*(column == row[column.name] for column in table.primary_key.columns))
    await connection.execute(table.insert().values(row))
    assert (await connection.execute(sa.select(table).where(same))).one()
    await connection.execute(table.update().where(same).values(row))


@pytest.mark.parametrize("before", SHAPES)
async def test_statements_of_before_work_on_the_tables_of_now(where: str, before: str, tmp_path: Path) -> None:
    if where.startswith("postgresql"):
        await left_at(where, before)
        old = await shape(where)
    else:
        await left_at(str(tmp_path / "old.db"), before)
        old = await shape(str(tmp_path / "old.db"))
    async with ledger_at(where) as ledger, ledger.write() as connection:
        names = [table.name for table in metadata.sorted_tables if table.name in old.tables]
        assert names
        for name in names:
            if name != "ledger_shape":  # whoever migrates writes its one row
                await written_and_read(connection, old.tables[name])
        for name in reversed(names):
            if name != "ledger_shape":
                await connection.execute(old.tables[name].delete())


async def stamp(where: str, revision: str, usable_from: str) -> None:
    """As a later version would leave it, with a table and a column that this one does not know."""
    async with ledger_at(where) as ledger, ledger.write() as connection:
        await connection.execute(text("CREATE TABLE later (id INTEGER PRIMARY KEY)"))
        await connection.execute(text("ALTER TABLE messages ADD COLUMN later TEXT"))
        await connection.execute(text("UPDATE ledger_shape SET usable_from = :it"), {"it": usable_from})
        await connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


async def test_a_newer_ledger_that_allows_for_us_is_used(where: str) -> None:
    await stamp(where, "9999", HEAD)
    async with ledger_at(where) as ledger:
        assert await ledger.post(message(), ["slack:#payments"])
        async with ledger.read() as connection:
            assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


async def test_a_newer_ledger_that_has_outgrown_us_is_left_alone(where: str) -> None:
    await stamp(where, "9999", "9998")
    with pytest.raises(LedgerError, match=r"written by a newer backstay \(9999\)"):
        await Ledger.open(where)


@pytest.mark.parametrize("before", ["", "0001", SHAPES[-2]])
async def test_replicas_that_start_at_once_migrate_once(where: str, before: str) -> None:
    if before:
        await left_at(where, before)
    opened = await asyncio.gather(*(Ledger.open(where) for _ in range(6)))
    accepted = await asyncio.gather(*(replica.post(message(), ["slack:#payments"]) for replica in opened))
    assert sorted(accepted) == [False] * 5 + [True]
    for replica in opened:
        await replica.close()


async def test_a_migration_stands_in_nobodys_way_for_long(database: str) -> None:
    await left_at(database, "0003")  # 0004 adds a column to the messages
    engine = engine_for(address(database), PATIENCE)
    accept = text(
        "INSERT INTO messages (id, audience, card, priority, created_at) VALUES (:id, 'ops', '{}', 'alert', now())"
    )
    async with engine.connect() as reader:
        await reader.execute(text("SELECT count(*) FROM messages"))  # a long report, say: holds the table as it is
        opening = asyncio.create_task(Ledger.open(database))
        for number in range(12):
            async with asyncio.timeout(60), engine.begin() as replica:
                await replica.execute(accept, {"id": f"m{number}"})
            await asyncio.sleep(0.05)
        assert not opening.done()
        await reader.rollback()
    ledger = await asyncio.wait_for(opening, 60)
    async with ledger.read() as connection:
        columns = await connection.run_sync(
            lambda sync: {column["name"] for column in inspect(sync).get_columns("messages")}
        )
    assert "replaces" in columns
    await ledger.close()
    await engine.dispose()
