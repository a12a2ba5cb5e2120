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

    def is_first(self, *keys: str) -> bool:
        """Whether each of these keys is seen for the first time; empty keys do not count, and nothing but those always is.

        All of them are remembered: two requests are the same where they share one key.
        """
        now = self._monotonic()
        while self._at and next(iter(self._at.values())) < now - REMEMBERED_SECONDS:
            self._at.popitem(last=False)
        given = [key for key in keys if key]
        first = not any(key in self._at for key in given)
        for key in given:
            self._at.setdefault(key, now)
        while len(self._at) > MOST:
            self._at.popitem(last=False)
        return first

    def forget(self, *keys: str) -> None:
        """Let each of these keys count as new again."""
        for key in keys:
            self._at.pop(key, None)
