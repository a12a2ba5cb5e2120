"""How fast one account, region and service may be called: a token bucket that gives way when AWS throttles."""

import threading
import time
from collections import deque
from collections.abc import Callable

_WINDOW = 2.0  # seconds over which the accepted calls are counted to learn the rate that AWS grants
_REST = 0.25  # seconds in which further throttles count as the same one: they were sent before we slowed down
_RISE = 0.5  # calls/s gained per second without a throttle


class AdaptiveRateLimiter:
    """A token bucket: `rate` calls/s, `burst` calls at once. Safe to share between threads.

    When throttled it empties and falls to what was accepted of late, then rises again slowly: so it settles at the
    granted rate without asking for it too often.
    """

    def __init__(
        self,
        rate: float,
        burst: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._top, self._rate, self._burst, self._tokens = rate, rate, burst, burst
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._filled_at = self._slowed_at = clock()
        self._began, self._slowed = clock(), False
        self._accepted: deque[float] = deque(maxlen=256)

    @property
    def rate(self) -> float:
        """Calls/s at present."""
        return self._rate

    def take(self) -> None:
        """Wait for a turn."""
        with self._lock:
            now = self._clock()
            self._fill(now)
            self._tokens -= 1
            wait = -self._tokens / self._rate if self._tokens < 0 else 0.0
        if wait:
            self._sleep(wait)

    def accepted(self) -> None:
        """A call went through."""
        self._accepted.append(self._clock())

    def slow(self) -> None:
        """A call was throttled."""
        with self._lock:
            now = self._clock()
            self._fill(now)
            if self._slowed and now - self._slowed_at < _REST:
                return
            span = min(_WINDOW, max(now - self._began, _REST))
            recent = sum(1 for at in self._accepted if at > now - span) / span
            self._rate = max(1.0, min(self._rate * 0.8, max(recent, self._rate * 0.5)))
            self._tokens = min(self._tokens, 0.0)
            self._burst = 1.0
            self._slowed, self._slowed_at = True, now

    def _fill(self, now: float) -> None:
        passed, self._filled_at = now - self._filled_at, now
        if self._slowed:
            self._rate = min(self._top, self._rate + _RISE * passed)
        self._tokens = min(self._burst, self._tokens + passed * self._rate)
