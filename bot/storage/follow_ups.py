"""Tells the end of an alert to routes that told its beginning, where the message that says it took another route."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select

from bot.model import Message, Priority, Purpose
from bot.model.notifications import BEGINNINGS, ENDS, NotificationReason
from bot.storage.tables import messages, outbox, receipts

EXPIRES_AFTER = timedelta(days=3)
"""For how long a route that is down is tried: late is better than an alert that stays open there."""


FollowUpState = Literal["pending", "due", "needless"]
"""Whether a follow-up waits for the beginning to be told, has to be sent, or has nobody to tell any more."""


@dataclass(frozen=True, slots=True)
class AlertHistory:
    """The messages of one alert so far, as `outbox.alert_key` combines them.

    `begun` and `ended`: route -> number (seq) of the last beginning, and of the last end, that it delivered. `begins` and `end`:
    the last messages of these kinds, delivered or not. `pending`: a beginning is not sent yet.
    """

    begun: Mapping[str, int] = field(default_factory=dict)
    ended: Mapping[str, int] = field(default_factory=dict)
    begins: Row[Any] | None = None
    end: Row[Any] | None = None
    pending: bool = False
    ids: Mapping[int, str] = field(default_factory=dict)

    @property
    def open_on(self) -> dict[str, str]:
        """The routes that told the beginning and no end since -> the message by which they told it."""
        return {route: self.ids[seq] for route, seq in self.begun.items() if self.ended.get(route, 0) < seq}


def lock_alerts(connection: Connection, keys: Iterable[str]) -> None:
    """Let no other transaction settle messages of these alerts until this one ends. SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        for key in sorted(set(keys)):
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def is_beginning(reason: str, *, changes: bool = False) -> bool:
    """Whether a message with this reason opens an alert where it arrives. `changes`: it edits, or belongs to, another one."""
    return not changes and reason in BEGINNINGS


def alert_history(connection: Connection, key: str) -> AlertHistory:
    """What was sent so far under an alert's key."""
    columns = (messages.c.seq, messages.c.id, messages.c.reason, messages.c.purpose, messages.c.replaces)
    query = select(*columns, messages.c.under, messages.c.outdates, outbox.c.state)
    query = query.join(outbox, outbox.c.seq == messages.c.seq).where(outbox.c.alert_key == key)
    rows: list[Row[Any]] = [*connection.execute(query.order_by(messages.c.seq))]
    beginnings = [row for row in rows if is_beginning(row.reason or "", changes=bool(row.replaces or row.under))]
    ends = [row for row in rows if _is_end(row)]
    told = [row for row in ends if row.purpose == Purpose.ALERT.value]
    return AlertHistory(
        begun=_last_by_route(connection, beginnings),
        ended=_last_by_route(connection, [row for row in ends if not row.replaces]),
        begins=beginnings[-1] if beginnings else None,
        end=told[-1] if told else None,
        pending=any(row.state == "pending" for row in beginnings),
        ids={row.seq: row.id for row in rows},
    )


def follow_ups(
    connection: Connection, message: Message, edits: Mapping[str, bool], primary: str, now: datetime
) -> Iterator[tuple[Message, str]]:
    """The messages, each with its route, by which open routes learn the end of the alert that `message` is about.

    Called in the transaction that settles a beginning or an end, so that of two that are settled at once the second one sees
    the first.

    Args:
        connection: of that transaction.
        message: what was settled.
        edits: the routes that may be told -> whether they edit their messages in place.
        primary: the audience's first route. What it missed is in its catch-up digest, if it edits.
        now: UTC.
    """
    history = alert_history(connection, message.alert_key)
    end, begins = history.end, history.begins
    if end is None or end.state == "pending" or (begins is not None and begins.seq > end.seq):
        return  # it is not over, or began again
    for route, begun_by in history.open_on.items():
        edited = begun_by in (end.outdates, end.replaces)
        if route not in edits or (edits[route] and (edited or route == primary)):
            continue
        card = connection.execute(select(messages.c.card).where(messages.c.seq == end.seq)).scalar_one()
        name = f"{end.id}/also:{route}"
        yield _follow_up(message, name, card, end.reason, now), route


def follow_up_state(connection: Connection, message: Message, route: str) -> FollowUpState:
    """Whether a route still has to be told what a follow-up says."""
    history = alert_history(connection, message.alert_key)
    begins, end = history.begins, history.end
    acknowledges = message.reason == NotificationReason.ACKNOWLEDGED
    if acknowledges and history.pending:
        return "pending"
    again = not acknowledges and begins is not None and end is not None and begins.seq > end.seq
    return "due" if route in history.open_on and not again else "needless"


def follows(message: Message) -> bool:
    """Whether the end of an alert may have to be told to more routes once this message is settled."""
    if message.purpose is not Purpose.ALERT or not message.alert_key or message.under:
        return False
    return message.reason in ENDS or is_beginning(message.reason, changes=bool(message.replaces))


def superseded_by(message: Message) -> Iterable[str]:
    """The reasons of messages that must not arrive after this one, although they were posted before."""
    begins = message.alert_key and is_beginning(message.reason, changes=bool(message.replaces or message.under))
    return (*ENDS, NotificationReason.ACKNOWLEDGED) if begins else ()


def _follow_up(message: Message, name: str, card: Mapping[str, Any], reason: str, now: datetime) -> Message:
    follow_up = Message(name, message.audience, card, Priority.REPLY, name, now, now + EXPIRES_AFTER)
    return replace(
        follow_up,
        purpose=Purpose.FOLLOW_UP,
        incident=message.incident,
        reason=reason,
        alert_key=message.alert_key,
    )


def _is_end(row: Row[Any]) -> bool:
    return row.reason in ENDS and not row.under


def _last_by_route(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, int]:
    seqs = {row.id: row.seq for row in rows}
    if not seqs:
        return {}
    sent = select(receipts.c.message, receipts.c.route)
    sent = sent.where(receipts.c.message.in_(list(seqs)), receipts.c.outcome == "sent")
    last: dict[str, int] = {}
    for row in connection.execute(sent):
        last[row.route] = max(last.get(row.route, 0), seqs[row.message])
    return last
