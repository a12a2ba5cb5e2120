"""Is each platform alive while nobody posts? A cheap call now and then, and what its own status page says, tell the breakers."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from bot.delivery.attempt import DeliveryContext, bounded
from bot.model import FeedReading, IncidentSeverity, Pingable, Retry, Route

LOOK_EVERY = timedelta(seconds=5)
BEAT_EVERY = timedelta(minutes=1)
"""So long nothing must have been sent to a platform before it is asked for a sign of life."""

_PAGES: Mapping[str, str] = {"slack": "slack", "teams": "teams", "microsoft365": "teams"}
"""Whose status page tells of which platform."""


class PlatformHealth:
    """Keeps the breakers of a sender's platforms informed. `readings` are the latest of every status page.

    A page that calls itself critically down makes its platform wary: it is asked for a sign of life at once, and a single
    failure, of that or of a post, is enough for posts to leave by the fallback. The page alone diverts nothing: pages are
    wrong more often than posts that arrive.
    """

    def __init__(self, means: DeliveryContext, readings: Callable[[], Iterable[FeedReading]]) -> None:
        self._means, self._readings = means, readings
        self._opened: set[str] = set()

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            await self.look()
            await self._means.sleep(LOOK_EVERY.total_seconds())

    async def look(self) -> None:
        """Mind what the pages say, and ask the platforms that are due."""
        critical = {_PAGES.get(one.provider) for one in self._readings() if _says_critical(one)}
        for platform, route in self._asked().items():
            breaker = self._means.breaker(platform)
            woken = platform in critical and not breaker.wary
            breaker.wary = platform in critical
            if woken or self._is_due(platform):
                await self._beat(platform, route)

    def _asked(self) -> dict[str, Pingable]:
        """A route of each platform that gives signs of life."""
        found: dict[str, Pingable] = {}
        for name in tuple(self._means.routes):
            route: Route | None = self._means.routes.get(name)
            if route is not None and isinstance(route, Pingable):
                found.setdefault(route.platform, route)
        return found

    def _is_due(self, platform: str) -> bool:
        """A breaker that posts have opened is for a post to close: that calls come through says little about posts."""
        now, breaker = self._means.clock(), self._means.breaker(platform)
        if not breaker.closed:
            return platform in self._opened and breaker.wait(now) is None
        heard = self._means.heard.get(platform)
        return heard is None or not timedelta(0) <= now - heard < BEAT_EVERY

    async def _beat(self, platform: str, route: Pingable) -> None:
        result = await bounded(route.beat(), platform, self._means.policy.send)
        now, breaker = self._means.clock(), self._means.breaker(platform)
        self._means.heard[platform] = now
        if isinstance(result, Retry) and result.after is None:
            was_closed = breaker.closed
            breaker.failed(now)
            if was_closed and not breaker.closed:
                self._opened.add(platform)
            elif was_closed:
                del self._means.heard[platform]  # once may be chance: it is asked again at the next look
            return
        if breaker.closed or platform in self._opened:
            breaker.succeeded()
        self._opened.discard(platform)


def _says_critical(reading: FeedReading) -> bool:
    return not reading.error and reading.severity is IncidentSeverity.CRITICAL
