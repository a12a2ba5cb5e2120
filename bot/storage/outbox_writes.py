"""Writes to the outbox: many messages are accepted, claimed, released and settled in a few statements."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from bot.model import Message, Priority, Purpose, Receipt
from bot.storage.audit_log import record_test
from bot.storage.claims import RANKS, Claim
from bot.storage.engine import insert
from bot.storage.evidence_chain import insert_evidence
from bot.storage.follow_ups import follow_ups, lock_alerts
from bot.storage.message_purpose import incident_of, purpose_of, reason_of
from bot.storage.storable import storable
from bot.storage.superseded import settle_earlier
from bot.storage.tables import messages, outbox

Ending = Literal["sent", "failed", "expired", "superseded", "left_out"]

_CHANGING = ("state", "refused", "tries", "rounds", "due_at", "lease_owner", "lease_until", "settled_at")
_CHANGE = (
    update(outbox)
    .where(outbox.c.seq == bindparam("of"))
    .values({name: bindparam(f"new_{name}", type_=outbox.c[name].type) for name in _CHANGING})
)
_PENDING = (
    select(outbox.c.seq, outbox.c.outdated_by, *(outbox.c[name] for name in _CHANGING))
    .where(outbox.c.seq.in_(bindparam("of", expanding=True)), outbox.c.state == "pending")
    .order_by(outbox.c.seq)  # the same order in every replica, so that none deadlocks with another
    .with_for_update()
)


class OutdatedError(Exception):
    """The message is superseded by the message `by`."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


@dataclass(frozen=True, slots=True)
class OutboxPost:
    """A message to accept for delivery over `routes`, due at once. The answer is False when it was accepted before."""

    message: Message
    routes: Sequence[str]
    now: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A change to the row of a message that a sender holds, with its receipt.

    `change` alters the row and gives the answer; where the lease is lost nothing is altered and the answer is `lost`. The
    receipt is written either way, since it records what happened. `edits`: the routes that may also be told the end of the
    alert that it settles -> whether they edit their messages.
    """

    claim: Claim
    change: Callable[[dict[str, Any]], object]
    receipt: Receipt | None = None
    lost: object = None
    edits: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Take:
    """Claims the messages that `due` selects (seq, in order) for an owner; the answer is the claims."""

    due: Select[Any]
    owner: str
    until: datetime


Work = OutboxPost | Change | Take


def begin_change(claim: Claim, route: str, until: datetime) -> Change:
    """Records that a send begins; the answer is its number on the route, from 1, or an `OutdatedError`."""

    def change(row: dict[str, Any]) -> int | OutdatedError:
        if row["outdated_by"]:
            return OutdatedError(row["outdated_by"])
        number = int(row["tries"].get(route, 0)) + 1
        row["tries"] = {**row["tries"], route: number}
        row["lease_until"] = until
        return number

    return Change(claim, change)


def renew_change(claim: Claim, until: datetime) -> Change:
    """Prolongs the lease; the answer is False where it is lost or the message has reached a final state."""

    def change(row: dict[str, Any]) -> bool:
        row["lease_until"] = until
        return True

    return Change(claim, change, lost=False)


def receipt_change(claim: Claim, receipt: Receipt, *, not_begun: bool) -> Change:
    """Records an attempt that did not deliver the message. `not_begun`: nothing was sent."""

    def change(row: dict[str, Any]) -> None:
        if receipt.outcome == "refused":
            row["refused"] = sorted({*row["refused"], receipt.route})
        if not_begun:
            row["tries"] = {**row["tries"], receipt.route: max(0, int(row["tries"].get(receipt.route, 0)) - 1)}

    return Change(claim, change, receipt)


def settle_change(
    claim: Claim, ending: Ending, receipt: Receipt | None, now: datetime, edits: Mapping[str, bool] | None = None
) -> Change:
    """Writes the final state, and `edits` as in `Change`; the answer is False where another sender has taken over."""

    def change(row: dict[str, Any]) -> bool:
        row.update(state=ending, settled_at=now, lease_owner=None, lease_until=None)
        return True

    return Change(claim, change, receipt, lost=False, edits=edits or {})


def release_change(claim: Claim, due_at: datetime, rounds: int) -> Change:
    """Releases the message until `due_at`. `rounds`: how often all its routes have failed by now."""

    def change(row: dict[str, Any]) -> None:
        # A superseded message blocks the newer one, so it is due at once: its next claim ends it.
        due = row["due_at"] if row["outdated_by"] else due_at
        row.update(due_at=due, lease_owner=None, lease_until=None, rounds=rounds)

    return Change(claim, change)


def write_all(connection: Connection, works: Sequence[Work]) -> list[object]:
    """Writes everything within the caller's transaction; one answer for each piece of work, in order."""
    posts = [work for work in works if isinstance(work, OutboxPost)]
    changes = [work for work in works if isinstance(work, Change)]
    answers: dict[int, object] = {}
    answers |= zip(map(id, posts), accept(connection, posts) if posts else (), strict=True)
    answers |= zip(map(id, changes), apply_changes(connection, changes) if changes else (), strict=True)
    # Messages that were just accepted or released may be claimed at once.
    answers |= {id(work): _take(connection, work) for work in works if isinstance(work, Take)}
    return [answers[id(work)] for work in works]


def accept(connection: Connection, posts: Sequence[OutboxPost]) -> list[bool]:
    """Accepts messages for delivery; the answer is False for each whose id or dedupe was accepted before."""
    put = insert(connection, messages).on_conflict_do_nothing().returning(messages.c.seq, messages.c.id)
    seqs = {row.id: row.seq for row in (connection.execute(put, [_message_row(post) for post in posts])).all()}
    rows, answers = [], []
    for post in posts:
        seq = seqs.pop(storable(post.message.id), None)  # a second one with the same id is a repeat
        answers.append(seq is not None)
        if seq is not None:
            rows.append(_outbox_row(post, seq))
    if rows:
        connection.execute(outbox.insert(), rows)
    accepted = (post for post, answer in zip(posts, answers, strict=True) if answer)
    for post, row in zip(accepted, rows, strict=True):
        settle_earlier(connection, post.message, int(row["seq"]), post.now)
    return answers


def apply_changes(connection: Connection, changes: Sequence[Change]) -> list[object]:
    """Makes changes in order within the caller's transaction; one answer for each."""
    lock_alerts(connection, [change.claim.message.alert_key for change in changes if change.edits])
    written = [(change.claim.message, change.receipt) for change in changes if change.receipt is not None]
    if written:
        insert_evidence(connection, "receipts", [_receipt_row(receipt) for _, receipt in written])
    for message, receipt in written:
        if receipt.outcome == "sent" and message.purpose is Purpose.FALLBACK_TEST:
            record_test(connection, receipt.route, receipt.at, receipt.message)
    seqs = sorted({change.claim.seq for change in changes})
    found = (connection.execute(_PENDING, {"of": seqs})).all()
    rows: dict[int, dict[str, Any]] = {row.seq: dict(row._mapping) for row in found}  # noqa: SLF001 - SQLAlchemy's public name
    answers, touched = [], defaultdict[int, bool](bool)
    for change in changes:
        row = rows.get(change.claim.seq)
        if row is None or row["lease_owner"] != change.claim.owner:
            answers.append(change.lost)
            continue
        touched[change.claim.seq] = True
        answers.append(change.change(row))
    if touched:
        changed = [{"of": seq, **{f"new_{name}": rows[seq][name] for name in _CHANGING}} for seq in touched]
        connection.execute(_CHANGE, changed)
    for change in changes:
        settled = rows[change.claim.seq]["settled_at"] if change.claim.seq in touched else None
        if change.edits and settled is not None:
            _follow_up(connection, change.claim, change.edits, settled)
    return answers


def _follow_up(connection: Connection, claim: Claim, edits: Mapping[str, bool], now: datetime) -> None:
    primary = claim.routes[0] if claim.routes else ""
    found = list(follow_ups(connection, claim.message, edits, primary, now))
    if found:
        accept(connection, [OutboxPost(message, (route,), now) for message, route in found])


def _take(connection: Connection, work: Take) -> tuple[Claim, ...]:
    seqs = connection.execute(work.due.with_for_update(of=outbox, skip_locked=True)).scalars().all()
    if not seqs:
        return ()
    taken = outbox.c.seq.in_(seqs)
    connection.execute(update(outbox).where(taken).values(lease_owner=work.owner, lease_until=work.until))
    whole = select(outbox, messages).join(messages, messages.c.seq == outbox.c.seq).where(taken)
    rows = connection.execute(whole.order_by(outbox.c.rank, outbox.c.seq)).all()
    return tuple(claim_of(row, work.owner) for row in rows)


def claim_of(row: Row[Any], owner: str) -> Claim:
    """Builds an owner's claim of a message from its row."""
    return Claim(
        row.seq,
        owner,
        message_of(row),
        tuple(row.routes),
        row.rounds,
        row.due_at,
        dict(row.tries),
        frozenset(row.refused),
        row.outdated_by,
    )


def message_of(row: Row[Any]) -> Message:
    """Builds a message from its row."""
    created: datetime = row.created_at
    return Message(
        row.id,
        row.audience,
        row.card,
        Priority(row.priority),
        row.dedupe or "",
        created.astimezone(UTC),
        row.expires_at,
        row.replaces,
        row.under,
        row.outdates,
        purpose=purpose_of(row),
        incident=incident_of(row),
        reason=reason_of(row),
        alert_key=row.alert_key or "",
    )


def _message_row(post: OutboxPost) -> dict[str, Any]:
    message = post.message
    return {
        "id": message.id,
        "audience": message.audience,
        "card": dict(message.card),
        "priority": message.priority.value,
        "dedupe": message.dedupe or None,
        "created_at": message.created_at or post.now,
        "expires_at": message.expires_at,
        "replaces": message.replaces,
        "under": message.under,
        "outdates": message.outdates,
        "purpose": message.purpose.value if message.purpose else None,
        "incident": message.incident or None,
        "reason": message.reason or None,
    }


def _outbox_row(post: OutboxPost, seq: int) -> dict[str, Any]:
    return {
        "seq": seq,
        "audience": post.message.audience,
        "rank": RANKS[post.message.priority],
        "state": "pending",
        "routes": list(post.routes),
        "refused": [],
        "tries": {},
        "rounds": 0,
        "due_at": post.now,
        "alert_key": post.message.alert_key or None,
    }


def _receipt_row(receipt: Receipt) -> dict[str, Any]:
    return {name: getattr(receipt, name) for name in Receipt.__dataclass_fields__}
