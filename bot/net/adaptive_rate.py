"""An adaptive rate limiter for the calls to one API (of one account and region): a token bucket that slows down when throttled."""

import threading
import time
from collections import deque
from collections.abc import Callable

_SAMPLE = 40  # accepted calls from which the granted rate is learnt
_RECENT = 8.0  # seconds after which an accepted call says nothing of that rate
_SHORTEST = 0.5  # seconds that a sample spans at least: shorter ones show a burst
_REST = 1.0  # seconds in which further throttled calls count as the same event: they were sent before the slowdown
_SLOWEST = 0.5  # calls/s
_RISE, _RISE_AT_LEAST = 0.02, 0.02  # the share of the rate, and the calls/s, gained per second without a throttle


class AdaptiveRateLimiter:
    """A token bucket: `rate` calls/s, `burst` calls at once. Safe to share between threads.

    When first throttled it empties and halves its rate; from then on each throttle sets it to the rate of the calls that were
    accepted since, and it rises slowly in between. So it settles just above the rate that is granted: a refused call costs
    the API nothing, while a call not sent is lost.
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
        self._slowed = False
        self._accepted: deque[float] = deque(maxlen=_SAMPLE)

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
            if not self._slowed:  # what was accepted so far was a burst
                self._accepted.clear()
                self._burst = 1.0
            granted = self._granted(now)
            if granted:
                self._rate = min(self._rate * 0.95, max(granted, self._rate * 0.5))
            else:
                self._rate *= 0.7 if self._slowed else 0.5
            self._rate = max(_SLOWEST, self._rate)
            self._tokens = min(self._tokens, 0.0)
            self._slowed, self._slowed_at = True, now

    def _granted(self, now: float) -> float:
        """The calls/s accepted lately; 0 where there were too few to tell."""
        recent = [at for at in self._accepted if at > now - _RECENT]
        return (len(recent) - 1) / (now - recent[0]) if recent and now - recent[0] > _SHORTEST else 0.0

    def _fill(self, now: float) -> None:
        passed, self._filled_at = now - self._filled_at, now
        if self._slowed:
            self._rate = min(self._top, self._rate + (_RISE * self._rate + _RISE_AT_LEAST) * passed)
        self._tokens = min(self._burst, self._tokens + passed * self._rate)
