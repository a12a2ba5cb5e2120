"""Drops messages that are superseded before they were sent, in the transaction of the newer one and with a receipt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, select, update

from bot.model import Message, ReceiptOutcome
from bot.storage.engine import Store
from bot.storage.evidence_chain import insert_evidence
from bot.storage.follow_ups import superseded_by
from bot.storage.tables import messages, outbox, receipts

State = Literal["pending", "delivered", "missing"]
_WAITING = "pending"


@dataclass(frozen=True, slots=True)
class TargetState:
    """What became of a target: the message that another one changes or belongs under.

    `pending`: the target, or an older change of it, is still being delivered; `delivered`: by the routes in `references`
    (route -> reference); `missing`: it never was delivered.
    """

    state: State
    references: Mapping[str, str] = field(default_factory=dict)


def settle_earlier(connection: Connection, message: Message, seq: int, now: datetime) -> None:
    """Ends or marks the messages that `message` supersedes, within the transaction that posts it as `seq`."""
    if message.outdates:
        _supersede(connection, _named(message.outdates), message.id, f"superseded by {message.id}", now)
    reasons = superseded_by(message)
    if reasons:  # the end that was not told yet would come after the new beginning, and close it
        older = select(outbox, messages).join(messages, messages.c.seq == outbox.c.seq)
        ends = older.where(outbox.c.alert_key == message.alert_key, messages.c.reason.in_(reasons), outbox.c.seq < seq)
        alone = ends.where(messages.c.replaces == "", messages.c.under == "")
        _supersede(connection, alone, message.id, f"superseded by {message.id}: it began again", now)
    if message.replaces:
        older = select(outbox, messages).join(messages, messages.c.seq == outbox.c.seq)
        changes = older.where(messages.c.replaces == message.replaces, outbox.c.seq < seq)
        _supersede(connection, changes, message.id, f"superseded by {message.id}, a later change", now)
        _merge_into_target(connection, message, seq, now)


async def target_state(store: Store, message: Message, seq: int, now: datetime) -> TargetState:
    """What became of the message that `message` changes or belongs under."""
    target = message.replaces or message.under
    leased = outbox.c.lease_until.is_not(None) & (outbox.c.lease_until > now)
    older = select(outbox.c.seq).join(messages, messages.c.seq == outbox.c.seq)
    being_sent = older.where(messages.c.replaces == target, outbox.c.state == _WAITING, leased, outbox.c.seq < seq)
    sent = select(receipts.c.route, receipts.c.reference)
    sent = sent.where(receipts.c.message == target, receipts.c.outcome == "sent")
    async with store.read() as connection:
        state = (await connection.execute(_named(target).with_only_columns(outbox.c.state))).scalar()
        busy = bool(message.replaces) and (await connection.execute(being_sent.limit(1))).first() is not None
        references = {row.route: row.reference for row in (await connection.execute(sent)).all()}
    if state == _WAITING or busy:
        return TargetState("pending")
    return TargetState("delivered", references) if references else TargetState("missing")


def _named(id: str) -> Select[Any]:
    return select(outbox, messages).join(messages, messages.c.seq == outbox.c.seq).where(messages.c.id == id)


def _supersede(connection: Connection, superseded: Select[Any], by: str, why: str, now: datetime) -> None:
    """Ends messages that nobody is sending; one that is being sent is marked, and ends before its next attempt."""
    rows = (connection.execute(_locked(superseded.where(outbox.c.state == _WAITING)))).all()
    for row in rows:
        if _free(row, now):
            _end(connection, row, "superseded", why, now)
        else:
            this = outbox.c.seq == row.seq
            connection.execute(update(outbox).where(this).values(outdated_by=by))


def _merge_into_target(connection: Connection, message: Message, seq: int, now: datetime) -> None:
    """Merges a change into a target that was not sent yet, and drops a change of one that was never delivered."""
    target = (connection.execute(_locked(_named(message.replaces)))).first()
    change = (connection.execute(select(outbox, messages).join(messages).where(outbox.c.seq == seq))).one()
    if target is None or target.state in ("sent", "failed", "expired"):
        return  # the sender finds out where that one was delivered
    if target.state != _WAITING:
        _end(connection, change, "left_out", f"{target.id} was not delivered", now)
    elif _free(target, now) and not target.tries:
        changed = update(messages).where(messages.c.seq == target.seq).values(card=dict(message.card))
        connection.execute(changed)
        _end(connection, change, "superseded", f"merged into {target.id}, which was not sent yet", now)


def _end(connection: Connection, row: Row[Any], outcome: ReceiptOutcome, detail: str, now: datetime) -> None:
    ended = {"state": outcome, "settled_at": now, "lease_owner": None, "lease_until": None}
    connection.execute(update(outbox).where(outbox.c.seq == row.seq).values(ended))
    receipt = {"message": row.id, "audience": row.audience, "route": "", "outcome": outcome, "at": now}
    insert_evidence(connection, "receipts", [receipt | {"detail": detail, "reference": ""}])


def _locked(query: Select[Any]) -> Select[Any]:
    return query.with_for_update(of=outbox)


def _free(row: Row[Any], now: datetime) -> bool:
    return row.lease_until is None or row.lease_until <= now
