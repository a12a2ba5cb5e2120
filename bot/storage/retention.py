"""Deletes old rows, a few at a time so that no message waits for it, and frees disk space."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Delete, Select, Table, delete, exists, func, select, tuple_

from bot.storage import tables as _tables
from bot.storage import work_tables as _work
from bot.storage.engine import Store
from bot.storage.evidence_pruning import prune_evidence
from bot.storage.handled_requests import KEPT
from bot.storage.target_records import KEPT as RECORDS_KEPT

AT_A_TIME = 2_000
"""Rows deleted in one transaction, which blocks other writes for some 10 ms."""

IN_FULL = timedelta(days=2)
"""Every audit's scores are kept for this long, then only the last ones of each day."""

_PAGES = 2_000


async def prune(store: Store, before: datetime, now: datetime) -> int:
    """Delete rows older than `before`, except pending messages, and thin out scores; how many were deleted."""
    gone = 0
    for statement in _statements(before, now):
        while True:
            went = await store.write_at_once(partial(_rows, statement))
            gone += went
            if went < AT_A_TIME:
                break
            await asyncio.sleep(0)  # other writers come first
    gone += await prune_evidence(store, before)
    await shrink(store)
    return gone


async def shrink(store: Store) -> None:
    """Return free pages of a SQLite file to the disk, where it was created with auto_vacuum. PostgreSQL does so by itself."""
    if not store.embedded:
        return
    more = True
    while more:
        more = await store.write_at_once(_vacuum)


def _rows(statement: Delete, connection: Connection) -> int:
    return connection.execute(statement).rowcount


def _vacuum(connection: Connection) -> bool:
    """Free some pages; whether there is more to free."""
    free = int(connection.exec_driver_sql("PRAGMA freelist_count").scalar_one())
    if not free or not connection.exec_driver_sql("PRAGMA auto_vacuum").scalar_one():
        return False
    cursor = connection.connection.cursor()
    for _ in range(min(free, _PAGES)):  # each step frees one page, and the driver runs a single step
        cursor.execute("PRAGMA incremental_vacuum(1)")
    cursor.close()
    return free > _PAGES


def _statements(before: datetime, now: datetime) -> Iterator[Delete]:
    """The statements. The newest slot of each schedule stays, since the next one is counted from it."""
    scores, messages, slots = _tables.scores, _tables.messages, _tables.slots
    settled = select(_tables.outbox.c.seq).where(_tables.outbox.c.state != "pending")
    later = slots.alias()
    superseded = exists().where(later.c.schedule == slots.c.schedule, later.c.slot > slots.c.slot)
    yield _some(scores, scores.c.at < before)
    yield _some(scores, scores.c.at < now - IN_FULL, scores.c.at >= before, _not_the_last_of_its_day())
    yield _some(messages, messages.c.created_at < before, messages.c.seq.in_(settled))
    yield _some(_tables.broadcasts, _tables.broadcasts.c.at < before)
    yield _some(slots, slots.c.slot < before, superseded)
    yield _some(_tables.feed_readings, _tables.feed_readings.c.kept_at < before)
    yield _some(_tables.hooked, _tables.hooked.c.heard_at < before)
    yield _some(_tables.handled_requests, _tables.handled_requests.c.at < now - KEPT)
    yield _some(_work.target_records, _work.target_records.c.kept_at < now - RECORDS_KEPT)
    yield _some(_tables.incidents, _tables.incidents.c.resolved_at < before)
    yield _some(_work.checklist_ticks, _work.checklist_ticks.c.at < before)
    yield _some(_work.slo_states, _work.slo_states.c.read_at < before)
    yield _some(_work.checklists, _work.checklists.c.started_at < before)


def _not_the_last_of_its_day() -> Any:
    later, mine = _tables.scores.alias(), _tables.scores.c
    same_day = func.date(later.c.at) == func.date(mine.at)
    return exists().where(later.c.service == mine.service, later.c.at > mine.at, same_day)


def _some(table: Table, *which: Any) -> Delete:
    keys = tuple(table.primary_key.columns)
    doomed: Select[Any] = select(*keys).where(*which).limit(AT_A_TIME)
    key = keys[0] if len(keys) == 1 else tuple_(*keys)
    return delete(table).where(key.in_(doomed))
