"""A breaker for each platform: one that is down is left alone for a while, then a single message tries it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

PROBE_ENDS = timedelta(seconds=60)
"""After this long a probe of which nothing was heard no longer stands in the way of another."""


@dataclass(slots=True)
class Breaker:
    """Opens after `failures` in a row; stays open for `rest`, twice as long after each failed probe, at most `longest`."""

    failures: int = 2
    rest: timedelta = timedelta(seconds=15)
    longest: timedelta = timedelta(minutes=2)
    _failed: int = 0
    _opened: int = 0
    _open_until: datetime | None = None
    _probing_since: datetime | None = None

    def wait(self, now: datetime) -> timedelta | None:
        """None: go ahead. Otherwise the platform is left alone, for about so long. Going ahead may be the single probe."""
        if self._open_until is None:
            return None
        if now < self._open_until:
            return self._open_until - now
        if self._probing_since is not None and now - self._probing_since < PROBE_ENDS:
            return timedelta(seconds=1)
        self._probing_since = now
        return None

    def succeeded(self) -> None:
        """The platform answered: close."""
        self._failed = self._opened = 0
        self._open_until = self._probing_since = None

    def failed(self, now: datetime) -> None:
        """The platform failed once more."""
        self._failed += 1
        probe_failed = self._probing_since is not None
        if self._failed >= self.failures or probe_failed:
            self._open_until = now + min(self.rest * 2**self._opened, self.longest)
            self._opened = min(self._opened + 1, 10)
            self._probing_since = None

    @property
    def open_until(self) -> datetime | None:
        """When the next probe may go, None while closed."""
        return self._open_until
