"""An adaptive rate limiter for the calls to one API (of one account and region): a token bucket that slows down when throttled."""

import threading
import time
from collections import deque
from collections.abc import Callable

_WINDOW = 2.0  # seconds over which the accepted calls are counted to learn the rate that is granted
_REST = 0.25  # seconds in which further throttled calls count as the same event: they were sent before the slowdown
_RISE = 0.5  # calls/s gained per second without a throttle


class AdaptiveRateLimiter:
    """A token bucket: `rate` calls/s, `burst` calls at once. Safe to share between threads.

    When throttled it empties and falls to the rate that was accepted recently, then rises slowly, so that it settles at the
    rate that is granted.
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
        """The current rate in calls/s."""
        return self._rate

    def take(self) -> None:
        """Wait until the next call may be sent."""
        wait = self.reserve()
        if wait:
            self._sleep(wait)

    def reserve(self) -> float:
        """Take the next call's turn; returns the seconds to wait for it."""
        with self._lock:
            now = self._clock()
            self._fill(now)
            self._tokens -= 1
            return -self._tokens / self._rate if self._tokens < 0 else 0.0

    def accepted(self) -> None:
        """Record a call that was accepted."""
        self._accepted.append(self._clock())

    def slow(self) -> None:
        """Record a call that was throttled, and slow down."""
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
