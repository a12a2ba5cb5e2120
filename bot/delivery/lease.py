"""Renews the lease of a message while it is being sent, so that no other sender takes it over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.delivery.policy import DeliveryPolicy
from bot.model import Clock
from bot.storage.ledger import Claim, LedgerError

_log = structlog.get_logger(__name__)

RENEWALS = 4
"""Renewals in the time of one lease: three may fail before another sender takes over."""


class LeaseLedger(Protocol):
    """The part of the ledger that leases are renewed in."""

    async def renew(self, claim: Claim, until: datetime) -> bool:
        """Prolong a lease. False: it is lost, or the message has reached a final state."""
        ...


@asynccontextmanager
async def renewing(claim: Claim, ledger: LeaseLedger, policy: DeliveryPolicy, clock: Clock) -> AsyncIterator[None]:
    """Renews the lease of a message until the block ends. Most sends end before the first renewal is due."""
    over = asyncio.Event()
    keeper = asyncio.create_task(_renew(claim, ledger, policy.lease, clock, over), name=f"lease of {claim.message.id}")
    try:
        yield
    finally:
        over.set()  # never cancelled in the middle of a write
        await keeper


async def _renew(claim: Claim, ledger: LeaseLedger, lease: timedelta, clock: Clock, over: asyncio.Event) -> None:
    while not await _set_within(over, lease.total_seconds() / RENEWALS):
        try:
            if not await ledger.renew(claim, clock() + lease):
                return  # the attempt finds out before it sends again
        except LedgerError as error:
            _log.warning("delivery_lease_not_renewed", message=claim.message.id, error=str(error))


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event is set within so many real seconds; a lease is held against other processes."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
