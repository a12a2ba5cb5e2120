"""The queue of accounts to read: Procrastinate's tables beside the ledger's, its jobs, and who is there to take them."""

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
    raise UnusableError("audits by workers need Procrastinate", "install backstay[scale]") from None

QUEUE, TASK = "backstay-audits", "backstay.read_account"

BEAT, DEAD_AFTER = 5.0, 20.0
"""Seconds between a worker's signs of life, and of silence after which its accounts are read by another."""

MOST_TRIES = 4
"""So often an account is tried: by a worker that fails, is stopped or dies."""

STOP_WITHIN = 10.0
"""Seconds in which a worker that is asked to stop may finish what it reads; then another one begins it anew."""

_RETRY_AFTER = 5  # seconds
_AWAY = 5.0  # seconds before a database that went away is tried again
_PAGE = 500
_SETTING_UP = 4_207_851_222  # the advisory lock under which the tables are made
_log = structlog.get_logger(__name__)

Take = Callable[[str, str, str, int], Awaitable[None]]
"""Read an account: run, account, who reads it, and the how manieth try it is."""


class JobQueue:
    """Jobs on one PostgreSQL. Use it inside `opened`. `patience`: seconds to wait for a connection at first."""

    def __init__(self, address: str, *, patience: float = 10.0) -> None:
        self._patience = patience
        self._connector = procrastinate.PsycopgConnector(conninfo=conninfo(address), min_size=1, max_size=8)
        self._app = procrastinate.App(connector=self._connector)
        self._take: Take | None = None
        retry = procrastinate.RetryStrategy(max_attempts=MOST_TRIES, wait=_RETRY_AFTER)
        self._task = self._app.task(name=TASK, queue=QUEUE, retry=retry, pass_context=True)(self._run)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["JobQueue"]:
        """Connected for the block, with the tables in place.

        Raises:
            UnusableError: it cannot be reached. The address, which may hold a password, is not shown.
        """
        try:
            with _clear_errors():
                async with asyncio.timeout(self._patience):
                    await self._app.open_async()
            await self._set_up()
            yield self
        finally:
            await self._app.close_async()

    async def order(self, run: str, accounts: Sequence[str]) -> None:
        """Hand out accounts. Of one account no two are read at a time, whoever ordered them.

        Raises:
            UnusableError: the queue cannot be reached.
        """
        for start in range(0, len(accounts), _PAGE):
            jobs = [
                self._task.configure(lock=f"account:{account}").make_new_job(run=run, account=account)
                for account in accounts[start : start + _PAGE]
            ]
            with _clear_errors():
                await self._app.job_manager.batch_defer_jobs_async(jobs=jobs)

    async def workers(self) -> int:
        """How many workers have given a sign of life of late.

        Raises:
            UnusableError: the queue cannot be reached.
        """
        query = "SELECT count(*) AS alive FROM procrastinate_workers WHERE last_heartbeat > now() - %(age)s::interval"
        with _clear_errors():
            row = await self._connector.execute_query_one_async(query, age=f"{DEAD_AFTER} seconds")
        return int(row["alive"])

    async def work(self, take: Take, concurrency: int) -> None:
        """Take accounts, `concurrency` at a time, until SIGTERM or SIGINT."""
        self._take = take
        rescuing = asyncio.create_task(self._rescue(), name="rescue")
        try:
            while not await self._worked(concurrency):  # noqa: ASYNC110 - a database that is away rings no bell
                await asyncio.sleep(_AWAY)
        finally:
            rescuing.cancel()
            await asyncio.gather(rescuing, return_exceptions=True)

    async def _worked(self, concurrency: int) -> bool:
        """Work until asked to stop. False: the database was away for longer than connections are waited for."""
        try:
            await self._app.run_worker_async(
                queues=[QUEUE],
                name=f"{socket.gethostname()[:40]}/{os.getpid()}",
                concurrency=concurrency,
                shutdown_graceful_timeout=STOP_WITHIN,
                delete_jobs="always",
                update_heartbeat_interval=BEAT,
                stalled_worker_timeout=DEAD_AFTER,
            )
        except exceptions.ConnectorException as error:
            _log.error("workers.queue_out_of_reach", error=type(error.__cause__ or error).__name__, again_in=_AWAY)
            return False
        return True

    async def _run(self, context: procrastinate.JobContext, *, run: str, account: str) -> None:
        if self._take is None:
            raise UnusableError("this process only orders audits")
        attempt = (context.job.attempts if context.job else 0) + 1
        await self._take(run, account, context.worker_name or "", attempt)

    async def _rescue(self) -> None:
        """Put what dead workers were reading back into the queue."""
        while True:
            await asyncio.sleep(BEAT)
            try:
                for job in await self._app.job_manager.get_stalled_jobs(
                    queue=QUEUE, seconds_since_heartbeat=DEAD_AFTER
                ):
                    _log.warning("workers.taken_over", account=job.task_kwargs.get("account"), tries=job.attempts)
                    await self._app.job_manager.retry_job(job)
            except exceptions.ConnectorException as error:  # another worker was faster, or the server is away
                _log.warning("workers.not_rescued", error=type(error).__name__)

    async def _set_up(self) -> None:
        """Procrastinate's tables, once, whoever comes first; later versions bring their own changes to them."""
        async with self._connector.pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_SETTING_UP,))
            cursor = await connection.execute(_KNOWN_SHAPE)
            row: Any = await cursor.fetchone()
            shape = str(row[0]) if row and row[0] else ""
            scripts = _scripts_after(shape)
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
        raise UnusableError("the queue of audits cannot be reached", "see that PostgreSQL runs") from error


_KNOWN_SHAPE = "SELECT obj_description(to_regclass('procrastinate_jobs'))"


def _migrations() -> list[Path]:
    return sorted(Path(schema.SchemaManager.get_migrations_path()).glob("*.sql"))


def _scripts_after(shape: str) -> list[str]:
    """What has to be run on tables of this shape (the name of the last migration they have had; empty: there are none)."""
    if not shape:
        return [schema.SchemaManager.get_schema()]
    return [file.read_text(encoding="utf-8") for file in _migrations() if file.name > shape]


def conninfo(address: str) -> str:
    """The ledger's address as psycopg wants it.

    Raises:
        UnusableError: the ledger is no PostgreSQL.
    """
    if not address.startswith(("postgresql", "postgres")):
        raise UnusableError(
            "audits by workers need a ledger on PostgreSQL",
            "set `ledger:` to one; without it `serve` reads the accounts by itself",
        )
    url = make_url(address).set(drivername="postgresql")
    if "ssl" in url.query:  # asyncpg's word for it
        url = url.difference_update_query(["ssl"]).update_query_dict({"sslmode": url.query["ssl"]})
    return url.render_as_string(hide_password=False)
