"""Verifies the chain of evidence: recomputes every hash, replays the links, and compares what they say with the rows."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, Row, exists, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.engine import Store
from bot.storage.evidence_chain import (
    GENESIS,
    KINDS,
    ChainHead,
    LinkBody,
    append_links,
    evidence_head,
    evidence_links,
    link_hash,
    link_of,
    row_digest,
)

NAMED = 100
"""Problems that a checkpoint names; the others are counted."""

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The result of a verification.

    `problems`: one sentence each, with the row. `rows`: evidence rows, by table. `links`: links verified. `pruned`: the last
    link that retention deleted, 0 for none. `adopted`: rows that were chained later than they were written. `unverified`:
    why the head of an earlier report could not be compared, empty where it could.
    """

    head: ChainHead
    links: int
    pruned: int
    rows: dict[str, int]
    adopted: int
    problems: tuple[str, ...]
    unverified: str = ""


@dataclass(slots=True)
class Replay:
    """Follows the links in order: which rows must exist, with which digest, and what is wrong with the links."""

    seq: int
    last: str
    base: int
    live: dict[tuple[str, int], str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    links: int = 0
    adopted: int = 0
    checkpoint: tuple[int, str] = (0, GENESIS)

    def follow(self, link: Sequence[Any]) -> None:
        """Verify the next link, and remember what it says."""
        seq, *said, written = tuple(link)
        body = LinkBody(*said)
        if seq != self.seq + 1:
            lost = f"link {self.seq + 1}" if seq == self.seq + 2 else f"links {self.seq + 1} to {seq - 1}"
            self.problems.append(f"{lost} of the chain: missing")
        if link_hash(self.last, seq, body) != written:
            row = _row(body.kind, body.row)
            self.problems.append(f"link {seq} of the chain ({row}): edited, reordered, or not after the link before it")
        self.seq, self.last, self.links = seq, written, self.links + 1
        self._replay(seq, body)

    def _replay(self, seq: int, body: LinkBody) -> None:
        key = (body.kind, body.row)
        detail = body.detail if isinstance(body.detail, dict) else {}  # somebody may have edited it
        if body.act == "checkpoint":
            self.checkpoint = detail.get("through", 0), str(detail.get("hash", ""))
            self.problems += [f"{said} (found by an earlier prune)" for said in detail.get("problems", ())]
        elif body.act != "removed":
            if body.act != "carried" and key in self.live:
                self.problems.append(f"{_row(*key)}: added twice, again by link {seq}")
            self.live[key] = body.digest
            self.adopted += body.act == "adopted"
        elif key in self.live:
            if self.live.pop(key) != body.digest:
                self.problems.append(f"{_row(*key)}: edited before it was removed by link {seq}")
        elif detail.get("added", 0) > self.base:
            self.problems.append(f"{_row(*key)}: removed by link {seq}, but the chain never added it")

    def compare(self, kind: str, id: int, row: Sequence[Any] | None) -> None:
        """Compare a row with its link; the link is used up. None: the row cannot be read."""
        digest = self.live.pop((kind, id), None)
        if digest is None:
            self.problems.append(f"{_row(kind, id)}: not in the chain (inserted, or written by an older version)")
        elif row is None:
            self.problems.append(f"{_row(kind, id)}: edited, and unreadable")
        elif digest != row_digest(row):
            self.problems.append(f"{_row(kind, id)}: edited")


async def verify_chain(store: Store, known: ChainHead | None = None) -> ChainReport:
    """Verify every row and link, in one consistent state of the ledger.

    Args:
        store: the ledger.
        known: the head that an earlier report carries; shows that the newest rows were not cut off, nor all hashes recomputed.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    async with store.read() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        head = (await connection.execute(select(evidence_head))).one_or_none()
        replay = Replay(0, GENESIS, 0) if head is None else Replay(head.base_seq, head.base_hash, head.base_seq)
        at_known = None
        async for seq, link in _rows(connection, evidence_links.c.seq, tuple(evidence_links.c)):
            if link is None:
                replay.problems.append(f"link {seq} of the chain: unreadable")
                continue
            replay.follow(link)
            if known is not None and replay.seq == known.seq:
                at_known = replay.last
        rows = dict.fromkeys(KINDS, 0)
        for kind, (table, columns) in KINDS.items():
            async for id, row in _rows(connection, table.c.id, columns):  # noqa: A001 - the column's own name
                replay.compare(kind, id, row)
                rows[kind] += 1
    problems = [*replay.problems, *_missing(replay), *_ends(replay, head)]
    wrong, unverified = _compared(known, at_known, replay) if known else ((), "")
    found = ChainHead(replay.seq, replay.last)
    return ChainReport(found, replay.links, replay.base, rows, replay.adopted, (*problems, *wrong), unverified)


async def chain_head(store: Store) -> ChainHead:
    """The newest link, without verifying anything.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    async with store.read() as connection:
        head = (await connection.execute(select(evidence_head.c.seq, evidence_head.c.hash))).one_or_none()
    return ChainHead(0, GENESIS) if head is None else ChainHead(head.seq, head.hash)


def adopt_rows(connection: Connection, detail: dict[str, Any]) -> int:
    """Append a link for each row that has none, oldest first, in the caller's transaction; how many there were."""
    later = evidence_links.alias()
    bodies = []
    for kind, (table, columns) in KINDS.items():
        mine = (evidence_links.c.kind == kind) & (evidence_links.c.row == table.c.id)
        same = (later.c.kind == kind) & (later.c.row == table.c.id)
        removed = exists().where(same, later.c.act == "removed", later.c.seq > evidence_links.c.seq)
        chained = exists().where(mine, evidence_links.c.act != "removed", ~removed)
        rows = connection.execute(select(*columns).where(~chained).order_by(table.c.id))
        bodies += [link_of(kind, row, "adopted", detail) for row in rows]
    bodies.sort(key=lambda body: (body.at, body.kind, body.row))
    if bodies:
        append_links(connection, bodies)
    return len(bodies)


async def _rows(
    connection: AsyncConnection, key: Column[Any], columns: Sequence[Column[Any]]
) -> AsyncIterator[tuple[int, Sequence[Any] | None]]:
    """Every row in the order of its key; None in place of one with a value that is none of its column's type."""
    last = None
    while True:
        batch = select(key, *columns).order_by(key).limit(_BATCH)
        batch = batch if last is None else batch.where(key > last)
        found: list[tuple[int, Sequence[Any] | None]]
        try:
            found = [(row[0], row[1:]) for row in await connection.execute(batch)]
        except (ValueError, TypeError):
            keys = (await connection.execute(batch.with_only_columns(key))).scalars().all()
            found = [(last, await _row_alone(connection, key, last, columns)) for last in keys]
        for last, row in found:
            yield last, row
        if len(found) < _BATCH:
            return


async def _row_alone(
    connection: AsyncConnection, key: Column[Any], value: int, columns: Sequence[Column[Any]]
) -> Sequence[Any] | None:
    try:
        return (await connection.execute(select(*columns).where(key == value))).one()
    except (ValueError, TypeError):
        return None


def _missing(replay: Replay) -> Iterator[str]:
    return (f"{_row(kind, row)}: missing" for kind, row in sorted(replay.live))


def _ends(replay: Replay, head: Row[Any] | None) -> Iterator[str]:
    """Whether the chain begins and ends where its head says."""
    if head is None:
        if replay.links:
            yield "the head of the chain: missing"
        return
    if (replay.seq, replay.last) != (head.seq, head.hash):
        yield f"the chain ends at link {replay.seq}; its head says {head.seq}: the newest links are missing or edited"
    if head.base_seq and replay.checkpoint != (head.base_seq, head.base_hash):
        yield f"the chain begins after link {head.base_seq}, which no checkpoint covers: the oldest links are missing"


def _compared(known: ChainHead, at_known: str | None, replay: Replay) -> tuple[Sequence[str], str]:
    if known.seq == replay.base and known.seq:
        at_known = replay.checkpoint[1]
    if known.seq == 0:
        return (), ""
    if known.seq < replay.base:
        reason = (
            f"link {known.seq} of the report is older than what is kept: retention deleted links up to {replay.base}"
        )
        return (), reason
    if at_known is None:
        return [f"link {known.seq}, which the report carries, is missing: the newest rows were cut off"], ""
    if at_known != known.hash:
        return [f"link {known.seq} differs from the one that the report carries: the chain was rewritten"], ""
    return (), ""


def _row(kind: str, row: int) -> str:
    return f"{kind} row {row}" if kind else "checkpoint"
