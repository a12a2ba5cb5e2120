"""Circuit breakers of routes and of platforms: tells a failing channel from a platform that is down."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.delivery.circuit_breaker import CircuitBreaker
from bot.model import Result, Retry, Route

SEVERAL = 3
"""So many routes of one platform that fail, with none delivered in between, count as a failure of the platform."""


class Circuits:
    """Decides by which routes messages may be sent.

    A failed send counts against its route. It counts against the platform too where the platform could not be reached at
    all, where its own status page reports it as down, or where `SEVERAL` routes fail and none succeeds. A platform that
    can be pinged is pinged after a failure (`bot.delivery.evidence`): a failed ping opens the platform's breaker at once.
    """

    def __init__(self) -> None:
        self._platforms: dict[str, CircuitBreaker] = {}
        self._routes: dict[str, CircuitBreaker] = {}
        self._failing: defaultdict[str, set[str]] = defaultdict(set)
        self._by_routes: set[str] = set()
        self._by_ping: set[str] = set()
        self._asking: set[str] = set()

    def platform(self, name: str) -> CircuitBreaker:
        """The platform's circuit breaker, made at its first use."""
        return self._platforms.setdefault(name, CircuitBreaker())

    def route(self, name: str) -> CircuitBreaker:
        """The route's circuit breaker, made at its first use."""
        return self._routes.setdefault(name, CircuitBreaker())

    def time_left(self, route: Route, now: datetime) -> tuple[timedelta, str] | None:
        """How long the route must not be used, about, and whose breaker is open; None: it may be used."""
        own = self.route(route.name).time_left(now)
        if own is not None:
            return own, route.name
        left = self._of_platform(route, now)
        return None if left is None else (left, route.platform)

    def acquire(self, route: Route, now: datetime) -> tuple[timedelta, str] | None:
        """As `time_left`, but None makes the caller the single probe of each breaker that is open."""
        closed = self.time_left(route, now)
        if closed is None:
            for breaker in (self.route(route.name), self.platform(route.platform)):
                breaker.probe(now)
        return closed

    def is_closed(self, route: Route) -> bool:
        """Whether neither the route's nor the platform's breaker is open."""
        return self.route(route.name).closed and self.platform(route.platform).closed

    def is_doubted(self, route: Route) -> bool:
        """Whether sends or pings under way may soon show that the route or its platform is down."""
        breakers = (self.route(route.name), self.platform(route.platform))
        return any(breaker.doubted for breaker in breakers) or route.platform in self._asking

    def record(self, route: Route, result: Result, now: datetime) -> bool:
        """Record the result of a send. True: it leaves open whether the channel or the platform is down."""
        name, platform = route.name, self.platform(route.platform)
        if not isinstance(result, Retry) or result.after is not None:
            self.route(name).succeeded()  # a refusal and a request to slow down are answers too
            self._answered(route.platform, now)
            return False
        self.route(name).failed(now)
        failing = self._failing[route.platform]
        failing.add(name)
        if result.unreached or platform.wary or platform.probing:
            platform.failed(now)
        elif platform.closed and len(failing) >= SEVERAL:
            platform.open(now)
            self._by_routes.add(route.platform)
        return platform.closed and not result.unreached

    def is_asked(self, platform: str) -> bool:
        """Whether a ping after a failed send is under way."""
        return platform in self._asking

    @contextmanager
    def asking(self, platform: str) -> Iterator[None]:
        """A ping after a failed send is under way within the block."""
        self._asking.add(platform)
        try:
            yield
        finally:
            self._asking.discard(platform)

    def pinged(self, platform: str, *, answers: bool, now: datetime, after_failed_send: bool = False) -> None:
        """Record a ping. A breaker that messages have opened is left for a message to close, since a ping proves less."""
        breaker = self.platform(platform)
        if answers:
            if breaker.closed or platform in self._by_ping:
                self._answered(platform, now, failing=self._failing[platform])
            return
        was_closed = breaker.closed
        breaker.open(now) if after_failed_send and was_closed else breaker.failed(now)
        if was_closed and not breaker.closed:
            self._by_ping.add(platform)

    def opened_by_ping(self, platform: str) -> bool:
        """Whether the platform's breaker is open because of a ping."""
        return platform in self._by_ping

    def _answered(self, platform: str, now: datetime, failing: Collection[str] = ()) -> None:
        """Close the platform's breaker. `failing`: routes whose failures the answer does not disprove."""
        breaker, kept = self.platform(platform), set(failing)
        if not breaker.closed:
            for name in self._failing[platform] | kept:
                # Routes that opened the platform's breaker may fail by themselves; others failed because of the platform.
                self.route(name).let_probe(now) if platform in self._by_routes else self.route(name).succeeded()
            kept = set()
        breaker.succeeded()
        self._failing[platform] = kept
        self._by_routes.discard(platform)
        self._by_ping.discard(platform)

    def _of_platform(self, route: Route, now: datetime) -> timedelta | None:
        breaker = self.platform(route.platform)
        left = breaker.time_left(now)
        if left is None or route.platform not in self._by_routes or route.name in self._failing[route.platform]:
            return left
        # Only other routes have failed so far: this one may be the probe before the breaker's time is up.
        return left if breaker.is_probed(now) else None
