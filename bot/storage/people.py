"""Attestations, waivers and the subscriptions of channels."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.records import AttestationRecord, Subscription
from bot.storage.engine import Store, insert
from bot.storage.evidence_chain import insert_evidence, remove_evidence
from bot.storage.tables import attestations, subscriptions, waivers
from checks import Waiver


async def attest(connection: AsyncConnection, attestation: AttestationRecord) -> None:
    """Save an attestation within the caller's transaction."""
    await connection.run_sync(insert_evidence, "attestations", [_fields(attestation)])


async def waive(connection: AsyncConnection, waiver: Waiver, at: datetime) -> None:
    """Save a waiver within the caller's transaction, in place of one for the same finding."""
    same = (waivers.c.service == waiver.service) & (waivers.c.check == waiver.check)
    await connection.run_sync(remove_evidence, "waivers", same, waivers.c.resource == waiver.resource)
    await connection.run_sync(insert_evidence, "waivers", [_fields(waiver) | {"at": at}])


async def subscribe(connection: AsyncConnection, wanted: Subscription) -> bool:
    """Save a subscription within the caller's transaction, in place of the same post's. False: nothing changed."""
    table, row = subscriptions, _fields(wanted)
    same = (table.c.platform == wanted.platform) & (table.c.channel == wanted.channel) & (table.c.post == wanted.post)
    found = (await connection.execute(select(table.c.cron, table.c.timezone).where(same))).one_or_none()
    if found is not None and (found.cron, found.timezone) == (wanted.cron, wanted.timezone):
        return False
    keys = [table.c.platform, table.c.channel, table.c.post]
    put = insert(connection, table).values(row).on_conflict_do_update(index_elements=keys, set_=row)
    await connection.execute(put)
    return True


async def unsubscribe(connection: AsyncConnection, platform: str, channel: str, post: str) -> int:
    """Delete a channel's subscription to a post (empty: all of them) within the caller's transaction; how many there were."""
    table = subscriptions
    gone = delete(table).where(table.c.platform == platform, table.c.channel == channel)
    return (await connection.execute(gone.where(table.c.post == post) if post else gone)).rowcount


class PeopleStore(Store):
    """The part of the ledger that attestations, waivers and subscriptions are kept in."""

    async def attestations(self) -> tuple[AttestationRecord, ...]:
        """Every attestation, oldest first, expired ones too: they show since when a practice is no longer attested."""
        async with self.read() as connection:
            rows = (await connection.execute(select(attestations).order_by(attestations.c.id))).all()
        return tuple(
            AttestationRecord(row.service, row.practice, row.by, row.at, row.expires_at, row.link) for row in rows
        )

    async def waivers(self, now: datetime) -> tuple[Waiver, ...]:
        """The waivers that are valid at `now` (UTC), oldest first."""
        held = select(waivers).where(waivers.c.until > now).order_by(waivers.c.id)
        async with self.read() as connection:
            rows = (await connection.execute(held)).all()
        return tuple(Waiver(row.service, row.check, row.reason, row.by, row.until, row.resource) for row in rows)

    async def subscriptions(self, platform: str = "", channel: str = "") -> tuple[Subscription, ...]:
        """The subscriptions of a channel, or of all channels where none is named."""
        table = subscriptions
        query = select(table).order_by(table.c.platform, table.c.channel, table.c.post)
        if platform or channel:
            query = query.where(table.c.platform == platform, table.c.channel == channel)
        async with self.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            Subscription(row.platform, row.channel, row.post, row.cron, row.timezone, row.by, row.at) for row in rows
        )


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
