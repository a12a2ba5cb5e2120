"""What the disk did not take of the outbox: kept in memory, and written before anything else once the disk takes it.

While the disk is full, alerts that were accepted before go out on the strength of this memory. A process that is killed
then forgets what it sent: the messages are still pending in the ledger, and are sent again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, or_, select, update

from bot.model import Priority
from bot.storage.claims import BLOCKS_FOR_ROUNDS, Claim
from bot.storage.outbox_writes import Change, OutboxPost, accept, apply_changes
from bot.storage.storable import storable
from bot.storage.tables import messages, outbox

MOST = 20_000
"""Most messages and changes kept; further ones are refused as the disk refuses them."""
_LEASE = timedelta(seconds=30)
"""For how long its sender holds a message that was just written: longer than one try."""
_log = structlog.get_logger(__name__)


class KeptWrites:
    """The messages and changes that wait, in order, and the rows of the outbox as they will be once all is written.

    A message that is not in the ledger yet has a number of its own, below zero, in place of its `seq`.
    """

    def __init__(self) -> None:
        self._posts: list[OutboxPost] = []
        self._numbers: dict[str, int] = {}
        self._seqs: dict[int, int] = {}
        self._changes: list[Change] = []
        self._rows: dict[int, dict[str, Any]] = {}

    @property
    def waiting(self) -> "Waiting | None":
        """What is not written yet; None: nothing."""
        if not self._posts and not self._changes:
            return None
        held = {seq: row["lease_owner"] for seq, row in self._rows.items() if row["state"] == "pending"}
        numbers = {number: name for name, number in self._numbers.items()}
        return Waiting(tuple(self._posts), tuple(self._changes), held, numbers)

    @property
    def full(self) -> bool:
        """Whether no more is kept."""
        return len(self._changes) + len(self._posts) >= MOST

    def post(self, post: OutboxPost) -> None:
        """Keep a message, unless it is kept already."""
        if post.message.id not in self._numbers and not self.full:
            self._begin()
            self._numbers[post.message.id] = -len(self._numbers) - 1
            self._posts.append(post)

    def holds(self, seq: int) -> bool:
        """Whether changes of this message have to go through memory: it was claimed there, or earlier ones wait."""
        return seq in self._rows

    def in_ledger(self, change: Change) -> Change:
        """The change, of the message as it is numbered in the ledger."""
        seq = self._seqs.get(change.claim.seq)
        return change if seq is None else replace(change, claim=replace(change.claim, seq=seq))

    def apply(self, change: Change) -> object:
        """Make a change in memory; its answer."""
        self._begin()
        row = self._rows.setdefault(change.claim.seq, _row(change.claim))
        self._changes.append(change)
        return change.change(row) if row["state"] == "pending" else change.lost

    def claimable(self, pending: Iterable[Claim], owner: str, now: datetime, limit: int) -> tuple[Claim, ...]:
        """Up to `limit` of the pending messages and of the kept alerts that are due, in order within an audience.

        What changes another message, or belongs into its thread, waits until that can be looked up.
        """
        found, held = list[Claim](), set[str]()
        for claim in (*pending, *self._alerts(owner)):
            row = self._rows.get(claim.seq) or _row(claim)
            if row["state"] != "pending" or claim.message.audience in held:
                continue
            if row["rounds"] < BLOCKS_FOR_ROUNDS:
                held.add(claim.message.audience)
            if row["due_at"] <= now and len(found) < limit:
                self._rows[claim.seq] = row
                found.append(_as_kept(claim, row))
        return tuple(found)

    def written(self, waiting: "Waiting", seqs: Mapping[int, int]) -> None:
        """Forget what is in the ledger now. `seqs`: number of a message that was kept -> its `seq`."""
        self._seqs |= seqs
        done = {id(change) for change in waiting.changes} | {id(post) for post in waiting.posts}
        self._changes = [change for change in self._changes if id(change) not in done]
        self._posts = [post for post in self._posts if id(post) not in done]
        settled = {change.claim.seq for change in waiting.changes} - {change.claim.seq for change in self._changes}
        self._rows = {seq: row for seq, row in self._rows.items() if seq not in settled}
        if not self._changes and not self._posts:
            _log.warning("outbox_written", changes=len(waiting.changes), messages=len(waiting.posts))

    def _begin(self) -> None:
        if not self._changes and not self._posts:
            _log.error("outbox_kept_in_memory")

    def _alerts(self, owner: str) -> Iterator[Claim]:
        for post in self._posts:
            message = post.message
            if message.priority is Priority.ALERT and not message.replaces and not message.under:
                yield Claim(self._numbers[message.id], owner, message, tuple(post.routes), 0, post.now)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is to be written. `held`: a message that is being sent -> its sender. `numbers`: number -> id of a kept message."""

    posts: Sequence[OutboxPost]
    changes: Sequence[Change]
    held: Mapping[int, str | None]
    numbers: Mapping[int, str]


def write(connection: Connection, waiting: Waiting, now: datetime) -> dict[int, int]:
    """Write what waited in one transaction; the `seq` of each message that was kept, by its number.

    Where another sender holds a message by now, only the receipts are written.
    """
    if waiting.posts:
        accept(connection, waiting.posts)
    seqs = _seqs(connection, waiting.numbers)
    for seq, owner in waiting.held.items():
        if owner:
            _hold(connection, owner, [seqs.get(seq, seq)], now)
    for together in _rounds(waiting.changes):
        owners: dict[str, list[int]] = {}
        for change in together:
            owners.setdefault(change.claim.owner, []).append(seqs.get(change.claim.seq, change.claim.seq))
        for owner, mine in owners.items():
            _hold(connection, owner, mine, now)
        claims = {
            id(change.claim): replace(change.claim, seq=seqs.get(change.claim.seq, change.claim.seq))
            for change in together
        }
        apply_changes(connection, [replace(change, claim=claims[id(change.claim)]) for change in together])
    return seqs


def _seqs(connection: Connection, numbers: Mapping[int, str]) -> dict[int, int]:
    if not numbers:
        return {}
    ids = {number: storable(name) for number, name in numbers.items()}
    query = select(messages.c.id, messages.c.seq).where(messages.c.id.in_(set(ids.values())))
    found = {row.id: row.seq for row in connection.execute(query)}
    return {number: found[name] for number, name in ids.items() if name in found}


def _hold(connection: Connection, owner: str, seqs: Sequence[int], now: datetime) -> None:
    """Take the lease of messages for their sender, as far as nobody else has it."""
    free = or_(outbox.c.lease_owner.is_(None), outbox.c.lease_owner == owner, outbox.c.lease_until <= now)
    pending = outbox.c.seq.in_(seqs) & (outbox.c.state == "pending")
    connection.execute(update(outbox).where(pending, free).values(lease_owner=owner, lease_until=now + _LEASE))


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
