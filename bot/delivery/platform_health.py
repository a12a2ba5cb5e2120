"""Keeps circuit breakers up to date while nothing is sent: by a cheap call, and by the platform's status page."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from bot.delivery.bounded import bounded
from bot.delivery.context import DeliveryContext
from bot.model import FeedReading, IncidentSeverity, Pingable, Retry, Route

CHECK_EVERY = timedelta(seconds=5)
PING_EVERY = timedelta(minutes=1)
"""A platform is pinged after this long without an answer to any call."""

_PAGES: Mapping[str, str] = {"slack": "slack", "teams": "teams", "microsoft365": "teams"}
"""Status page (provider) -> the platform that it reports on."""


class PlatformHealth:
    """Keeps the circuit breakers of a sender's platforms up to date. `readings` gives the latest of every status page.

    `chats`: chat platforms by name, pinged whether or not a route leads there.

    A page that reports a critical outage makes the platform's breaker wary: the platform is pinged at once, and a single
    failure, of the ping or of a message, diverts messages to the fallback. The page alone diverts nothing.
    """

    def __init__(
        self,
        context: DeliveryContext,
        readings: Callable[[], Iterable[FeedReading]],
        chats: Mapping[str, Pingable] | None = None,
    ) -> None:
        self._context, self._readings, self._chats = context, readings, chats or {}

    async def run(self) -> None:
        """Check every few seconds until cancelled."""
        while True:
            await self.check()
            await self._context.sleep(CHECK_EVERY.total_seconds())

    async def check(self) -> None:
        """Read the status pages, and ping the platforms that are due."""
        critical = {_PAGES.get(reading.provider) for reading in self._readings() if _is_critical(reading)}
        for platform, route in self._pingable().items():
            breaker = self._context.circuits.platform(platform)
            woken = platform in critical and not breaker.wary
            breaker.wary = platform in critical
            if woken or self._is_due(platform):
                await self._ping(platform, route)

    def _pingable(self) -> dict[str, Pingable]:
        """The chats, and one route of each other platform that can be pinged."""
        found: dict[str, Pingable] = dict(self._chats)
        for name in tuple(self._context.routes):
            route: Route | None = self._context.routes.get(name)
            if route is not None and isinstance(route, Pingable):
                found.setdefault(route.platform, route)
        return found

    def _is_due(self, platform: str) -> bool:
        """Whether to ping now. A breaker that messages have opened is left for a message to close, since a ping proves less."""
        now, circuits = self._context.clock(), self._context.circuits
        breaker = circuits.platform(platform)
        if not breaker.closed:
            return circuits.opened_by_ping(platform) and breaker.acquire(now) is None
        last = self._context.last_answers.get(platform)
        return last is None or not timedelta(0) <= now - last < PING_EVERY

    async def _ping(self, platform: str, route: Pingable) -> None:
        result = await bounded(route.ping(), platform, self._context.policy.send)
        now, circuits = self._context.clock(), self._context.circuits
        self._context.last_answers[platform] = now
        self._context.problems.pinged(platform, result)
        was_closed, answers = (
            circuits.platform(platform).closed,
            not (isinstance(result, Retry) and result.after is None),
        )
        circuits.pinged(platform, answers=answers, now=now)
        if not answers and was_closed and circuits.platform(platform).closed:
            del self._context.last_answers[platform]  # a single failure may be chance: ping again at the next check


def _is_critical(reading: FeedReading) -> bool:
    return not reading.error and reading.severity is IncidentSeverity.CRITICAL
