"""Bounds a send or a ping in time and turns whatever it raises into a result."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import structlog

from bot.model import Result, Retry
from bot.net.failures import failure_words

_log = structlog.get_logger(__name__)


async def bounded(sending: Awaitable[Result], route: str, limit: timedelta) -> Result:
    """The result of a send that may hang or raise: a timeout or an exception becomes an ambiguous `Retry`."""
    try:
        async with asyncio.timeout(limit.total_seconds()):
            return await sending
    except TimeoutError:
        return Retry(f"no answer within {limit.total_seconds():g} s", ambiguous=True)
    except Exception as error:  # noqa: BLE001 - a route that breaks must not take the message down with it
        # The error's text may contain an address that is a secret.
        _log.error("delivery_route_failed", route=route, error=type(error).__name__)
        return Retry(f"the route failed ({failure_words(error)})", ambiguous=True)
