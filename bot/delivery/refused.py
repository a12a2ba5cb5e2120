"""What becomes of a message that every route refuses: it is told at once, and tried again until it expires."""

from datetime import timedelta

import structlog

from bot.delivery.context import DeliveryContext
from bot.model import Purpose
from bot.storage.ledger import Claim

_log = structlog.get_logger(__name__)


def rest_of_refused(claim: Claim, context: DeliveryContext) -> timedelta | None:
    """How long to wait for the next try: half as long as it has waited so far. None: it is given up.

    A token that is renewed, a receiver that is deployed again and a channel that backstay is invited to again accept it
    then. A fallback test is not kept, since the refusal is its result; nor is a message without routes.
    """
    message, policy = claim.message, context.policy
    waited = context.clock() - (message.created_at or claim.due_at)
    if not claim.routes or message.purpose is Purpose.FALLBACK_TEST or waited >= policy.keep_refused:
        return None
    return min(max(waited / 2, policy.backoff), policy.longest_backoff)


async def report_refused(claim: Claim, why: str, context: DeliveryContext) -> None:
    """Say that every route refused a message. `why`: each route with its reason."""
    message = claim.message
    _log.error("delivery_refused_by_all", message=message.id, audience=message.audience, why=why)
    if context.on_undelivered is None:
        return
    try:
        await context.on_undelivered(message, why)
    except Exception as error:  # noqa: BLE001 - the receipts are the record, this only reports
        _log.warning("delivery_failure_not_reported", message=message.id, error=type(error).__name__)
