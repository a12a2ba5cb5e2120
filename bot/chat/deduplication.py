"""Remembers handled requests, so that one that the platform delivers twice runs once."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

import structlog

from bot.model import utc_now
from bot.storage.errors import LedgerError

REMEMBERED_SECONDS = 3_600.0
MOST = 10_000
LEDGER_SECONDS = 2.0
"""For how long a request waits for the ledger, without which it is answered all the same."""
_log = structlog.get_logger(__name__)


class HandledRequests(Protocol):
    """Where handled requests are remembered across restarts and for every replica (`bot.storage.handled_requests`)."""

    async def handle_first(self, keys: Iterable[str], now: datetime) -> bool:
        """Remember all of these keys, and whether none of them was remembered."""
        ...


async def is_first_anywhere(handled: HandledRequests | None, *keys: str) -> bool:
    """Whether no replica has handled a request with one of these keys, before or after a restart; where in doubt, it is new."""
    if handled is None:
        return True
    try:
        async with asyncio.timeout(LEDGER_SECONDS):
            return await handled.handle_first(keys, utc_now())
    except (LedgerError, TimeoutError) as error:
        _log.warning("handled_request_not_remembered", error=str(error) or "timed out")
        return True


class Deduplicator:
    """The keys of the last hour, at most 10,000 of them.

    Args:
        monotonic: a clock that never goes back, in seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._at: OrderedDict[str, float] = OrderedDict()

    def is_first(self, *keys: str) -> bool:
        """Whether each of these keys is seen for the first time; empty keys do not count, and nothing but those always is.

        All of them are remembered: two requests are the same where they share one key.
        """
        now = self._monotonic()
        while self._at and next(iter(self._at.values())) < now - REMEMBERED_SECONDS:
            self._at.popitem(last=False)
        given = [key for key in keys if key]
        first = not any(key in self._at for key in given)
        for key in given:
            self._at.setdefault(key, now)
        while len(self._at) > MOST:
            self._at.popitem(last=False)
        return first

    def forget(self, *keys: str) -> None:
        """Let each of these keys count as new again."""
        for key in keys:
            self._at.pop(key, None)
