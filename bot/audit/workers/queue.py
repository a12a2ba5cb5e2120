"""Queues accounts as Procrastinate jobs in the ledger's PostgreSQL, and runs the worker that takes them."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.engine import make_url

from bot.model import UnusableError

try:
    import procrastinate
    import psycopg
    from procrastinate import exceptions, schema
except ModuleNotFoundError:
    raise UnusableError("workers need Procrastinate, which is not installed", "install backstay[scale]") from None

QUEUE, TASK = "backstay-audits", "backstay.read_account"

HEARTBEAT_INTERVAL, DEAD_AFTER = 5.0, 20.0
"""Seconds between a worker's heartbeats, and seconds without one after which another worker takes over its accounts."""

MAX_ATTEMPTS = 4
"""Attempts to read one account. A worker that fails, is stopped or dies uses up one."""

STOP_WITHIN = 10.0
"""Seconds a stopping worker has to finish its accounts; another worker then reads them from the start."""

_RETRY_AFTER = 5  # seconds
_RECONNECT_AFTER = 5.0  # seconds
_PAGE = 500
_SETUP_LOCK = 4_207_851_222  # the advisory lock that is held while the tables are created
_log = structlog.get_logger(__name__)

ReadAccount = Callable[[str, str, str, int], Awaitable[None]]
"""Reads an account. Arguments: run id, account id, name of the worker, number of the attempt (from 1)."""


class JobQueue:
    """The job queue in a PostgreSQL database. Use it inside `opened`. `patience`: seconds to wait for the first connection."""

    def __init__(self, address: str, *, patience: float = 10.0) -> None:
        self._patience = patience
        self._connector = procrastinate.PsycopgConnector(conninfo=psycopg_conninfo(address), min_size=1, max_size=8)
        self._app = procrastinate.App(connector=self._connector)
        self._read_account: ReadAccount | None = None
        retry = procrastinate.RetryStrategy(max_attempts=MAX_ATTEMPTS, wait=_RETRY_AFTER)
        self._task = self._app.task(name=TASK, queue=QUEUE, retry=retry, pass_context=True)(self._run)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["JobQueue"]:
        """Connect for the block, and create or upgrade the tables.

        Raises:
            UnusableError: the database is unreachable. Its address, which may contain a password, is not shown.
        """
        try:
            with _clear_errors():
                async with asyncio.timeout(self._patience):
                    await self._app.open_async()
            await self._set_up()
            yield self
        finally:
            await self._app.close_async()

    async def enqueue(self, run: str, accounts: Sequence[str]) -> None:
        """Queue accounts. A lock per account prevents two jobs from reading the same account at the same time.

        Raises:
            UnusableError: the queue is unreachable.
        """
        for start in range(0, len(accounts), _PAGE):
            jobs = [
                self._task.configure(lock=f"account:{account}").make_new_job(run=run, account=account)
                for account in accounts[start : start + _PAGE]
            ]
            with _clear_errors():
                await self._app.job_manager.batch_defer_jobs_async(jobs=jobs)

    async def workers(self) -> int:
        """The number of workers with a recent heartbeat.

        Raises:
            UnusableError: the queue is unreachable.
        """
        query = "SELECT count(*) AS alive FROM procrastinate_workers WHERE last_heartbeat > now() - %(age)s::interval"
        with _clear_errors():
            row = await self._connector.execute_query_one_async(query, age=f"{DEAD_AFTER} seconds")
        return int(row["alive"])

    async def work(self, read_account: ReadAccount, concurrency: int) -> None:
        """Read queued accounts, `concurrency` at a time, until SIGTERM or SIGINT."""
        self._read_account = read_account
        requeueing = asyncio.create_task(self._requeue_stalled(), name="requeue")
        try:
            while not await self._run_until_stopped(concurrency):  # noqa: ASYNC110 - an unreachable database sends no event
                await asyncio.sleep(_RECONNECT_AFTER)
        finally:
            requeueing.cancel()
            await asyncio.gather(requeueing, return_exceptions=True)

    async def _run_until_stopped(self, concurrency: int) -> bool:
        """Run the worker until it is asked to stop. False: the database was unreachable."""
        try:
            await self._app.run_worker_async(
                queues=[QUEUE],
                name=f"{socket.gethostname()[:40]}/{os.getpid()}",
                concurrency=concurrency,
                shutdown_graceful_timeout=STOP_WITHIN,
                delete_jobs="always",
                update_heartbeat_interval=HEARTBEAT_INTERVAL,
                stalled_worker_timeout=DEAD_AFTER,
            )
        except exceptions.ConnectorException as error:
            _log.error(
                "worker_queue_unreachable", error=type(error.__cause__ or error).__name__, retry_in=_RECONNECT_AFTER
            )
            return False
        return True

    async def _run(self, context: procrastinate.JobContext, *, run: str, account: str) -> None:
        if self._read_account is None:
            raise UnusableError("this process queues accounts but does not read them")
        attempt = (context.job.attempts if context.job else 0) + 1
        await self._read_account(run, account, context.worker_name or "", attempt)

    async def _requeue_stalled(self) -> None:
        """Put the accounts of dead workers back into the queue."""
        while True:
            await asyncio.sleep(HEARTBEAT_INTERVAL)
            try:
                for job in await self._app.job_manager.get_stalled_jobs(
                    queue=QUEUE, seconds_since_heartbeat=DEAD_AFTER
                ):
                    _log.warning(
                        "worker_account_requeued", account=job.task_kwargs.get("account"), attempts=job.attempts
                    )
                    await self._app.job_manager.retry_job(job)
            except exceptions.ConnectorException as error:  # another worker was faster, or the server is unreachable
                _log.warning("worker_requeue_failed", error=type(error).__name__)

    async def _set_up(self) -> None:
        """Create or upgrade Procrastinate's tables, in one process at a time."""
        async with self._connector.pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_SETUP_LOCK,))
            cursor = await connection.execute(_SCHEMA_VERSION)
            row: Any = await cursor.fetchone()
            version = str(row[0]) if row and row[0] else ""
            scripts = _scripts_after(version)
            for script in scripts:
                await connection.execute(script.encode())
            if scripts:
                newest = _migrations()[-1].name
                await connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{newest}'".encode())


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (exceptions.ConnectorException, psycopg.Error, TimeoutError) as error:
        raise UnusableError(
            "the audit queue is unreachable", "check that PostgreSQL runs and accepts connections"
        ) from error


_SCHEMA_VERSION = "SELECT obj_description(to_regclass('procrastinate_jobs'))"


def _migrations() -> list[Path]:
    return sorted(Path(schema.SchemaManager.get_migrations_path()).glob("*.sql"))


def _scripts_after(version: str) -> list[str]:
    """The SQL scripts to run on tables of this version (name of their last migration; empty: no tables)."""
    if not version:
        return [schema.SchemaManager.get_schema()]
    return [file.read_text(encoding="utf-8") for file in _migrations() if file.name > version]


def psycopg_conninfo(address: str) -> str:
    """The ledger's address in the form that psycopg accepts.

    Raises:
        UnusableError: the ledger is not PostgreSQL.
    """
    if not address.startswith(("postgresql", "postgres")):
        raise UnusableError(
            "workers need a ledger on PostgreSQL",
            "set `ledger:` to a PostgreSQL address, or unset audits.workers to read the accounts in `serve`",
        )
    url = make_url(address).set(drivername="postgresql")
    if "ssl" in url.query:  # asyncpg's name for psycopg's `sslmode`
        url = url.difference_update_query(["ssl"]).update_query_dict({"sslmode": url.query["ssl"]})
    return url.render_as_string(hide_password=False)
