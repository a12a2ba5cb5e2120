"""Remembers handled requests, so that one that the platform delivers twice runs once."""

from collections import OrderedDict
from collections.abc import Callable

REMEMBERED_SECONDS = 3_600.0
MOST = 10_000


class Deduplicator:
    """The keys of the last hour, at most 10,000 of them.

    Args:
        monotonic: a clock that never goes back, in seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._at: OrderedDict[str, float] = OrderedDict()

    def is_first(self, key: str) -> bool:
        """Whether this key is seen for the first time; an empty key always is."""
        if not key:
            return True
        now = self._monotonic()
        while self._at and (len(self._at) >= MOST or next(iter(self._at.values())) < now - REMEMBERED_SECONDS):
            self._at.popitem(last=False)
        if key in self._at:
            return False
        self._at[key] = now
        return True
