"""An organization read by workers on one PostgreSQL: shared, taken over from the dead, and never silently incomplete."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from procrastinate import schema
from support.harness.ledgers import ledger_at
from support.samples.organisation import OWN, YAML, Organisation, organisation, worker

from bot.app.settings import Settings, load
from bot.app.wiring.audit import audit_service_on, aws
from bot.audit.collectors.aws.batches import keep_all
from bot.audit.workers.distributed import DistributedCollector
from bot.audit.workers.queue import JobQueue, psycopg_conninfo
from bot.model import Collected, Progress, UnusableError, utc_now
from bot.storage.ledger import Ledger
from checks import Datastore

FILES = sorted(Path(schema.SchemaManager.get_migrations_path()).glob("*.sql"))


@dataclass
class Estate:
    """The organization, the ledger, and who asks."""

    organisation: Organisation
    ledger: Ledger
    database: str
    folder: Path
    heard: list[Progress] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        return {**self.organisation.env, "LEDGER": self.database}

    @property
    def settings(self) -> Settings:
        return load(self.folder / "backstay.yaml", self.env)

    def worker(self, name: str, **words: Any) -> Any:
        return worker(self.folder / name, self.env, **words)

    def farm(self, *, patience: float = 90, worker_timeout: float = 60) -> DistributedCollector:
        source, waits = aws(self.settings), timedelta(seconds=patience)
        without_workers = timedelta(seconds=worker_timeout)
        return DistributedCollector(
            self.ledger,
            lambda: JobQueue(self.database),
            source,
            keep_all,
            utc_now,
            waits,
            worker_timeout=without_workers,
        )

    async def collect(self, **words: Any) -> Collected:
        with leading_to(self.env):
            return await self.farm(**words).collect((), self.heard.append)

    async def reading(self) -> set[str]:
        """Accounts that are being read, by whom."""
        async with self.ledger.read() as connection:
            rows = await connection.exec_driver_sql("SELECT worker FROM audit_units WHERE state = 'reading'")
            return {row.worker for row in rows}


@contextmanager
def leading_to(env: Mapping[str, str]) -> Iterator[None]:
    """The child that lists accounts takes its credentials from the environment."""
    old = dict(os.environ)
    os.environ.update(env)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(old)


@pytest.fixture
async def estate(tmp_path: Path, database: str) -> AsyncIterator[Estate]:
    (tmp_path / "backstay.yaml").write_text(YAML, encoding="utf-8")
    with organisation(4) as there:
        async with ledger_at(database) as ledger:
            yield Estate(there, ledger, database, tmp_path)


def stores(run: Collected) -> list[str]:
    return sorted(fact.account for fact in run.facts if isinstance(fact, Datastore))


async def test_two_workers_read_an_organization_and_tell_whom_they_could_not_enter(estate: Estate) -> None:
    there = estate.organisation
    there.closed = {there.accounts[2]}
    async with estate.worker("one"), estate.worker("two"):
        first, second = await asyncio.gather(estate.collect(), estate.collect())
    entered = [account for account in there.accounts if account not in there.closed]
    for run in (first, second):
        assert stores(run) == entered == sorted(run.accounts)
        hidden = [gap for gap in run.gaps if gap.account in there.closed and not gap.region]
        assert any(Datastore in gap.kinds for gap in hidden)
        assert all("cannot be assumed" in gap.reason for gap in hidden)
    assert len(there.aws.asked("dynamodb", "ListTables")) == len(entered), "who asks at the same time gets the same run"
    assert any("workers reading accounts" in step.doing for step in estate.heard)
    assert all(step.total in (0, 4) for step in estate.heard)


async def test_a_worker_that_dies_is_replaced_and_one_that_stops_hands_over(estate: Estate) -> None:
    there = estate.organisation
    there.slow = 3
    asking = asyncio.create_task(estate.collect())
    async with estate.worker("one", concurrency=2) as first:
        async with asyncio.timeout(30):
            while not await estate.reading():  # noqa: ASYNC110 - a worker rings no bell
                await asyncio.sleep(0.05)
        first.send_signal(signal.SIGKILL)
        await first.wait()
        there.slow = 0
        async with estate.worker("two") as two:
            run = await asyncio.wait_for(asking, 60)
            assert stores(run) == list(there.accounts)
            assert [gap for gap in run.gaps if not gap.region] == []
            two.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(two.wait(), 60) == 0


async def test_what_no_worker_reads_in_time_is_named(estate: Estate) -> None:
    there = estate.organisation
    there.slow = 60  # but only from the second account on
    there.aws.on("dynamodb", "ListTables", [{"TableNames": ["orders"]}, there.tables])
    async with estate.worker("one", concurrency=1):
        run = await estate.collect(patience=20)
    assert len(stores(run)) == 1
    late = {gap.account for gap in run.gaps if "no worker read it within" in gap.reason}
    assert late == set(there.accounts) - set(run.accounts)


async def test_without_any_worker_it_says_what_to_start(estate: Estate) -> None:
    with pytest.raises(UnusableError, match="no worker is running") as told:
        await estate.collect(worker_timeout=1)
    assert "backstay worker" in told.value.fix


async def test_a_worker_outlives_a_database_that_drops_every_connection(estate: Estate) -> None:
    async with estate.worker("one"), JobQueue(estate.database).opened() as queue:
        async with asyncio.timeout(30):
            while not await queue.workers():  # noqa: ASYNC110 - a worker rings no bell
                await asyncio.sleep(0.05)
        async with estate.ledger.read() as connection:
            await connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        run = await asyncio.wait_for(estate.collect(), 60)
    assert stores(run) == list(estate.organisation.accounts)


async def test_a_review_by_workers_scores_and_drops_in_coverage_with_what_is_closed(estate: Estate) -> None:
    there = estate.organisation
    with leading_to(estate.env):
        async with estate.worker("one"):
            review = audit_service_on(estate.settings, estate.ledger)
            whole = await review.audit((), estate.heard.append)
            there.closed = set(there.accounts[1:])
            part = await review.audit((), estate.heard.append)
    assert part.scorecard.coverage <= whole.scorecard.coverage
    assert {gap.account for gap in part.collected.gaps if not gap.region} == there.closed
    assert OWN in part.collected.accounts


async def test_a_queue_that_cannot_be_reached_is_told_without_its_password(database: str) -> None:
    nowhere = JobQueue(database.replace("backstay@", "eve:hunter2@"), patience=1)
    with pytest.raises(UnusableError, match="audit queue is unreachable") as told:
        async with nowhere.opened():
            pytest.fail("there is no such database")
    assert "hunter2" not in str(told.value)


async def test_a_ledger_on_sqlite_has_no_workers(estate: Estate) -> None:
    with pytest.raises(UnusableError, match="need a ledger on PostgreSQL"):
        psycopg_conninfo(str(estate.folder / "backstay.db"))


async def test_older_tables_of_the_queue_are_brought_up_to_date(database: str) -> None:
    before = [file for file in FILES if file.name < "03.04"]
    async with await psycopg.AsyncConnection.connect(psycopg_conninfo(database), autocommit=True) as connection:
        for file in before:
            await connection.execute(file.read_bytes())
        await connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{before[-1].name}'".encode())
        for _ in range(2):
            async with JobQueue(database).opened() as queue:
                assert await queue.workers() == 0
        found = await connection.execute("SELECT count(*) FROM pg_proc WHERE proname LIKE 'procrastinate_retry_job%'")
        fresh = [str(row) for row in await found.fetchall()]
        assert fresh != ["(0,)"]
        comment = await connection.execute("SELECT obj_description(to_regclass('procrastinate_jobs'))")
        assert await comment.fetchone() == (FILES[-1].name,)
