"""The dead man's switch: a sign of life out to an address that raises the alarm when none comes any more."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import structlog

from bot.net.egress import EgressPolicy, ForbiddenError, UnresolvableError

EVERY = timedelta(minutes=1)
_PATIENCE = 10.0
_log = structlog.get_logger(__name__)


class Heartbeat:
    """Asks `troubles` once a minute, and GETs the address only where there are none. The address is a secret as a whole."""

    def __init__(
        self,
        url: str,
        troubles: Callable[[], Awaitable[list[str]]],
        *,
        outgoing: EgressPolicy = EgressPolicy(),  # noqa: B008 - frozen
        every: timedelta = EVERY,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._outgoing = outgoing
        self._url, self._troubles, self._every, self._sleep = url, troubles, every, sleep

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            await self.beat()
            await self._sleep(self._every.total_seconds())

    async def beat(self) -> bool:
        """One beat. False: it was held back, because something stands still, or it did not arrive."""
        troubles = await self._troubles()
        if troubles:
            _log.warning("heartbeat_held_back", troubles=troubles)
            return False
        parts = urlsplit(self._url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
                ip = (await self._outgoing.addresses(host, port))[0]
                to = httpx.URL(self._url).copy_with(host=ip, port=port)
                headers = {"User-Agent": "backstay", "Host": parts.netloc.rpartition("@")[2]}
                status = (await client.get(to, headers=headers, extensions={"sni_hostname": host})).status_code
        except (ForbiddenError, UnresolvableError) as error:
            _log.warning("heartbeat_lost", host=host, error=str(error))
            return False
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The error's own words may hold the address.
            _log.warning("heartbeat_lost", host=host, error=type(error).__name__)
            return False
        if status >= 300:
            _log.warning("heartbeat_refused", host=host, status=status)
        return status < 300
