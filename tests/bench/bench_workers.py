"""Audits by workers: accounts a second with one and two of them, what a killed one costs, and memory over 10 to 1,000 accounts.

Run: python tests/bench/bench_workers.py. PostgreSQL, queue, ledger and processes are real; an account is made up, as it comes
out of the process that reads AWS: 300 facts after a while (bench_audit measures that process).
"""

import asyncio
import json
import logging
import os
import resource
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.builders.facts import datastore, service  # noqa: E402
from support.harness import postgres  # noqa: E402 - the path is set just above

from bot.app import logging_setup as logs  # noqa: E402
from bot.audit.attribution import RelevanceFilter  # noqa: E402
from bot.audit.workers.distributed import DistributedCollector  # noqa: E402
from bot.audit.workers.queue import JobQueue  # noqa: E402
from bot.audit.workers.worker import AccountReader, ReportProgress  # noqa: E402
from bot.catalogue import CatalogueEntry, Selector  # noqa: E402
from bot.model import Collected, utc_now  # noqa: E402
from bot.storage.ledger import Ledger  # noqa: E402

FACTS, OURS = 300, 10
"""Facts in an account; accounts in which services of the catalogue have something, whatever the size of the organization."""

SIZES = (10, 100, 1000)
SIFT = RelevanceFilter([CatalogueEntry(service("checkout"), Selector(tags={"service": ("checkout",)}))])
missed: list[str] = []


class MadeUp:
    """An organization of `size` accounts, each read in `seconds`."""

    def __init__(self, size: int, seconds: float) -> None:
        self._size, self._seconds = size, seconds

    async def accounts(self, _: ReportProgress) -> Collected:
        return Collected((), (), accounts=tuple(f"{number:012}" for number in range(self._size)))

    async def read(self, accounts: Sequence[str], progress: ReportProgress, only: object = None) -> Collected:
        await asyncio.sleep(self._seconds)
        (account,) = accounts
        owner = "checkout" if int(account) < OURS else "theirs"
        tags = {"service": owner, "env": "production", "owner": "somebody", "cost-centre": "4711"}
        facts = [
            datastore(f"db-{number}", resource=f"arn:{account}:{number}", account=account, tags=tags)
            for number in range(FACTS)
        ]
        return Collected(facts, (), read=(("aws", account, "us-east-1"),), accounts=(account,), calls=FACTS)


async def work(url: str, concurrency: int, seconds: float) -> None:
    """A worker, until it is told to stop; then its memory."""
    ledger, queue = await Ledger.open(url), JobQueue(url)
    async with queue.opened():
        await queue.work(AccountReader(ledger, MadeUp(0, seconds), SIFT).read, concurrency)
    await ledger.close()
    sys.stdout.write(json.dumps({"mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


async def ask(url: str, size: int) -> None:
    """Whoever asks for the audit: waits, and puts it together."""
    ledger = await Ledger.open(url)
    farm = DistributedCollector(ledger, lambda: JobQueue(url), MadeUp(size, 0), SIFT, utc_now, timedelta(minutes=10))
    began = time.monotonic()
    run = await farm.collect((), lambda _: None)
    took = time.monotonic() - began
    await ledger.close()
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"seconds": took, "accounts": len(run.accounts), "facts": len(run.facts), "mib": mib}
    sys.stdout.write(json.dumps(told))


async def started(*words: object) -> asyncio.subprocess.Process:
    """This file again, in a process of its own."""
    return await asyncio.create_subprocess_exec(
        sys.executable, __file__, *map(str, words), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )


async def answer(process: asyncio.subprocess.Process) -> dict[str, float]:
    out, _ = await process.communicate()
    told: dict[str, float] = json.loads(out)
    return told


@asynccontextmanager
async def workers(
    url: str, number: int, concurrency: int, seconds: float
) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """So many, there and waiting."""
    made = [await started("--work", url, concurrency, seconds) for _ in range(number)]
    async with JobQueue(url).opened() as queue:
        while await queue.workers() < number:  # noqa: ASYNC110 - another process rings no bell
            await asyncio.sleep(0.1)
    try:
        yield made
    finally:
        for entry in made:
            if entry.returncode is None:
                entry.kill()
                await entry.wait()


async def speed(server: str) -> None:
    """200 accounts of 0.2 s each, four at a time in each worker."""
    took = {}
    for number in (1, 2):
        url = postgres.new_database(server)
        async with workers(url, number, 4, 0.2):
            told = await answer(await started("--ask", url, 200))
        took[number] = told["accounts"] / told["seconds"]
        say(f"accounts a second, {number} x 4 at a time", f"{took[number]:.1f}", f"of {number * 20} at most")
    say("two workers to one, ratio", f"{took[2] / took[1]:.2f}", "at least 1.5", ok=took[2] / took[1] >= 1.5)


async def death(server: str) -> None:
    """One of two workers is killed while it reads two accounts: until the other has read those too."""
    url = postgres.new_database(server)
    async with AsyncExitStack() as stack:
        first = (await stack.enter_async_context(workers(url, 1, 2, 2.0)))[0]
        asking = await started("--ask", url, 2)
        ledger = await Ledger.open(url)
        stack.push_async_callback(ledger.close)
        run = ""
        while not run or (await ledger.unit_states(run)).get("reading", 0) < 2:
            await asyncio.sleep(0.02)
            async with ledger.read() as connection:
                run = (await connection.exec_driver_sql("SELECT id FROM audit_runs")).scalar() or ""
        second = await started("--work", url, 2, 2.0)
        os.kill(first.pid, signal.SIGKILL)
        killed = time.monotonic()
        await answer(asking)
        lost = time.monotonic() - killed
        second.kill()
        await second.wait()
    say(
        "kill -9 of a worker: its accounts are read after",
        f"{lost:.1f} s",
        "at most 35, 2 of them reading",
        ok=lost <= 35,
    )


async def memory(server: str) -> None:
    """Peaks of the worker and of whoever puts together, in an organization in which ten accounts hold our services."""
    reads, asks = {}, {}
    for size in SIZES:
        url = postgres.new_database(server)
        async with workers(url, 1, 8, 0.0) as (one,):
            told = await answer(await started("--ask", url, size))
            one.send_signal(signal.SIGTERM)
            reads[size] = (await answer(one))["mib"]
        asks[size] = told["mib"]
        rate = told["accounts"] / told["seconds"]
        kept = f"{told['facts']:.0f} of {size * FACTS} facts kept, {rate:.0f} accounts/s"
        say(f"{size} accounts: worker, assembling side", f"{reads[size]:.0f} MiB, {asks[size]:.0f} MiB", kept)
    for who, mib in (("worker", reads), ("assembling side", asks)):
        ratio = mib[SIZES[-1]] / mib[SIZES[0]]
        say(f"{who}, {SIZES[-1]} accounts to {SIZES[0]}, ratio", f"{ratio:.2f}", "at most 1.2", ok=ratio <= 1.2)


def say(what: str, figure: str, goal: str = "", *, ok: bool = True) -> None:
    sys.stdout.write(f"{what:<52} {figure:<22} {goal}{'' if ok else '  MISSED'}\n")
    sys.stdout.flush()
    if not ok:
        missed.append(what)


async def main() -> None:
    """All of it, on one server."""
    found = postgres.programs()
    if found is None:
        sys.exit("there is no PostgreSQL server on this machine")
    with postgres.running(found) as server:
        await speed(server)
        await death(server)
        await memory(server)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    logs.configure(level=logging.ERROR)  # standard output is for the figures
    match sys.argv[1:]:
        case ["--work", url, concurrency, seconds]:
            asyncio.run(work(url, int(concurrency), float(seconds)))
        case ["--ask", url, size]:
            asyncio.run(ask(url, int(size)))
        case _:
            asyncio.run(main())
