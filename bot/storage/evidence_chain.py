"""The hash chain over evidence rows: one link for each row that is written or removed, appended as its transaction commits.

A link holds the digest of its row and the hash of the link before it, so that an edited, dropped, inserted or reordered row
is found by `bot.storage.evidence_verification`. The head is one row that a transaction locks before it appends: replicas
append one after another, and the chain never forks.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, Column, Connection, Engine, Index, Integer, Row, String, Table, event, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.model import utc_now
from bot.storage.tables import attestations, audit_log, metadata, receipts, waivers
from bot.storage.utc_column import UtcDateTime
from bot.storage.work_tables import drills

GENESIS = "0" * 64
"""The hash before the first link."""

evidence_links = Table(
    "evidence_links",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 ... without a gap
    Column("act", String(10), nullable=False),  # added, adopted, carried, removed, checkpoint
    Column("kind", String(20), nullable=False),  # the table of the row; empty: a checkpoint
    Column("row", Integer, nullable=False),  # its id; 0: a checkpoint
    Column("digest", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),  # when the row was written, never later than its link
    Column("detail", JSON, nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_evidence_links_kind_row", "kind", "row"),
)

evidence_head = Table(
    "evidence_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1: there is one row
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("base_seq", Integer, nullable=False),  # the last link that retention deleted; 0: none
    Column("base_hash", String(64), nullable=False),
)

_COLUMNS = {
    "attestations": (attestations, "id service practice by link at expires_at"),
    "audit_log": (audit_log, "id at actor action detail"),
    "drills": (drills, "id source key service kind result name scope link rto rpo at recorded_at"),
    "receipts": (receipts, "id message audience route outcome at detail reference"),
    "waivers": (waivers, "id service check resource reason by at until"),
}

KINDS: Mapping[str, tuple[Table, tuple[Column[Any], ...]]] = {
    kind: (table, tuple(table.c[name] for name in names.split())) for kind, (table, names) in _COLUMNS.items()
}
"""Tables of evidence, by kind, with the columns that a digest covers, in order: a new column breaks no old digest."""

WRITTEN: Mapping[str, str] = {"drills": "recorded_at"}
"""The column that says when a row was written, by kind; else it is `at`."""

_WAITING = "backstay_evidence"
_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest link, written as `seq:hash`, as a report carries it."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "ChainHead":
        """Read `seq:hash`.

        Raises:
            ValueError: it is not a number, a colon and 64 hexadecimal digits.
        """
        seq, _, written = text.strip().partition(":")
        digits = written.lower()
        if (
            not (seq.isascii() and seq.isdigit())
            or len(digits) != len(GENESIS)
            or set(digits) - set("0123456789abcdef")
        ):
            raise ValueError(f"{text!r} is no chain head: write SEQ:HASH, as a report prints it")
        return cls(int(seq), digits)


class LinkBody(NamedTuple):
    """What a link says, before it has its place in the chain."""

    act: str
    kind: str
    row: int
    digest: str
    at: datetime
    detail: Mapping[str, Any]


def row_digest(row: Sequence[Any]) -> str:
    """SHA-256 of a row as the database has it, with the columns of its kind; the same on SQLite and PostgreSQL."""
    return _digest([_plain(value) if isinstance(value, datetime | float) else value for value in row])


def link_hash(before: str, seq: int, body: LinkBody) -> str:
    """SHA-256 over the hash of the link before and all that the link says, in hexadecimal."""
    return _digest([before, seq, body.act, body.kind, body.row, body.digest, _plain(body.at), body.detail])


def _digest(values: Any) -> str:
    return hashlib.sha256(_ENCODE(values).encode()).hexdigest()


def _plain(value: datetime | float) -> str | float:
    """A moment as text, and a number without a fraction as an integer, which SQLite may return in its place."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat(timespec="microseconds")


def insert_evidence(
    connection: Connection, kind: str, rows: Sequence[Mapping[str, Any]], unique: Sequence[str] = ()
) -> int:
    """Write evidence rows in the caller's transaction; their links are appended when it commits. How many were written.

    The digest is of what the database returns, not of what was given: it may store text differently. `unique`: columns that
    tell a row which is there already, and is left as it is.
    """
    table, columns = KINDS[kind]
    put = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    put = put.on_conflict_do_nothing(index_elements=unique) if unique else put
    written = connection.execute(put.returning(*columns), [dict(row) for row in rows]).all()
    _note(connection, (link_of(kind, row, "added") for row in sorted(written, key=lambda row: int(row.id))))
    return len(written)


def remove_evidence(connection: Connection, kind: str, *which: Any) -> int:
    """Delete evidence rows in the caller's transaction, with a link for each; how many there were."""
    table, columns = KINDS[kind]
    rows = connection.execute(table.delete().where(*which).returning(*columns)).all()
    for row in sorted(rows, key=lambda row: int(row.id)):
        mine = (evidence_links.c.kind == kind) & (evidence_links.c.row == row.id)
        last = select(evidence_links.c.seq).where(mine).order_by(evidence_links.c.seq.desc()).limit(1)
        detail = {"added": connection.execute(last).scalar() or 0, "on": _plain(utc_now())}
        _note(connection, [link_of(kind, row, "removed", detail)])
    return len(rows)


def link_of(kind: str, row: Row[Any], act: str, detail: Mapping[str, Any] | None = None) -> LinkBody:
    """What the link of a row says."""
    return LinkBody(
        act, kind, row.id, row_digest(row), min(getattr(row, WRITTEN.get(kind, "at")), utc_now()), detail or {}
    )


def append_links(connection: Connection, bodies: Sequence[LinkBody]) -> ChainHead:
    """Append links in the caller's transaction, which locks the head until it ends: call it last."""
    head = locked_head(connection)
    seq, last, rows = int(head.seq), str(head.hash), []
    for body in bodies:
        seq, last = seq + 1, link_hash(last, seq + 1, body)
        said = {"act": body.act, "kind": body.kind, "row": body.row, "digest": body.digest, "at": body.at}
        rows.append({"seq": seq, **said, "detail": dict(body.detail), "hash": last})
    if rows:
        connection.execute(evidence_links.insert(), rows)
        connection.execute(evidence_head.update().values(seq=seq, hash=last))
    return ChainHead(seq, last)


def locked_head(connection: Connection) -> Row[Any]:
    """The head, locked until the transaction ends; the first one creates it."""
    query = select(evidence_head).where(evidence_head.c.id == 1).with_for_update()
    found = connection.execute(query).one_or_none()
    if found is None:
        first = "INSERT INTO evidence_head (id, seq, hash, base_seq, base_hash) VALUES (1, 0, '{0}', 0, '{0}')"
        connection.exec_driver_sql(f"{first.format(GENESIS)} ON CONFLICT DO NOTHING")
        found = connection.execute(query).one()
    return found


def keep_chained(engine: Engine) -> None:
    """Append what the transactions of this engine have noted, as each commits.

    At the very end, because a transaction that holds the head must wait for nothing else: two of them would wait for each other.
    """
    event.listen(engine, "commit", _flush)
    event.listen(engine, "rollback", _forget)


def _note(connection: Connection, bodies: Iterable[LinkBody]) -> None:
    connection.info.setdefault(_WAITING, []).extend(bodies)


def _flush(connection: Connection) -> None:
    if waiting := connection.info.pop(_WAITING, None):
        append_links(connection, waiting)


def _forget(connection: Connection) -> None:
    if not connection.invalidated:  # a cancelled call leaves it so, and nothing of it is left to forget
        connection.info.pop(_WAITING, None)
