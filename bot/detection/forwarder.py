"""What this replica's probes see -> another backstay that shares no ledger with it: signed batches, every few seconds."""

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import structlog

from bot.detection.alerts import sign
from bot.detection.alerts.formats.backstay import written
from bot.model import Clock
from bot.model.incidents import Signal

EVERY = timedelta(seconds=3)
BATCH = 500
AT_MOST = 5_000
"""Signals that wait; the oldest are dropped, for only the newest of an observer counts."""
STALE = timedelta(seconds=90)
"""What is older is no news at the other end any more (Policy.fresh)."""
_PATIENCE = 5.0
_LONGEST_WAIT = 60.0
_SAID_EVERY = 60.0
_NOT_WORD = re.compile(r"[^A-Za-z0-9._-]+")
_log = structlog.get_logger(__name__)


class SignalForwarder:
    """Sends to one backstay. The address is shown by its host alone, the secret nowhere."""

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        url: str,
        secret: str,
        *,
        vantage: str,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(url)
        self._url, self._host = url, parts.hostname or ""
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._secret, self._clock, self._sleep, self._now = secret.encode(), clock, sleep, now
        self._vantage = _NOT_WORD.sub("-", vantage)[:60].strip("-") or "somewhere"
        self._waiting: deque[Signal] = deque(maxlen=AT_MOST)
        self._said_at = float("-inf")

    def take(self, signal: Signal) -> None:
        """Take up what was seen from here. What a page or a hook says the other end hears by itself."""
        if signal.kind in ("probe", "canary") and not signal.vantage.count("/"):
            self._waiting.append(signal)

    async def run(self) -> None:
        """Send until cancelled."""
        async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False, follow_redirects=False) as client:
            while True:
                await self._sleep(await self.send(client))

    async def send(self, client: httpx.AsyncClient) -> float:
        """Send what waits; seconds until the next time. What did not arrive waits on while it is news."""
        while self._waiting:
            oldest = self._clock() - STALE
            while self._waiting and self._waiting[0].at < oldest:
                self._waiting.popleft()
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            if not batch:
                break
            wait = await self._post(client, batch)
            if wait:
                self._waiting.extendleft(reversed(batch[: AT_MOST - len(self._waiting)]))
                return wait
        return EVERY.total_seconds()

    async def _post(self, client: httpx.AsyncClient, batch: list[Signal]) -> float:
        """0: it arrived, or never will; else the seconds after which to try again."""
        now = self._clock()
        body = json.dumps(written(self._vantage, batch, now)).encode()
        stamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "backstay",
            "X-Backstay-Timestamp": stamp,
            "X-Backstay-Signature": sign(self._secret, stamp, "POST", self._path, body),
        }
        try:
            answer = await client.post(self._url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._say(type(error).__name__)
            return 2 * EVERY.total_seconds()
        if answer.status_code == 429 or answer.status_code >= 500:
            self._say(str(answer.status_code))
            asked = answer.headers.get("Retry-After", "")
            return min(float(asked), _LONGEST_WAIT) if asked.isdigit() else 2 * EVERY.total_seconds()
        if answer.status_code >= 300:
            self._say(str(answer.status_code))
        return 0.0

    def _say(self, why: str) -> None:
        if self._now() - self._said_at >= _SAID_EVERY:
            self._said_at = self._now()
            _log.warning("report_not_taken", host=self._host, why=why, waiting=len(self._waiting))
