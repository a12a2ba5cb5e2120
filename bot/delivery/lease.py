"""A sign of life for each message on its way: as long as it comes no other sender takes the message over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from bot.delivery.policy import DeliveryPolicy
from bot.model import Clock
from bot.storage.ledger import Claim, Ledger, LedgerError

_log = structlog.get_logger(__name__)

SIGNS = 4
"""Signs of life in one lease: three of them may be late before somebody else takes over."""


@asynccontextmanager
async def held(claim: Claim, ledger: Ledger, policy: DeliveryPolicy, clock: Clock) -> AsyncIterator[None]:
    """Renew the lease of a message until the block ends. Most sends are over before the first renewal is due."""
    over = asyncio.Event()
    keeper = asyncio.create_task(_renew(claim, ledger, policy.lease, clock, over), name=f"hold {claim.message.id}")
    try:
        yield
    finally:
        over.set()  # never cancelled in the middle of a write
        await keeper


async def _renew(claim: Claim, ledger: Ledger, lease: timedelta, clock: Clock, over: asyncio.Event) -> None:
    while not await _set_within(over, lease.total_seconds() / SIGNS):
        try:
            if not await ledger.renew(claim, clock() + lease):
                return  # settled this moment, or lost: the round finds out before it sends again
        except LedgerError as error:
            _log.warning("delivery.lease_not_renewed", message=claim.message.id, error=str(error))


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    """Real seconds, also where the clock is a test's: a lease is held against other processes."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
