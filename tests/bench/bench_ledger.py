"""The ledger after 30 days with 10,000 services: its size, and how long the questions behind each command take.

    python tests/bench/bench_ledger.py [--postgresql]

Exit code 1 when a goal is missed: under 1 GB, every question under 50 ms, and nobody who posts waits 50 ms for the
forgetting. Serve audits when a post is due and the last audit is older than six hours; here the estate is audited every
hour for two days and, as the forgetting leaves it, once a day before that. Half the services had an alert, every team
its weekly scorecard.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from sqlalchemy import Connection  # noqa: E402 - found through the path above
from support.builders.happenings import sample_incident  # noqa: E402
from support.builders.posts import card, message  # noqa: E402
from support.harness import postgres  # noqa: E402
from support.harness.ledgers import ledger_at  # noqa: E402

from bot.app import logging_setup as logs  # noqa: E402
from bot.storage import tables as _tables  # noqa: E402
from bot.storage.ledger import AuditLogEntry, Ledger  # noqa: E402
from bot.storage.statistics import ledger_statistics  # noqa: E402

SERVICES, TEAMS, DAYS = 10_000, 1_000, 30
MOST_BYTES, MOST_SECONDS = 1_000_000_000, 0.050
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
BEGAN = NOW - timedelta(days=DAYS)
MONTH = timedelta(days=30)


def say(line: str) -> None:
    """A figure, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def audits() -> Iterator[datetime]:
    """Hourly for two days, daily before."""
    yield from (NOW - timedelta(hours=hour) for hour in range(48))
    yield from (NOW - timedelta(days=day) for day in range(2, DAYS))


def scores(at: datetime) -> list[dict[str, Any]]:
    """Scores of one audit; each service fails a dozen checks."""
    failing = ["RG03", "RG07", "ZN01", "BK02", "BK05", "DN01", "FO02", "FO04", "OB03", "CP02", "RB01", "RH02"]
    same = {"at": at, "grade": "C", "coverage": 0.93, "ruleset": "2026-11-20.1", "failing": failing}
    names = ["", *(f"payments-service-{number:05}" for number in range(SERVICES))]
    return [{"service": name, "score": 61.25 + (len(name) % 7), **same} for name in names]


def posts() -> Iterator[tuple[int, dict[str, Any], dict[str, Any], list[dict[str, Any]]]]:
    """Number, message, outbox row and receipts: four scorecards a team, and an alert for half the services."""
    shown = replace(card(title="Payments scores 72"), summary="x" * 1500).dump()
    for number in range(4 * TEAMS + SERVICES // 2):
        at, team = BEGAN + MONTH * (number / (4 * TEAMS + SERVICES // 2)), f"team{number % TEAMS}"
        name, primary = f"post:{number}", f"slack:#{team}"
        said = {"id": name, "audience": team, "card": shown, "priority": "report", "dedupe": name, "created_at": at}
        row = {"seq": number + 1, "audience": team, "rank": 2, "state": "sent", "routes": [primary], "refused": []}
        row |= {"tries": {primary: 1}, "rounds": 0, "due_at": at, "settled_at": at}
        told = [{"outcome": "sent", "route": primary, "detail": "", "reference": f"C0TEAM{number:05}:1.{number}"}]
        if number % 20 == 0:
            failed = {"outcome": "retry", "route": primary, "detail": "Slack answered 503", "reference": ""}
            told = [failed, {**told[0], "route": f"webhook:{team}"}]
        yield number, said, row, [{"message": name, "audience": team, "at": at, **state} for state in told]


async def fill(ledger: Ledger) -> None:
    """Thirty days of it."""

    def put(table: Any, rows: list[dict[str, Any]]) -> Callable[[Connection], object]:
        return lambda connection: connection.execute(table.insert(), rows)

    for at in audits():
        await ledger.write_at_once(put(_tables.scores, scores(at)))
    made = list(posts())
    await ledger.write_at_once(put(_tables.messages, [entry[1] for entry in made]))
    await ledger.write_at_once(put(_tables.outbox, [entry[2] for entry in made]))
    await ledger.write_at_once(put(_tables.receipts, [row for entry in made for row in entry[3]]))
    facts = {"at": NOW, "id": 1, "blob": os.urandom(SERVICES * 1500)}  # facts are kept compressed
    await ledger.write_at_once(put(_tables.snapshots, [facts]))
    async with ledger.begin() as transaction:
        for number in range(400):
            at = BEGAN + MONTH * (number / 400)
            over = None if number > 395 else at + timedelta(hours=3)
            await transaction.save_incident(replace(sample_incident(), id=f"i{number}", onset_at=at, resolved_at=over))
        for number in range(5000):
            await transaction.log(
                AuditLogEntry(BEGAN + MONTH * (number / 5000), "slack:U1", "waive", {"check": "RG03"})
            )
    for number in range(200):
        await ledger.post(message(f"waits{number}", audience=f"team{number}"), [f"slack:#team{number}"], NOW)
    await ledger.write_at_once(lambda connection: connection.exec_driver_sql("ANALYZE"))


def questions(ledger: Ledger) -> Mapping[str, Callable[[], Awaitable[object]]]:
    """What is asked, by the commands that ask it."""
    season, day, hour = NOW - timedelta(weeks=12), NOW - timedelta(days=1), NOW - timedelta(hours=1)
    return {
        "scorecard: a service's history": lambda: ledger.history("payments-service-04711", season),
        "scorecard, mine: the estate's history": lambda: ledger.history("", season),
        "scorecard, explain, whatif: is the audit new": ledger.last_audit_at,
        "explain, whatif: facts, once an audit": ledger.last_audit_blob,
        "status, incidents: open and of a day": lambda: ledger.incidents_since(day),
        "incidents: told": ledger.notification_states,
        "receipts: a day": lambda: ledger.receipts(since=day, limit=10_000),
        "receipts: of an audience": lambda: ledger.receipts(audience="team77", since=BEGAN, limit=10_000),
        "receipts: of a message": lambda: ledger.receipts(message="post:4321"),
        "audit_log: a week": lambda: ledger.entries(NOW - timedelta(days=7)),
        "mine: subscriptions": ledger.subscriptions,
        "waive, scorecard: waivers": lambda: ledger.waivers(NOW),
        "attest, scorecard: words": ledger.attestations,
        "runbook": ledger.runbooks,
        "doctor: route tests": ledger.route_tests,
        "health: backlog": ledger.backlog,
        "delivery: next due": ledger.next_due,
        "delivery: claim": lambda: ledger.claim("bench", NOW, timedelta(0), 16),
        "delivery: where was posted last": lambda: ledger.last_reference("slack:#team77"),
        "catch-up: diverted": lambda: ledger.diverted("team40", "slack:#team40", NOW - timedelta(days=2)),
        "catch-up: the last digest": lambda: ledger.last_digest("team40"),
        "watchdog: refusals": lambda: ledger.refusals(day),
        "watchdog: undelivered": ledger.undelivered,
        "schedule: due": lambda: ledger.slots("team1/scorecard", hour),
    }


async def timed(ask: Callable[[], Awaitable[object]]) -> float:
    """The median of nine, in seconds."""
    waits = []
    for _ in range(9):
        began = time.perf_counter()
        await ask()
        waits.append(time.perf_counter() - began)
    return statistics.median(waits)


async def forgetting(ledger: Ledger) -> tuple[float, float]:
    """Forget half the month while somebody posts: how long it took, and the longest that a post waited."""
    waits, over = [0.0], asyncio.Event()

    async def poster() -> None:
        number = 0
        while not over.is_set():
            number, began = number + 1, time.perf_counter()
            await ledger.post(message(f"meanwhile{number}", audience=f"m{number}"), ["x:y"], NOW)
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(0.01)

    posting, began = asyncio.create_task(poster()), time.perf_counter()
    await ledger.prune(NOW - timedelta(days=DAYS / 2), NOW)
    took = time.perf_counter() - began
    over.set()
    await posting
    return took, statistics.quantiles(waits, n=100)[98]


async def measured(name: str, where: str) -> bool:
    """One ledger; whether every goal is met."""
    async with ledger_at(where) as ledger:
        began = time.perf_counter()
        await fill(ledger)
        size = (await ledger_statistics(ledger)).size
        say(f"{name}: {size / 1e6:.0f} MB, filled in {time.perf_counter() - began:.0f} s")
        met = size < MOST_BYTES
        for what, ask in questions(ledger).items():
            took = await timed(ask)
            slow = took >= MOST_SECONDS
            met &= not slow
            say(f"  {took * 1000:7.1f} ms  {what}{'  TOO SLOW' if slow else ''}")
        took, longest = await forgetting(ledger)
        after = (await ledger_statistics(ledger)).size
        say(
            f"  forgetting half of it: {took:.1f} s, {after / 1e6:.0f} MB left; p99 of a post meanwhile {longest * 1000:.0f} ms"
        )
        met &= longest < MOST_SECONDS
    return met


@contextmanager
def ledgers(folder: Path, *, with_postgresql: bool) -> Iterator[dict[str, str]]:
    """Name and address of each kind of ledger."""
    with ExitStack() as stack:
        found = {"SQLite": str(folder / "bench.db")}
        programs = postgres.programs()
        if with_postgresql and programs:
            found["PostgreSQL"] = stack.enter_context(postgres.running(programs))
        yield found


def main() -> None:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args()
    logs.configure(level=50)
    with tempfile.TemporaryDirectory() as folder, ledgers(Path(folder), with_postgresql=asked.postgresql) as where:
        met = True
        for name, address in where.items():
            met &= asyncio.run(measured(name, address))
    say("every goal is met" if met else "a goal was missed")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
