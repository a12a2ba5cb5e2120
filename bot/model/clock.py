"""The clock: a function that returns the time in UTC, passed in wherever time matters, so that tests can set it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time now, in UTC: the real clock."""
    return datetime.now(UTC)
