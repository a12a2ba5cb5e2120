"""The outbox: messages on their way, who is sending them, and the receipts of every try."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

from sqlalchemy import Row, Select, case, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ledger._store import Store, insert
from bot.ledger._tables import Moment, messages, outbox, receipts
from bot.ledger.log import remember_test
from bot.ledger.outdated import Ground, ground, settle_earlier
from bot.ports import Message, Priority, Receipt

Ending = Literal["sent", "failed", "expired", "superseded", "left_out"]

_RANKS = {Priority.ALERT: 0, Priority.REPLY: 1, Priority.REPORT: 2, Priority.LATER: 3}
# After this many rounds a message lets those behind it pass: what only it cannot get through must not silence a team.
HOLDS_FOR_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this sender, and nobody else, may send until its lease is over.

    `tries`: sends begun so far by route, also those whose end nobody saw. `rounds`: times that every route failed.
    `outdated_by`: the message that tells it better by now, so that it need not leave any more.
    """

    seq: int
    owner: str
    message: Message
    routes: tuple[str, ...]
    rounds: int
    tries: Mapping[str, int] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    outdated_by: str = ""


class OutdatedError(Exception):
    """The message is out of date by now: `by` tells it better."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


@dataclass(frozen=True, slots=True)
class Backlog:
    """Messages by state, and when the oldest that should have left by now was posted."""

    pending: int
    failed: int
    oldest: datetime | None


async def post(connection: AsyncConnection, message: Message, routes: Sequence[str], now: datetime) -> bool:
    """Accept a message for delivery within the caller's transaction; False when it was accepted before."""
    row = {
        "id": message.id,
        "audience": message.audience,
        "card": dict(message.card),
        "priority": message.priority.value,
        "dedupe": message.dedupe or None,
        "created_at": message.created_at or now,
        "expires_at": message.expires_at,
        "replaces": message.replaces,
        "under": message.under,
        "outdates": message.outdates,
    }
    accept = insert(connection, messages).values(row).on_conflict_do_nothing().returning(messages.c.seq)
    seq = (await connection.execute(accept)).scalar()
    if seq is None:
        return False
    await connection.execute(
        outbox.insert().values(
            seq=seq,
            audience=message.audience,
            rank=_RANKS[message.priority],
            state="pending",
            routes=list(routes),
            refused=[],
            tries={},
            rounds=0,
            due_at=now,
        )
    )
    await settle_earlier(connection, message, int(seq), now)
    return True


class Outbox(Store):
    """The part of the ledger that senders work with."""

    TEST: ClassVar[str] = "route-test:"
    """Ids of test messages begin so: that one has arrived is remembered with its receipt, whoever sent it."""

    async def claim(self, owner: str, now: datetime, lease: timedelta, limit: int) -> tuple[Claim, ...]:
        """Take up to `limit` messages that are due, for `lease`. Alerts first, and in order within an audience.

        A message waits for those of its audience that are as urgent and older, or more urgent, as long as they are in
        their first rounds.
        """
        return await self._take(_due(now).where(~_held()), owner, now + lease, limit)

    async def claim_one(self, message: str, owner: str, now: datetime, lease: timedelta) -> Claim | None:
        """Take one message out of turn, by its id. None: it is not due, has ended, or is in another sender's hands."""
        return next(iter(await self._take(_due(now).where(messages.c.id == message), owner, now + lease, 1)), None)

    async def _take(self, due: Select[Any], owner: str, until: datetime, limit: int) -> tuple[Claim, ...]:
        due = due.order_by(outbox.c.rank, outbox.c.seq).limit(limit).with_for_update(of=outbox, skip_locked=True)
        async with self.write() as connection:
            rows = (await connection.execute(due)).all()
            if rows:
                taken = outbox.c.seq.in_([row.seq for row in rows])
                await connection.execute(update(outbox).where(taken).values(lease_owner=owner, lease_until=until))
        return tuple(_claim(row, owner) for row in rows)

    async def begin_try(self, claim: Claim, route: str, now: datetime, lease: timedelta) -> int | None:
        """Note that a send is about to begin, and renew the lease. Its number on this route, from 1; None: the lease is lost.

        Written before the first byte leaves: after a crash the next sender knows that there may be an arrival.

        Raises:
            OutdatedError: it is out of date since it was claimed.
        """
        async with self.write() as connection:
            mine = select(outbox.c.tries, outbox.c.outdated_by).where(_mine(claim))
            found = (await connection.execute(mine)).first()
            if found is None:
                return None
            if found.outdated_by:
                raise OutdatedError(found.outdated_by)
            number = int(found.tries.get(route, 0)) + 1
            changed = {"tries": {**found.tries, route: number}, "lease_until": now + lease}
            await connection.execute(update(outbox).where(_mine(claim)).values(changed))
        return number

    async def renew(self, claim: Claim, until: datetime) -> bool:
        """Keep a message that is being sent until then. False: its way has ended, or the lease is lost."""
        async with self.write() as connection:
            kept = await connection.execute(update(outbox).where(_mine(claim)).values(lease_until=until))
        return kept.rowcount == 1

    async def note(self, claim: Claim, receipt: Receipt) -> None:
        """Write the receipt of a try after which the message is still on its way."""
        async with self.write() as connection:
            await _write(connection, receipt)
            if receipt.outcome == "refused":
                refused = (await connection.execute(select(outbox.c.refused).where(_mine(claim)))).scalar()
                if refused is not None:
                    changed = sorted({*refused, receipt.route})
                    await connection.execute(update(outbox).where(_mine(claim)).values(refused=changed))

    async def settle(self, claim: Claim, ending: Ending, receipt: Receipt | None, now: datetime) -> bool:
        """End the message's way, with the receipt of what ended it. False: another sender has taken over meanwhile."""
        ended = {"state": ending, "settled_at": now, "lease_owner": None, "lease_until": None}
        async with self.write() as connection:
            if receipt is not None:
                await _write(connection, receipt)
                if receipt.outcome == "sent" and receipt.message.startswith(self.TEST):
                    await remember_test(connection, receipt.route, receipt.at, receipt.message)
            result = await connection.execute(update(outbox).where(_mine(claim)).values(ended))
        return result.rowcount == 1

    async def put_back(self, claim: Claim, due_at: datetime, *, failed: bool = True) -> None:
        """Give the message back, to be claimed from `due_at` on. `failed`: all its routes were tried in vain."""
        # What is out of date holds up what tells it better: it ends at its next claim, which is at once.
        due = case((outbox.c.outdated_by != "", outbox.c.due_at), else_=literal(due_at, Moment()))
        back = {"due_at": due, "lease_owner": None, "lease_until": None}
        async with self.write() as connection:
            counted = outbox.c.rounds + (1 if failed else 0)
            await connection.execute(update(outbox).where(_mine(claim)).values(back).values(rounds=counted))

    async def next_due(self) -> datetime | None:
        """When the next message may be claimed, None when none waits but for those that it holds back."""
        leased = outbox.c.lease_until.is_not(None) & (outbox.c.lease_until > outbox.c.due_at)
        soonest = func.min(case((leased, outbox.c.lease_until), else_=outbox.c.due_at), type_=Moment())
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

    async def ground(self, claim: Claim, now: datetime) -> Ground:
        """Whether what the claimed message changes, or belongs under, stands yet, and where."""
        return await ground(self, claim.message, claim.seq, now)

    async def last_reference(self, route: str) -> str:
        """The reference of the newest message that a route delivered, empty where there is none."""
        sent = select(receipts.c.reference).where(receipts.c.route == route, receipts.c.outcome == "sent")
        async with self.read() as connection:
            found = (await connection.execute(sent.order_by(receipts.c.id.desc()).limit(1))).scalar()
        return found or ""

    async def backlog(self) -> Backlog:
        """How much waits, and how much could not be delivered at all."""
        # What is for later waits by design.
        first_due = func.min(case((outbox.c.rank < _RANKS[Priority.LATER], outbox.c.seq)))
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
        return tuple(_message(row) for row in reversed(rows))


def _due(now: datetime) -> Select[Any]:
    waits = (outbox.c.state == "pending", outbox.c.due_at <= now, _free(now))
    return select(outbox, messages).join(messages, messages.c.seq == outbox.c.seq).where(*waits)


def _held() -> Any:
    ahead = outbox.alias()
    is_ahead = or_(ahead.c.rank < outbox.c.rank, (ahead.c.rank == outbox.c.rank) & (ahead.c.seq < outbox.c.seq))
    same = ahead.c.audience == outbox.c.audience
    return exists().where(ahead.c.state == "pending", same, is_ahead, ahead.c.rounds < HOLDS_FOR_ROUNDS)


def _free(now: datetime) -> Any:
    return or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now)


def _mine(claim: Claim) -> Any:
    return (outbox.c.seq == claim.seq) & (outbox.c.lease_owner == claim.owner) & (outbox.c.state == "pending")


async def _write(connection: AsyncConnection, receipt: Receipt) -> None:
    row = {name: getattr(receipt, name) for name in Receipt.__dataclass_fields__}
    await connection.execute(receipts.insert().values(row))


def _claim(row: Row[Any], owner: str) -> Claim:
    refused = frozenset(row.refused)
    return Claim(
        row.seq, owner, _message(row), tuple(row.routes), row.rounds, dict(row.tries), refused, row.outdated_by
    )


def _message(row: Row[Any]) -> Message:
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
    )
