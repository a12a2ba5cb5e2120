"""Keeps to the rate limits of platforms: messages a second and an hour, and Retry-After."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

EVERY = timedelta(seconds=1)
"""Slack allows one post a second a channel (docs.slack.dev/apis/web-api/rate-limits); Teams and webhooks get the same."""

TEAMS_APART = timedelta(milliseconds=20)
"""50 requests a second for an app in a tenant (learn.microsoft.com, "Optimize your bot with rate limiting in Teams")."""

TEAMS_AN_HOUR = 1800
"""Messages to one conversation in an hour, same page. Its shorter windows (7 in a second, 60 in 30) are kept by `EVERY`."""

_APART: Mapping[str, timedelta] = {"teams": TEAMS_APART}
_AN_HOUR: Mapping[str, int] = {"teams": TEAMS_AN_HOUR}
_HOUR = timedelta(hours=1)
# Slack documents "several hundred" posts a minute for a workspace, without a number. So the first rate limit on two channels
# at once sets 300 a minute, each further one half of that, and every minute without one doubles it again.
_SLOWED, _SLOWEST, _QUIET = timedelta(milliseconds=200), timedelta(seconds=2), timedelta(minutes=1)
_LONGEST_QUEUE = 60


@dataclass(frozen=True, slots=True)
class Cooldown:
    """A span of time. It restarts when the clock is set back, so that it never lasts longer than intended."""

    begin: datetime
    end: datetime

    def at(self, now: datetime) -> "Cooldown":
        """The span as seen at `now`."""
        back = self.begin - now
        return replace(self, begin=now, end=self.end - back) if back > timedelta(0) else self


@dataclass(slots=True)
class _Slowed:
    """A platform that rate limited several channels at once: `apart` is the time between two messages to it."""

    apart: timedelta
    since: datetime


class RateLimiter:
    """Decides when each route, and each platform as a whole, may be used next."""

    def __init__(self, every: timedelta = EVERY) -> None:
        self._every = every
        self._free_at: dict[tuple[str, int], datetime] = {}
        self._hour: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._pauses: dict[str, Cooldown] = {}
        self._slowed: dict[str, _Slowed] = {}

    def wait_for(self, route: str, platform: str, rank: int, now: datetime) -> timedelta:
        """How long the next turn on a route would have to be waited for; less urgent messages are overtaken."""
        at = max(
            self._after(f"{platform}:", rank, self._between(platform, now), now),
            self._after(route, rank, self._every, now),
            self._within_hour(route, platform, now),
        )
        return at - now

    def reserve(self, route: str, platform: str, rank: int, now: datetime) -> timedelta:
        """Take the next turn on a route and return how long to wait for it."""
        at = now + self.wait_for(route, platform, rank, now)
        self._free_at[f"{platform}:", rank] = at + self._between(platform, now)
        self._free_at[route, rank] = at + self._every
        if platform in _AN_HOUR:
            self._hour[route].append(at)
        return at - now

    def pause(self, route: str, platform: str, until: datetime, now: datetime) -> None:
        """Send nothing until then (Retry-After). A second route that is paused at the same time pauses the whole platform."""
        asked_before = any(
            other.startswith(f"{platform} ") and other != f"{platform} {route}" and span.at(now).end > now
            for other, span in self._pauses.items()
        )
        self._pauses[f"{platform} {route}"] = Cooldown(now, until)
        if asked_before:
            self._pauses[platform] = Cooldown(now, until)
            slowed = self._slowed.get(platform)
            apart = _SLOWED if slowed is None else min(self._apart(platform, now) * 2 or _SLOWED, _SLOWEST)
            self._slowed[platform] = _Slowed(apart, now)

    def paused_for(self, route: str, platform: str, now: datetime) -> timedelta:
        """How much of a pause is left; zero where there is none."""
        left = timedelta(0)
        for name in (platform, f"{platform} {route}"):
            if span := self._pauses.get(name):
                self._pauses[name] = span = span.at(now)
                left = max(left, span.end - now)
                if span.end <= now:
                    del self._pauses[name]
        return left

    def _between(self, platform: str, now: datetime) -> timedelta:
        """The time between two messages to a platform."""
        return max(_APART.get(platform, timedelta(0)), self._apart(platform, now))

    def _apart(self, platform: str, now: datetime) -> timedelta:
        slowed = self._slowed.get(platform)
        if slowed is None:
            return timedelta(0)
        if now - slowed.since >= _QUIET:
            slowed.apart, slowed.since = slowed.apart / 2, now
            if slowed.apart < _SLOWED / 8:
                del self._slowed[platform]
                return timedelta(0)
        return slowed.apart

    def _after(self, name: str, rank: int, apart: timedelta, now: datetime) -> datetime:
        """The next free moment after messages that are at least as urgent."""
        # A clock that was set back must not block a route until it has caught up.
        farthest = now + apart * _LONGEST_QUEUE
        found = (self._free_at.get((name, urgency), now) for urgency in range(rank + 1))
        return max((at for at in found if now <= at <= farthest), default=now)

    def _within_hour(self, route: str, platform: str, now: datetime) -> datetime:
        most = _AN_HOUR.get(platform)
        if most is None:
            return now
        sent = self._hour[route]
        while sent and not now - _HOUR < sent[0] <= now + _HOUR:
            sent.popleft()
        return sent[-most] + _HOUR if len(sent) >= most else now
