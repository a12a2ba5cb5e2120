"""A breaker for each platform: one that is down is left alone for a while, then a single message tries it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery.rate_limit import Cooldown

PROBE_ENDS = timedelta(seconds=60)
"""After this long a probe of which nothing was heard no longer stands in the way of another."""


@dataclass(slots=True)
class CircuitBreaker:
    """Opens after `failures` in a row; stays open for `rest`, twice as long after each failed probe, at most `longest`."""

    failures: int = 2
    rest: timedelta = timedelta(seconds=15)
    longest: timedelta = timedelta(minutes=2)
    wary: bool = False
    """The platform says of itself that it is down: the first failure is enough."""

    _failed: int = 0
    _opened: int = 0
    _open: Cooldown | None = None
    _probing_since: datetime | None = None

    def left(self, now: datetime) -> timedelta | None:
        """For about how long the platform is still left alone; None: it is not, or it is time for the single probe."""
        if self._open is None:
            return None
        self._open = self._open.at(now)
        if now < self._open.end:
            return self._open.end - now
        probed = self._probing_since is not None and timedelta(0) <= now - self._probing_since < PROBE_ENDS
        return timedelta(seconds=1) if probed else None

    def wait(self, now: datetime) -> timedelta | None:
        """As `left`, but whoever is told to go ahead while it is open is the single probe."""
        left = self.left(now)
        if left is None and self._open is not None:
            self._probing_since = now
        return left

    @property
    def closed(self) -> bool:
        """Whether nothing speaks against the platform."""
        return self._open is None

    @property
    def doubted(self) -> bool:
        """Whether it has failed, but not often enough yet to be left alone."""
        return self._open is None and self._failed > 0

    def succeeded(self) -> None:
        """The platform answered: close."""
        self._failed = self._opened = 0
        self._open = self._probing_since = None

    def failed(self, now: datetime) -> None:
        """The platform failed once more. What left before it opened, and fails now, says nothing that is not known."""
        probe_failed = self._probing_since is not None
        if self._open is not None and not probe_failed:
            return
        self._failed += 1
        if self._failed >= (1 if self.wary else self.failures) or probe_failed:
            self._open = Cooldown(now, now + min(self.rest * 2**self._opened, self.longest))
            self._opened = min(self._opened + 1, 10)
            self._probing_since = None

    @property
    def open_until(self) -> datetime | None:
        """When the next probe may go, None while closed."""
        return None if self._open is None else self._open.end
