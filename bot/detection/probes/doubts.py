"""Decides which probes run faster for a while, because their last rounds left a doubt."""

from collections.abc import Callable, Container
from typing import Generic, TypeVar

from bot.model.signals import Health, Signal, Trouble

D = TypeVar("D")

FAST_INTERVAL = 8.0
"""Seconds until the next round of a probe in doubt: confirming an incident takes several rounds, and people are waiting."""
FAST_ROUNDS = 10
"""Fast rounds after a bad sample; each further bad sample renews them."""
FAST_PER_HOUR = 120
"""Fast rounds of one probe an hour, at most: on top of those of every 30 s, twice the usual load on an endpoint that stays down."""
HOUR = 3600.0


class Doubts(Generic[D]):
    """Counts the fast rounds of each probe. `now`: a monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._left: dict[D, int] = {}
        self._spent: dict[D, tuple[float, int]] = {}

    def keep(self, probes: Container[D]) -> None:
        """Forget every other probe."""
        self._left = {probe: left for probe, left in self._left.items() if probe in probes}
        self._spent = {probe: spent for probe, spent in self._spent.items() if probe in probes}

    def runs_fast_after(self, probe: D, signal: Signal) -> bool:
        """Whether the next round of a probe comes soon, after this signal of it."""
        if leaves_doubt(signal):
            self._left[probe] = FAST_ROUNDS
        left = self._left.get(probe, 0)
        if not left:
            return False
        if left == 1:
            del self._left[probe]
        else:
            self._left[probe] = left - 1
        return self._spends(probe)

    def _spends(self, probe: D) -> bool:
        now = self._now()
        began, spent = self._spent.get(probe, (now, 0))
        if now - began >= HOUR:
            began, spent = now, 0
        if spent >= FAST_PER_HOUR:
            return False
        self._spent[probe] = began, spent + 1
        return True


def leaves_doubt(signal: Signal) -> bool:
    """Whether a signal is a reason to probe again soon: not good, or good only at the second attempt."""
    if signal.state is Health.DEGRADED:
        return signal.trouble is not Trouble.EXPIRING
    return signal.state is Health.BAD or signal.retried
