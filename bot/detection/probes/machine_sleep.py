"""Notices that this machine slept: the time of day went on, and the monotonic clock did not (CLOCK_MONOTONIC, clock_gettime(2))."""

from collections.abc import Callable

LEAST = 5.0
"""Seconds by which the clocks must differ; a correction of the time of day is smaller."""


class MachineSleep:
    """Compares two clocks, both in seconds. `total`: how many sleeps were noticed."""

    def __init__(self, now: Callable[[], float], wall: Callable[[], float] | None) -> None:
        self._now, self._wall = now, wall
        self._apart = self._difference()
        self._seen = 0
        self.total = 0

    def look(self) -> int:
        """Compare the clocks now; how many sleeps were noticed so far."""
        apart = self._difference()
        self.total += apart - self._apart > LEAST
        self._apart = apart
        return self.total

    def slept(self) -> bool:
        """Whether the machine slept since this was called last."""
        before, self._seen = self._seen, self.look()
        return self._seen > before

    def _difference(self) -> float:
        return self._wall() - self._now() if self._wall is not None else 0.0
