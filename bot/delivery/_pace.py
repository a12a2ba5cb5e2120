"""Keeps to what platforms ask for: one message a second a route, and none before the end of a Retry-After."""

from datetime import datetime, timedelta

EVERY = timedelta(seconds=1)
"""Slack allows one post a second a channel (api.slack.com/apis/rate-limits); Teams and webhooks bear the same."""


class Pace:
    """When each route may be used next."""

    def __init__(self, every: timedelta = EVERY) -> None:
        self._every = every
        self._free_at: dict[str, datetime] = {}
        self._held_until: dict[str, datetime] = {}

    def reserve(self, route: str, now: datetime) -> timedelta:
        """Take the next turn on a route; how long to wait for it."""
        free_at = self._free_at.get(route, now)
        # A clock that was set back must not silence a route until it has caught up.
        at = now if free_at < now or free_at - now > self._every * 60 else free_at
        self._free_at[route] = at + self._every
        return at - now

    def hold(self, route: str, until: datetime) -> None:
        """The far side asked for silence until then."""
        self._held_until[route] = until

    def held(self, route: str, now: datetime) -> timedelta:
        """How much of that silence is left."""
        left = self._held_until.get(route, now) - now
        return max(timedelta(0), left)
