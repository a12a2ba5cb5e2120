"""Forwards what this replica's probes observe to another backstay with a ledger of its own, in signed batches."""

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlsplit

import structlog

from bot.detection.alerts import sign
from bot.detection.alerts.formats.backstay import signal_batch
from bot.model import Clock
from bot.model.signals import Signal
from bot.net.egress import NetworkError
from bot.net.http import retry_after
from bot.net.http_client import HttpClient, HttpRequest

EVERY = timedelta(seconds=3)
BATCH = 500
AT_MOST = 5_000
"""Signals waiting to be sent, at most; the oldest are dropped, since only the newest of an observer counts."""
STALE = timedelta(seconds=90)
"""Signals older than this no longer count at the other end (`Thresholds.fresh`), so they are not sent."""
_TIMEOUT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=1)
_LOGGED_EVERY = 60.0
_OTHER_CHARACTERS = re.compile(r"[^A-Za-z0-9._-]+")
_log = structlog.get_logger(__name__)


class SignalForwarder:
    """Sends signals to one other backstay. Logs show the host of its address alone, and never the secret."""

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
        self._vantage = _OTHER_CHARACTERS.sub("-", vantage)[:60].strip("-") or "somewhere"
        self._waiting: deque[Signal] = deque(maxlen=AT_MOST)
        self._logged_at = float("-inf")

    def take(self, signal: Signal) -> None:
        """Queue a signal of this replica's own probes and canaries; feeds and webhooks reach the other end directly."""
        if signal.kind in ("probe", "canary") and not signal.vantage.count("/"):
            self._waiting.append(signal)

    async def run(self) -> None:
        """Send until cancelled."""
        async with HttpClient() as client:
            while True:
                await self._sleep(await self.send(client))

    async def send(self, client: HttpClient) -> float:
        """Send the queue; seconds until the next time. Signals that did not arrive stay queued while they are fresh."""
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

    async def _post(self, client: HttpClient, batch: list[Signal]) -> float:
        """Send one batch; the seconds after which to send it again, 0 where it arrived or never will."""
        now = self._clock()
        body = json.dumps(signal_batch(self._vantage, batch, now)).encode()
        stamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "backstay",
            "X-Backstay-Timestamp": stamp,
            "X-Backstay-Signature": sign(self._secret, stamp, "POST", self._path, body),
        }
        # The settings name this host, so it may be on a private network.
        request = HttpRequest(
            self._url, "POST", credentials=headers, body=body, private=True, discard=True, timeout=_TIMEOUT
        )
        try:
            answer = await client.request(request)
        except NetworkError as error:
            self._log_failure(error.reason)
            return 2 * EVERY.total_seconds()
        if answer.status == 429 or answer.status >= 500:
            self._log_failure(f"HTTP {answer.status}")
            wait = retry_after(answer.headers.get("retry-after", ""), now, _LONGEST_WAIT)
            return (wait or 2 * EVERY).total_seconds()
        if answer.status >= 300:
            self._log_failure(f"HTTP {answer.status}")
        return 0.0

    def _log_failure(self, why: str) -> None:
        if self._now() - self._logged_at >= _LOGGED_EVERY:
            self._logged_at = self._now()
            _log.warning("signal_report_failed", host=self._host, why=why, waiting=len(self._waiting))
