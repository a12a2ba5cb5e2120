"""A circuit breaker: it opens after failures, then lets a single probe through."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery.rate_limit import Cooldown

PROBE_ENDS = timedelta(seconds=60)
"""A probe without a result no longer blocks the next one after this long."""


@dataclass(slots=True)
class CircuitBreaker:
    """Opens after `failures` in a row; stays open for `rest`, twice as long after each failed probe, at most `longest`."""

    failures: int = 2
    rest: timedelta = timedelta(seconds=15)
    longest: timedelta = timedelta(minutes=2)
    wary: bool = False
    """The platform's own status page reports it as down: one failure opens the breaker."""

    _failed: int = 0
    _opened: int = 0
    _open: Cooldown | None = None
    _probing_since: datetime | None = None

    def time_left(self, now: datetime) -> timedelta | None:
        """How long the breaker stays open, about; None: it is closed, or it is time for the probe."""
        if self._open is None:
            return None
        self._open = self._open.at(now)
        if now < self._open.end:
            return self._open.end - now
        return timedelta(seconds=1) if self.is_probed(now) else None

    def is_probed(self, now: datetime) -> bool:
        """Whether a probe is under way."""
        return self._probing_since is not None and timedelta(0) <= now - self._probing_since < PROBE_ENDS

    def acquire(self, now: datetime) -> timedelta | None:
        """As `time_left`, but None while it is open makes the caller the single probe."""
        remaining = self.time_left(now)
        if remaining is None:
            self.probe(now)
        return remaining

    def probe(self, now: datetime) -> None:
        """While it is open, make the caller the single probe."""
        if self._open is not None:
            self._probing_since = now

    @property
    def probing(self) -> bool:
        """Whether it is open and a probe has begun that has no result so far."""
        return self._probing_since is not None

    @property
    def closed(self) -> bool:
        """Whether messages may be sent."""
        return self._open is None

    @property
    def doubted(self) -> bool:
        """Whether the platform has failed, but not often enough to open."""
        return self._open is None and self._failed > 0

    def succeeded(self) -> None:
        """Record that the platform answered, and close."""
        self._failed = self._opened = 0
        self._open = self._probing_since = None

    def failed(self, now: datetime) -> None:
        """Record a failure. Sends that began before it opened and fail afterwards do not count."""
        probe_failed = self._probing_since is not None
        if self._open is not None and not probe_failed:
            return
        self._failed += 1
        if self._failed >= (1 if self.wary else self.failures) or probe_failed:
            self.open(now)

    def let_probe(self, now: datetime) -> None:
        """If it is open, let a probe through at once."""
        if self._open is not None:
            self._open = Cooldown(now, now)

    def open(self, now: datetime) -> None:
        """Open, whatever was counted before."""
        self._open = Cooldown(now, now + min(self.rest * 2**self._opened, self.longest))
        self._opened = min(self._opened + 1, 10)
        self._probing_since = None

    @property
    def open_until(self) -> datetime | None:
        """When the next probe may be sent; None while closed."""
        return None if self._open is None else self._open.end
