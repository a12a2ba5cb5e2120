"""The outbox: messages on their way, who is sending them, and the receipts of every try."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.model import Message, Priority, Receipt, utc_now
from bot.storage import outbox_writes as _turns
from bot.storage.engine import Store
from bot.storage.group_commit import GroupCommit
from bot.storage.outbox_writes import RANKS, Claim, Ending, OutboxPost, OutdatedError, Take, Work, message_of
from bot.storage.superseded import TargetState, target_state
from bot.storage.tables import UtcDateTime, messages, outbox, receipts

# After this many rounds a message lets those behind it pass: what only it cannot get through must not silence a team.
HOLDS_FOR_ROUNDS = 5
LONGEST_LEASE = timedelta(minutes=10)
"""No sender asks for a lease that long."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Messages by state, and when the oldest that should have left by now was posted."""

    pending: int
    failed: int
    oldest: datetime | None


async def post(connection: AsyncConnection, message: Message, routes: Sequence[str], now: datetime) -> bool:
    """Accept a message for delivery within the caller's transaction; False when it was accepted before."""
    return (await connection.run_sync(_turns.accept, [OutboxPost(message, routes, now)]))[0]


class Outbox(Store):
    """The part of the ledger that senders work with."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.posted = asyncio.Event()
        """Set when a message was accepted by this process; a sender waits for it and clears it."""
        self._together: GroupCommit[Work] = GroupCommit(self._write_all)

    async def close(self) -> None:
        """Write what is still to be written, then let go of every connection."""
        await self._together.finish()
        await super().close()

    async def post(self, message: Message, routes: Sequence[str], now: datetime | None = None) -> bool:
        """Accept a message for delivery on its own. False: its id or dedupe was accepted before."""
        accepted = bool(await self._together.do(OutboxPost(message, routes, now or utc_now())))
        if accepted:
            self.posted.set()
        return accepted

    async def _write_all(self, works: Sequence[Work]) -> Sequence[object]:
        return await self.write_at_once(lambda connection: _turns.write_all(connection, works))

    async def claim(
        self, owner: str, now: datetime, lease: timedelta, limit: int, *, alerts_only: bool = False
    ) -> tuple[Claim, ...]:
        """Take up to `limit` messages that are due, for `lease`. Alerts first, and in order within an audience.

        A message waits for those of its audience that are as urgent and older, or more urgent, as long as they are in
        their first rounds.
        """
        due = _due(now).where(~_held())
        if alerts_only:
            due = due.where(outbox.c.rank == RANKS[Priority.ALERT])
        return await self._take(due, owner, now + lease, limit)

    async def claim_one(self, message: str, owner: str, now: datetime, lease: timedelta) -> Claim | None:
        """Take one message out of turn, by its id. None: it is not due, has ended, or is in another sender's hands."""
        return next(
            iter(await self._take(_due(now).where(outbox.c.seq == _seq_of(message)), owner, now + lease, 1)), None
        )

    async def _take(self, due: Select[Any], owner: str, until: datetime, limit: int) -> tuple[Claim, ...]:
        take = Take(due.order_by(outbox.c.rank, outbox.c.seq).limit(limit), owner, until)
        taking = asyncio.create_task(self._together.do(take))
        try:
            return cast("tuple[Claim, ...]", await asyncio.shield(taking))
        except asyncio.CancelledError:
            # What was taken for nobody would wait until its lease is over.
            for claim in cast("tuple[Claim, ...]", await taking):
                await self.put_back(claim, claim.due_at, failed=False)
            raise

    async def begin_try(self, claim: Claim, route: str, now: datetime, lease: timedelta) -> int | None:
        """Note that a send is about to begin, and renew the lease. Its number on this route, from 1; None: the lease is lost.

        Written before the first byte leaves: after a crash the next sender knows that there may be an arrival.

        Raises:
            OutdatedError: it is out of date since it was claimed.
        """
        answer = await self._together.do(_turns.begun(claim, route, now + lease))
        if isinstance(answer, OutdatedError):
            raise answer
        return cast("int | None", answer)

    async def renew(self, claim: Claim, until: datetime) -> bool:
        """Keep a message that is being sent until then. False: its way has ended, or the lease is lost."""
        return bool(await self._together.do(_turns.renewed(claim, until)))

    async def add_receipt(self, claim: Claim, receipt: Receipt, *, not_begun: bool = False) -> None:
        """Write the receipt of a try after which the message is still on its way.

        `not_begun`: the try was announced by `begin_try`, but nothing of it left.
        """
        await self._together.do(_turns.noted(claim, receipt, not_begun=not_begun))

    async def settle(self, claim: Claim, ending: Ending, receipt: Receipt | None, now: datetime) -> bool:
        """End the message's way, with the receipt of what ended it. False: another sender has taken over meanwhile."""
        return bool(await self._together.do(_turns.settled(claim, ending, receipt, now)))

    async def put_back(self, claim: Claim, due_at: datetime, *, failed: bool = True) -> None:
        """Give the message back, to be claimed from `due_at` on. `failed`: all its routes were tried in vain."""
        await self._together.do(_turns.given_back(claim, due_at, failed=failed))

    async def make_due(self, now: datetime) -> None:
        """Let everything that waits be due: for a start, and for a clock that was set back, by which it would wait too long."""
        later = update(outbox).where(outbox.c.state == "pending", outbox.c.due_at > now).values(due_at=now)
        await self.write_at_once(lambda connection: connection.execute(later))

    async def next_due(self) -> datetime | None:
        """When the next message may be claimed, None when none waits but for those that it holds back."""
        leased = outbox.c.lease_until.is_not(None) & (outbox.c.lease_until > outbox.c.due_at)
        soonest = func.min(case((leased, outbox.c.lease_until), else_=outbox.c.due_at), type_=UtcDateTime())
        async with self.read() as connection:
            due: datetime | None = await connection.scalar(select(soonest).where(outbox.c.state == "pending", ~_held()))
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
        """Whether what the claimed message changes, or belongs under, stands yet, and where."""
        return await target_state(self, claim.message, claim.seq, now)

    async def last_reference(self, route: str) -> str:
        """The reference of the newest message that a route delivered, empty where there is none."""
        sent = select(receipts.c.reference).where(receipts.c.route == route, receipts.c.outcome == "sent")
        async with self.read() as connection:
            found = (await connection.execute(sent.order_by(receipts.c.id.desc()).limit(1))).scalar()
        return found or ""

    async def backlog(self) -> Backlog:
        """How much waits, and how much could not be delivered at all."""
        # What is for later waits by design.
        first_due = func.min(case((outbox.c.rank < RANKS[Priority.LATER], outbox.c.seq)))
        counts = select(outbox.c.state, func.count(), first_due).group_by(outbox.c.state)
        async with self.read() as connection:
            by_state = {state: (number, first) for state, number, first in (await connection.execute(counts)).all()}
            pending, first = by_state.get("pending", (0, None))
            oldest = select(messages.c.created_at).where(messages.c.seq == first)
            since = None if first is None else (await connection.execute(oldest)).scalar()
        return Backlog(pending, by_state.get("failed", (0, None))[0], since)

    async def undelivered(self, limit: int = 100) -> tuple[Message, ...]:
        """The newest messages that every route refused, oldest first."""
        query = select(messages).join(outbox, outbox.c.seq == messages.c.seq).where(outbox.c.state == "failed")
        async with self.read() as connection:
            rows = (await connection.execute(query.order_by(messages.c.seq.desc()).limit(limit))).all()
        return tuple(message_of(row) for row in reversed(rows))


def _due(now: datetime) -> Select[Any]:
    waits = (outbox.c.state == "pending", outbox.c.due_at <= now, _free(now))
    return select(outbox.c.seq).where(*waits)


def _seq_of(message: str) -> Any:
    return select(messages.c.seq).where(messages.c.id == message).scalar_subquery()


def _held() -> Any:
    ahead = outbox.alias()
    is_ahead = or_(ahead.c.rank < outbox.c.rank, (ahead.c.rank == outbox.c.rank) & (ahead.c.seq < outbox.c.seq))
    same = ahead.c.audience == outbox.c.audience
    return exists().where(ahead.c.state == "pending", same, is_ahead, ahead.c.rounds < HOLDS_FOR_ROUNDS)


def _free(now: datetime) -> Any:
    # A lease from before a clock was set back would hold for as long as the clock was wrong.
    held, longest = outbox.c.lease_until, now + LONGEST_LEASE
    return or_(held.is_(None), held <= now, held > longest)
