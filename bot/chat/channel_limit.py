"""Limits how many messages of one channel are acted on, so that two bots which answer each other come to a stop."""

from collections import OrderedDict, deque
from collections.abc import Callable

import structlog

# People of one channel do not type so many commands; they press buttons, which do not count.
AT_MOST = 30
WINDOW_SECONDS = 60.0
CHANNELS = 10_000
_log = structlog.get_logger(__name__)


class ChannelLimit:
    """At most so many messages of one channel within a sliding window. What was refused does not count.

    Args:
        monotonic: a clock that never goes back, in seconds.
        at_most: messages of one channel that are acted on within `seconds`.
        seconds: the length of the window.
    """

    def __init__(
        self, monotonic: Callable[[], float], *, at_most: int = AT_MOST, seconds: float = WINDOW_SECONDS
    ) -> None:
        self._monotonic, self._at_most, self._seconds = monotonic, at_most, seconds
        self._acted: OrderedDict[str, deque[float]] = OrderedDict()
        self._logged: dict[str, float] = {}

    def allows(self, channel: str) -> bool:
        """Whether one more message of this channel is acted on; counts it if so. A refusal is logged once a window."""
        now = self._monotonic()
        acted = self._acted.setdefault(channel, deque())
        self._acted.move_to_end(channel)
        if len(self._acted) > CHANNELS:
            gone, _ = self._acted.popitem(last=False)
            self._logged.pop(gone, None)
        while acted and acted[0] <= now - self._seconds:
            acted.popleft()
        if len(acted) < self._at_most:
            acted.append(now)
            return True
        if self._logged.get(channel, float("-inf")) <= now - self._seconds:
            self._logged[channel] = now
            _log.warning("channel_limited", channel=channel, at_most=self._at_most, seconds=self._seconds)
        return False
