"""The outbox: pending messages, the senders that hold them, and the receipts of every attempt."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.model import Message, Priority, Receipt, utc_now
from bot.storage import kept_writes, outbox_writes
from bot.storage.claims import BLOCKS_FOR_ROUNDS, RANKS, Claim, refused_by_all
from bot.storage.engine import LedgerError, Store
from bot.storage.follow_ups import FollowUpState, alert_history, follow_up_state
from bot.storage.group_commit import GroupCommit
from bot.storage.kept_writes import KeptWrites
from bot.storage.outbox_writes import Change, Ending, OutboxPost, OutdatedError, Take, Work, claim_of, message_of
from bot.storage.superseded import TargetState, target_state
from bot.storage.tables import messages, outbox, receipts
from bot.storage.utc_column import UtcDateTime

LONGEST_LEASE = timedelta(minutes=10)
"""Longer than any lease that a sender asks for."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Numbers of pending and failed messages, and when the oldest message that should be sent by now was posted.

    A message that every route has refused counts as pending, but not as one that should be sent by now.
    """

    pending: int
    failed: int
    oldest: datetime | None


async def post(connection: AsyncConnection, message: Message, routes: Sequence[str], now: datetime) -> bool:
    """Accept a message for delivery within the caller's transaction; False when it was accepted before."""
    return (await connection.run_sync(outbox_writes.accept, [OutboxPost(message, routes, now)]))[0]


async def may_be_open(connection: AsyncConnection, alert_key: str, route: str) -> bool:
    """Whether a route told the beginning of this alert and not its end, or may still tell it; within the caller's transaction."""
    history = await connection.run_sync(alert_history, alert_key)
    return history.pending or route in history.open_on


class Outbox(Store):
    """The part of the ledger that senders work with."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.posted = asyncio.Event()
        """Set when this process accepts a message; the sender waits for it and clears it."""
        self._group_commit: GroupCommit[Work] = GroupCommit(self._write_all)
        self._kept, self._writing_kept = KeptWrites(), asyncio.Lock()

    async def close(self) -> None:
        """Finish pending writes, then close every connection."""
        await self._group_commit.finish()
        await super().close()

    async def post(self, message: Message, routes: Sequence[str], now: datetime | None = None) -> bool:
        """Accept a message for delivery in its own transaction. False: its id or dedupe was accepted before."""
        accepted = bool(await self._group_commit.do(OutboxPost(message, routes, now or utc_now())))
        if accepted:
            self.posted.set()
        return accepted

    async def _write_all(self, works: Sequence[Work]) -> Sequence[object]:
        return await self.write_at_once(lambda connection: outbox_writes.write_all(connection, works))

    async def claim(
        self, owner: str, now: datetime, lease: timedelta, limit: int, *, alerts_only: bool = False
    ) -> tuple[Claim, ...]:
        """Take up to `limit` due messages for `lease`: alerts first, and in order within an audience.

        A message waits for more urgent ones of its audience, and for older ones as urgent, during their first rounds.
        """
        due = _due(now).where(~_blocked())
        if alerts_only:
            due = due.where(outbox.c.rank == RANKS[Priority.ALERT])
        try:
            await self._write_kept()
            return await self._take(due, owner, now + lease, limit)
        except LedgerError as error:
            found = (
                await self._claim_in_memory(owner, now, limit)
                if error.disk and self.embedded and not self._kept.full
                else ()
            )
            if not found:
                raise
            return found

    async def _claim_in_memory(self, owner: str, now: datetime, limit: int) -> tuple[Claim, ...]:
        """Alerts to send while the disk is full: nobody else can claim them either, since the file is this process's own."""
        mine = or_(_free(now), outbox.c.lease_owner == owner)
        alerts = (outbox.c.state == "pending", outbox.c.rank == RANKS[Priority.ALERT], mine)
        whole = select(outbox, messages).join(messages, messages.c.seq == outbox.c.seq).where(*alerts)
        async with self.read() as connection:
            rows = (await connection.execute(whole.order_by(outbox.c.seq).limit(1000))).all()
        return self._kept.claimable((claim_of(row, owner) for row in rows), owner, now, limit)

    async def keep(self, posts: Sequence[OutboxPost]) -> None:
        """Keep messages that the full disk does not take: alerts are sent all the same, the others once they are written."""
        ids = [post.message.id for post in posts]
        async with self.read() as connection:
            known = set((await connection.execute(select(messages.c.id).where(messages.c.id.in_(ids)))).scalars())
        for post in posts:
            if post.message.id not in known:
                self._kept.post(post)
        self.posted.set()

    async def _change(self, change: Change) -> object:
        """Make a change; in memory while the disk is full, to be written as soon as it is not.

        Raises:
            LedgerError: the ledger is out of reach, or too much is kept already.
        """
        try:
            if not self._kept.holds(change.claim.seq):
                await self._write_kept()
                return await self._group_commit.do(self._kept.in_ledger(change))
        except LedgerError as error:
            if not error.disk or self._kept.full:
                raise
        answer = self._kept.apply(change)
        with suppress(LedgerError):
            await self._write_kept()
        return answer

    async def _write_kept(self) -> None:
        async with self._writing_kept:
            if waiting := self._kept.waiting:
                seqs = await self.write_at_once(lambda connection: kept_writes.write(connection, waiting, utc_now()))
                self._kept.written(waiting, seqs)

    async def claim_one(self, message: str, owner: str, now: datetime, lease: timedelta) -> Claim | None:
        """Take one message out of turn, by its id. None: it is not due, not pending, or another sender holds it."""
        return next(
            iter(await self._take(_due(now).where(outbox.c.seq == _seq_of(message)), owner, now + lease, 1)), None
        )

    async def _take(self, due: Select[Any], owner: str, until: datetime, limit: int) -> tuple[Claim, ...]:
        take = Take(due.order_by(outbox.c.rank, outbox.c.seq).limit(limit), owner, until)
        taking = asyncio.create_task(self._group_commit.do(take))
        try:
            return cast("tuple[Claim, ...]", await asyncio.shield(taking))
        except asyncio.CancelledError:
            # Nobody would send these until their lease expires.
            for claim in cast("tuple[Claim, ...]", await taking):
                await self.put_back(claim, claim.due_at, failed=False)
            raise

    async def begin_try(self, claim: Claim, route: str, now: datetime, lease: timedelta) -> int | None:
        """Record that a send begins, and renew the lease. Its number on this route, from 1; None: the lease is lost.

        Written before anything is sent, so that after a crash the next sender knows of a possible delivery.

        Raises:
            OutdatedError: it was superseded since it was claimed.
        """
        answer = await self._change(outbox_writes.begin_change(claim, route, now + lease))
        if isinstance(answer, OutdatedError):
            raise answer
        return cast("int | None", answer)

    async def renew(self, claim: Claim, until: datetime) -> bool:
        """Prolong the lease of a message. False: the lease is lost, or the message has reached a final state."""
        change = self._kept.in_ledger(outbox_writes.renew_change(claim, until))
        return bool(await self._group_commit.do(change))

    async def add_receipt(self, claim: Claim, receipt: Receipt, *, not_begun: bool = False) -> None:
        """Write the receipt of an attempt after which the message is still pending.

        `not_begun`: `begin_try` recorded the attempt, but nothing was sent.
        """
        await self._change(outbox_writes.receipt_change(claim, receipt, not_begun=not_begun))

    async def settle(
        self,
        claim: Claim,
        ending: Ending,
        receipt: Receipt | None,
        now: datetime,
        edits: Mapping[str, bool] | None = None,
    ) -> bool:
        """Write the final state of a message and its receipt. False: another sender has taken over.

        `edits`: the routes that are told the end of the alert as well, if they told its beginning -> whether they edit messages.
        """
        return bool(await self._change(outbox_writes.settle_change(claim, ending, receipt, now, edits)))

    async def put_back(self, claim: Claim, due_at: datetime, *, failed: bool = True, refused: bool = False) -> None:
        """Release a message, to be claimed from `due_at` on.

        `failed`: all its routes failed. `refused`: all of them refused, so that it blocks those behind it no longer.
        """
        rounds = max(claim.rounds + 1, BLOCKS_FOR_ROUNDS) if refused else claim.rounds + (1 if failed else 0)
        await self._change(outbox_writes.release_change(claim, due_at, rounds))

    async def make_due(self, now: datetime) -> None:
        """Make every pending message due now: at a start, and after the clock was set back."""
        later = update(outbox).where(outbox.c.state == "pending", outbox.c.due_at > now).values(due_at=now)
        await self.write_at_once(lambda connection: connection.execute(later))

    async def next_due(self) -> datetime | None:
        """When the next message may be claimed; None: no message is pending, or the disk takes nothing."""
        if self._kept.waiting:
            return None
        leased = outbox.c.lease_until.is_not(None) & (outbox.c.lease_until > outbox.c.due_at)
        soonest = func.min(case((leased, outbox.c.lease_until), else_=outbox.c.due_at), type_=UtcDateTime())
        async with self.read() as connection:
            due: datetime | None = await connection.scalar(
                select(soonest).where(outbox.c.state == "pending", ~_blocked())
            )
        return due

    async def receipts(
        self, *, message: str = "", audience: str = "", since: datetime | None = None, limit: int = 100
    ) -> tuple[Receipt, ...]:
        """The newest `limit` receipts of a message, of an audience or of all, oldest first."""
        query = select(receipts).order_by(receipts.c.id.desc()).limit(limit)
        if message:
            query = query.where(receipts.c.message == message)
        if audience:
            query = query.where(receipts.c.audience == audience)
        if since is not None:
            query = query.where(receipts.c.at >= since)
        async with self.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            Receipt(row.message, row.audience, row.route, row.outcome, row.at, row.detail, row.reference)
            for row in reversed(rows)
        )

    async def target_state(self, claim: Claim, now: datetime) -> TargetState:
        """What became of the message that the claimed one changes or belongs under."""
        return await target_state(self, claim.message, claim.seq, now)

    async def follow_up_state(self, claim: Claim, route: str) -> FollowUpState:
        """Whether a route still has to be told what the claimed follow-up says."""
        async with self.read() as connection:
            return await connection.run_sync(follow_up_state, claim.message, route)

    async def last_reference(self, route: str) -> str:
        """The reference of the newest message that a route delivered, empty where there is none."""
        sent = select(receipts.c.reference).where(receipts.c.route == route, receipts.c.outcome == "sent")
        async with self.read() as connection:
            found = (await connection.execute(sent.order_by(receipts.c.id.desc()).limit(1))).scalar()
        return found or ""

    async def backlog(self) -> Backlog:
        """How many messages are pending, and how many failed."""
        # Messages with priority LATER wait by design.
        async with self.read() as connection:
            refused = await _refused_by_all(connection)
            is_due = (outbox.c.rank < RANKS[Priority.LATER]) & outbox.c.seq.not_in(refused)
            first_due = func.min(case((is_due, outbox.c.seq)))
            counts = select(outbox.c.state, func.count(), first_due).group_by(outbox.c.state)
            by_state = {state: (number, first) for state, number, first in (await connection.execute(counts)).all()}
            pending, first = by_state.get("pending", (0, None))
            oldest = select(messages.c.created_at).where(messages.c.seq == first)
            since = None if first is None else (await connection.execute(oldest)).scalar()
        return Backlog(pending, by_state.get("failed", (0, None))[0], since)

    async def undelivered(self, limit: int = 100) -> tuple[Message, ...]:
        """The newest `limit` messages that every route refused, oldest first; those that are still tried too."""
        query = select(messages, outbox.c.alert_key).join(outbox, outbox.c.seq == messages.c.seq)
        async with self.read() as connection:
            kept = await _refused_by_all(connection)
            query = query.where((outbox.c.state == "failed") | outbox.c.seq.in_(kept))
            rows = (await connection.execute(query.order_by(messages.c.seq.desc()).limit(limit))).all()
        return tuple(message_of(row) for row in reversed(rows))


async def _refused_by_all(connection: AsyncConnection) -> list[int]:
    """The newest 1,000 pending messages that every route has refused, by `seq`; they are tried now and then."""
    pending = select(outbox.c.seq, outbox.c.routes, outbox.c.refused).where(
        outbox.c.state == "pending", outbox.c.rounds >= BLOCKS_FOR_ROUNDS
    )
    rows = (await connection.execute(pending.order_by(outbox.c.seq.desc()).limit(1000))).all()
    return [row.seq for row in rows if refused_by_all(row.routes, row.refused)]


def _due(now: datetime) -> Select[Any]:
    waits = (outbox.c.state == "pending", outbox.c.due_at <= now, _free(now))
    return select(outbox.c.seq).where(*waits)


def _seq_of(message: str) -> Any:
    return select(messages.c.seq).where(messages.c.id == message).scalar_subquery()


def _blocked() -> Any:
    ahead = outbox.alias()
    is_ahead = or_(ahead.c.rank < outbox.c.rank, (ahead.c.rank == outbox.c.rank) & (ahead.c.seq < outbox.c.seq))
    same = ahead.c.audience == outbox.c.audience
    return exists().where(ahead.c.state == "pending", same, is_ahead, ahead.c.rounds < BLOCKS_FOR_ROUNDS)


def _free(now: datetime) -> Any:
    # After the clock was set back, an old lease would otherwise last for as long as the clock was wrong.
    held, longest = outbox.c.lease_until, now + LONGEST_LEASE
    return or_(held.is_(None), held <= now, held > longest)
