"""Deletes old evidence so that what stays can still be verified: the oldest links end in a checkpoint, itself a link.

What a checkpoint covers is verified before it is deleted. A problem that is found then stays in the checkpoint, so that
waiting for retention hides nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import takewhile
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Row, delete, exists, select

from bot.model import utc_now
from bot.storage.engine import Store
from bot.storage.evidence_chain import (
    KINDS,
    WRITTEN,
    LinkBody,
    append_links,
    evidence_head,
    evidence_links,
    locked_head,
    remove_evidence,
    row_digest,
)
from bot.storage.evidence_verification import NAMED, Replay

AT_A_TIME = 2_000
"""Links deleted in one transaction, which blocks other writes for some 50 ms."""

_ENDS: Mapping[str, str] = {"attestations": "expires_at", "waivers": "until"}
"""Kinds that are kept until a time of their own, and its column; the others are kept by the time at which they were written."""

_KEPT_BY = {kind: _ENDS.get(kind, WRITTEN.get(kind, "at")) for kind in KINDS}

_AGAIN: Final = " (found by an earlier prune)"
_log = structlog.get_logger(__name__)


async def prune_evidence(store: Store, before: datetime) -> int:
    """Delete evidence rows older than `before`, and their links; how many rows were deleted."""
    gone = 0
    for kind in _ENDS:
        gone += await _repeat(store, partial(_remove_ended, kind, before))
    newest = await store.write_at_once(lambda connection: int(locked_head(connection).seq))
    gone += await _repeat(store, partial(_compact, before, newest))
    for kind in KINDS:
        gone += await _repeat(store, partial(_remove_unchained, kind, before))
    return gone


async def _repeat(store: Store, work: Callable[[Connection], tuple[int, bool]]) -> int:
    gone, more = 0, True
    while more:
        went, more = await store.write_at_once(work)
        gone += went
    return gone


def _remove_ended(kind: str, before: datetime, connection: Connection) -> tuple[int, bool]:
    table, _ = KINDS[kind]
    ended = select(table.c.id).where(table.c[_ENDS[kind]] < before).limit(AT_A_TIME)
    went = remove_evidence(connection, kind, table.c.id.in_(ended))
    return went, went == AT_A_TIME


def _remove_unchained(kind: str, before: datetime, connection: Connection) -> tuple[int, bool]:
    """Delete old rows that no link knows, which an older version wrote."""
    table, _ = KINDS[kind]
    chained = exists().where(evidence_links.c.kind == kind, evidence_links.c.row == table.c.id)
    old = select(table.c.id).where(table.c[_KEPT_BY[kind]] < before, ~chained).limit(AT_A_TIME)
    went = connection.execute(delete(table).where(table.c.id.in_(old))).rowcount
    return went, went == AT_A_TIME


def _compact(before: datetime, newest: int, connection: Connection) -> tuple[int, bool]:
    """Replace the oldest links, up to the first that is not older than `before`, with a checkpoint."""
    head = locked_head(connection)
    oldest = select(evidence_links).where(evidence_links.c.seq <= newest).order_by(evidence_links.c.seq)
    found = connection.execute(oldest.limit(AT_A_TIME)).all()
    links = list(takewhile(lambda link: link.at < before, found))
    if not links:
        return 0, False
    replay = Replay(head.base_seq, head.base_hash, head.base_seq)
    for link in links:
        replay.follow(link)
    problems = [said.removesuffix(_AGAIN) for said in replay.problems]
    gone, carried = 0, []
    for kind, (table, columns) in KINDS.items():
        ids = _not_removed(kind, replay, connection)
        rows = {row.id: row for row in connection.execute(select(*columns).where(table.c.id.in_(ids)))} if ids else {}
        problems += _differences(kind, ids, rows, replay)
        old = [row.id for row in rows.values() if row._mapping[_KEPT_BY[kind]] < before]  # noqa: SLF001 - SQLAlchemy's public name
        gone += connection.execute(delete(table).where(table.c.id.in_(old))).rowcount if old else 0
        staying = sorted(rows.keys() - set(old))
        carried += [LinkBody("carried", kind, row, replay.live[kind, row], utc_now(), {}) for row in staying]
    _append_checkpoint(connection, carried, replay, problems)
    return gone, len(links) == AT_A_TIME


def _append_checkpoint(connection: Connection, carried: list[LinkBody], replay: Replay, problems: list[str]) -> None:
    """Delete the links that were replayed, and append the checkpoint that takes their place."""
    connection.execute(delete(evidence_links).where(evidence_links.c.seq <= replay.seq))
    if problems:
        _log.error("evidence_chain_broken", problems=problems[:NAMED], total=len(problems))
    named = list(dict.fromkeys(problems))
    if len(named) > NAMED:
        named = [*named[:NAMED], f"{len(named) - NAMED} more problems"]
    detail: dict[str, Any] = {"through": replay.seq, "hash": replay.last, "problems": named}
    append_links(connection, [*carried, LinkBody("checkpoint", "", 0, "", utc_now(), detail)])
    connection.execute(evidence_head.update().values(base_seq=replay.seq, base_hash=replay.last))


def _not_removed(kind: str, replay: Replay, connection: Connection) -> list[int]:
    """The rows of a kind that must exist: a link after those that were replayed may have removed one since."""
    found = [row for of, row in replay.live if of == kind]
    later = evidence_links.c.kind == kind, evidence_links.c.act == "removed", evidence_links.c.seq > replay.seq
    removed = connection.execute(select(evidence_links.c.row).where(*later, evidence_links.c.row.in_(found))).scalars()
    gone = set(removed) if found else set()
    return [row for row in found if row not in gone]


def _differences(kind: str, ids: Iterable[int], rows: Mapping[int, Row[Any]], replay: Replay) -> list[str]:
    missing = [f"{kind} row {row}: missing" for row in ids if row not in rows]
    edited = [
        f"{kind} row {row}: edited" for row in ids if row in rows and row_digest(rows[row]) != replay.live[kind, row]
    ]
    return missing + edited
