"""What the disk did not take of the outbox: kept in memory, and written before anything else once the disk takes it.

While the disk is full, alerts that were accepted before go out on the strength of this memory. A process that is killed
then forgets what it sent: the messages are still pending in the ledger, and are sent again.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, or_, update

from bot.storage.claims import BLOCKS_FOR_ROUNDS, Claim
from bot.storage.outbox_writes import Change, apply_changes
from bot.storage.tables import outbox

MOST = 20_000
"""Most changes kept; further ones are refused as the disk refuses them."""
_LEASE = timedelta(seconds=20)
"""For how long its sender holds a message whose changes were just written, as after a claim."""
_log = structlog.get_logger(__name__)


class KeptWrites:
    """The changes that wait, in order, and the rows of the outbox as they will be once the changes are written."""

    def __init__(self) -> None:
        self._changes: list[Change] = []
        self._rows: dict[int, dict[str, Any]] = {}

    @property
    def waiting(self) -> tuple[Change, ...]:
        """The changes that are not written yet."""
        return tuple(self._changes)

    @property
    def full(self) -> bool:
        """Whether no more is kept."""
        return len(self._changes) >= MOST

    def holds(self, seq: int) -> bool:
        """Whether changes of this message have to go through memory: it was claimed there, or earlier ones wait."""
        return seq in self._rows

    def apply(self, change: Change) -> object:
        """Make a change in memory; its answer."""
        if not self._changes:
            _log.error("outbox_kept_in_memory")
        row = self._rows.setdefault(change.claim.seq, _row(change.claim))
        self._changes.append(change)
        return change.change(row) if row["state"] == "pending" else change.lost

    def claimable(self, pending: Iterable[Claim], now: datetime, limit: int) -> tuple[Claim, ...]:
        """Up to `limit` of the pending messages that are due: in order within an audience, without those that have ended."""
        found, held = list[Claim](), set[str]()
        for claim in pending:
            row = self._rows.get(claim.seq) or _row(claim)
            if row["state"] != "pending" or claim.message.audience in held:
                continue
            if row["rounds"] < BLOCKS_FOR_ROUNDS:
                held.add(claim.message.audience)
            if row["due_at"] <= now and len(found) < limit:
                self._rows[claim.seq] = row
                found.append(_as_kept(claim, row))
        return tuple(found)

    def written(self, changes: Sequence[Change]) -> None:
        """Forget these changes, which are in the ledger now."""
        done = set(map(id, changes))
        self._changes = [change for change in self._changes if id(change) not in done]
        settled = {change.claim.seq for change in changes} - {change.claim.seq for change in self._changes}
        self._rows = {seq: row for seq, row in self._rows.items() if seq not in settled}
        if not self._changes:
            _log.warning("outbox_written", changes=len(changes))


def write(connection: Connection, changes: Sequence[Change], now: datetime) -> None:
    """Write kept changes in one transaction. Where another sender holds a message by now, only the receipts are written."""
    for together in _rounds(changes):
        owners: dict[str, set[int]] = {}
        for change in together:
            owners.setdefault(change.claim.owner, set()).add(change.claim.seq)
        for owner, seqs in owners.items():
            free = or_(outbox.c.lease_owner.is_(None), outbox.c.lease_owner == owner, outbox.c.lease_until <= now)
            pending = outbox.c.seq.in_(seqs) & (outbox.c.state == "pending")
            connection.execute(update(outbox).where(pending, free).values(lease_owner=owner, lease_until=now + _LEASE))
        apply_changes(connection, together)


def _rounds(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """The changes in parts, in each of which every message has one claim: a claim ends with a release of the message."""
    together, claims = list[Change](), dict[int, Claim]()
    for change in changes:
        if claims.setdefault(change.claim.seq, change.claim) is not change.claim:
            yield together
            together, claims = [], {change.claim.seq: change.claim}
        together.append(change)
    if together:
        yield together


def _row(claim: Claim) -> dict[str, Any]:
    """The row of a claimed message, as far as changes alter it."""
    return {
        "state": "pending",
        "refused": sorted(claim.refused),
        "tries": dict(claim.tries),
        "rounds": claim.rounds,
        "due_at": claim.due_at,
        "lease_owner": claim.owner,
        "lease_until": None,
        "settled_at": None,
        "outdated_by": claim.outdated_by,
    }


def _as_kept(claim: Claim, row: dict[str, Any]) -> Claim:
    return Claim(
        claim.seq,
        claim.owner,
        claim.message,
        claim.routes,
        row["rounds"],
        row["due_at"],
        dict(row["tries"]),
        frozenset(row["refused"]),
        claim.outdated_by,
    )
