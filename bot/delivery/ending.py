"""Writes the final state of a message: what was delivered must not be sent again, so a busy ledger is tried again."""

from collections.abc import Mapping
from typing import Final

from bot.delivery.context import DeliveryContext
from bot.model import Receipt
from bot.storage.ledger import Claim, Ending, LedgerError

_TRIES: Final = 8
"""Nearly 30 s in all: a database that fails over is away for about 10 s."""


async def write_ending(
    claim: Claim, ending: Ending, receipt: Receipt | None, edits: Mapping[str, bool], context: DeliveryContext
) -> None:
    """Write how a message ended. `edits`: the routes that may have to be told the end of its alert -> whether they edit.

    Raises:
        LedgerError: it could not be written, time and again; the lease expires and the message is claimed again.
    """
    for attempt in range(1, _TRIES + 1):
        try:
            await context.ledger.settle(claim, ending, receipt, context.clock(), edits)
        except LedgerError:
            if attempt == _TRIES:
                raise
            await context.sleep(attempt)
        else:
            return
