"""Messages that reached an audience by a fallback, the digest of them, and what routes have refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, and_, or_, select, update

from bot.model import Purpose
from bot.storage.engine import Store
from bot.storage.message_purpose import has_purpose, incident_of
from bot.storage.tables import messages, outbox, receipts


@dataclass(frozen=True, slots=True)
class Diverted:
    """A message that a fallback delivered because the primary route failed. `at`: when it was sent (UTC).

    `incident`: the id of the incident that it is about; empty for other messages. `kind`: that of its card.
    """

    message: str
    title: str
    summary: str
    route: str
    at: datetime
    incident: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class LastDigest:
    """The newest digest of an audience: the moment up to which it reports, and whether it is still pending."""

    id: str
    until: datetime
    waits: bool


@dataclass(frozen=True, slots=True)
class RefusedDelivery:
    """A message that a route refused for good, when (UTC) and why."""

    route: str
    reason: str
    audience: str
    message: str
    at: datetime


class DiversionStore(Store):
    """The part of the ledger that knows what went by a fallback, and what was refused."""

    async def diverted(self, audience: str, primary: str, since: datetime) -> tuple[Diverted, ...]:
        """The messages that an audience got by a fallback after `since` while its primary route failed, oldest first.

        Fallback tests do not count, nor do messages that the primary route refused, unless it has delivered one since:
        then what it refused was the platform's doing (a revoked token), not the message's.
        """
        tried, later = receipts.alias(), receipts.alias()
        works_again = select(later.c.id).where(
            later.c.route == primary, later.c.outcome == "sent", later.c.id > tried.c.id
        )
        failed = select(tried.c.id).where(
            tried.c.message == receipts.c.message,
            tried.c.route == primary,
            or_(
                tried.c.outcome.in_(("retry", "skipped")),
                and_(tried.c.outcome == "refused", works_again.exists()),
            ),
        )
        about = (messages.c.id, messages.c.card, messages.c.purpose, messages.c.incident)
        columns: tuple[Column[Any], ...] = (receipts.c.route, receipts.c.at, *about)
        query = (
            select(*columns)
            .join(messages, messages.c.id == receipts.c.message)
            .where(receipts.c.audience == audience, receipts.c.outcome == "sent", receipts.c.route != primary)
            .where(receipts.c.at > since, ~has_purpose(Purpose.FALLBACK_TEST, Purpose.CATCH_UP))
            .where(failed.exists())
            .order_by(receipts.c.id)
        )
        async with self.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            Diverted(
                row.id,
                str(row.card.get("title", "")),
                str(row.card.get("summary", "")),
                row.route,
                row.at,
                incident_of(row),
                str(row.card.get("kind", "")),
            )
            for row in rows
        )

    async def last_digest(self, audience: str) -> LastDigest | None:
        """The newest digest of an audience, None where there was none."""
        query = (
            select(messages.c.id, messages.c.card, outbox.c.state)
            .join(outbox, outbox.c.seq == messages.c.seq)
            .where(messages.c.audience == audience, has_purpose(Purpose.CATCH_UP))
            .order_by(messages.c.seq.desc())
        )
        async with self.read() as connection:
            row = (await connection.execute(query.limit(1))).first()
        if row is None:
            return None
        until = datetime.fromisoformat(row.card["data"]["until"]).astimezone(UTC)
        return LastDigest(row.id, until, row.state == "pending")

    async def rewrite(self, id: str, card: Mapping[str, Any], now: datetime) -> bool:
        """Replace the card of a pending message. False: it is being sent, or was sent."""
        free = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now)
        waiting = select(outbox.c.seq).where(outbox.c.state == "pending", free)
        async with self.write() as connection:
            changed = update(messages).where(messages.c.id == id, messages.c.seq.in_(waiting)).values(card=dict(card))
            return (await connection.execute(changed)).rowcount == 1

    async def refusals(self, since: datetime) -> tuple[RefusedDelivery, ...]:
        """The newest 1,000 messages that routes refused at or after `since`, oldest first."""
        columns = (receipts.c.route, receipts.c.detail, receipts.c.audience, receipts.c.message, receipts.c.at)
        found = select(*columns).where(receipts.c.outcome == "refused", receipts.c.at >= since)
        async with self.read() as connection:
            rows = (await connection.execute(found.order_by(receipts.c.id.desc()).limit(1000))).all()
        return tuple(RefusedDelivery(*row) for row in reversed(rows))
