"""The heartbeat: a request every minute to a monitor that raises an alarm when none arrives (a dead man's switch)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlsplit

import structlog

from bot.net.egress import EgressPolicy, NetworkError
from bot.net.http_client import HttpClient, HttpRequest

EVERY = timedelta(minutes=1)
_TIMEOUT = timedelta(seconds=10)
_log = structlog.get_logger(__name__)


class Heartbeat:
    """Asks for `problems` once a minute, and GETs the address only if there are none. The whole address is a secret."""

    def __init__(
        self,
        url: str,
        problems: Callable[[], Awaitable[list[str]]],
        *,
        outgoing: EgressPolicy = EgressPolicy(),  # noqa: B008 - frozen
        every: timedelta = EVERY,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._outgoing = outgoing
        self._url, self._problems, self._every, self._sleep = url, problems, every, sleep

    async def run(self) -> None:
        """Send heartbeats until cancelled."""
        while True:
            await self.beat()
            await self._sleep(self._every.total_seconds())

    async def beat(self) -> bool:
        """Send one heartbeat. False: it was held back because something is stalled, or it did not arrive."""
        problems = await self._problems()
        if problems:
            _log.warning("heartbeat_held_back", problems=problems)
            return False
        host = urlsplit(self._url).hostname or ""
        try:
            async with HttpClient(self._outgoing) as client:
                answer = await client.request(HttpRequest(self._url, discard=True, timeout=_TIMEOUT))
        except NetworkError as error:
            _log.warning("heartbeat_failed", host=host, error=error.reason)
            return False
        if not answer.good:
            _log.warning("heartbeat_refused", host=host, status=answer.status)
        return answer.good
