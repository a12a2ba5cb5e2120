"""Reads users' names and time zones from Slack, once a day and only for commands that need them."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.chat.slack.api import FailedCallError, SlackApi
from bot.chat.slack.requests import part_of, text_of

FRESH_SECONDS = 86_400.0
AGAIN_SECONDS = 300.0
WAIT_SECONDS = 0.8
MOST = 10_000
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack user; a field is empty where Slack gives no value. `until`: when to read again, on the monotonic clock."""

    name: str = ""
    timezone: str = ""
    until: float = 0.0


class SlackPeople:
    """Users' names and time zones (`users.info`, scope users:read), read within a short time limit.

    Args:
        api: calls to Slack.
        monotonic: a clock that never goes back, in seconds.
    """

    def __init__(self, api: SlackApi, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._api, self._monotonic = api, monotonic
        self._known: dict[str, Person] = {}

    async def of(self, user: str, *, within: float = WAIT_SECONDS) -> Person:
        """The user; without name and time zone where Slack does not answer within so many seconds."""
        known = self._known.get(user)
        if known is not None and known.until > self._monotonic():
            return known
        try:
            async with asyncio.timeout(within):
                person = await self._read(user)
        except (TimeoutError, FailedCallError) as failure:
            _log.info("slack_user_read_failed", reason=str(failure) or "no answer in time")
            person = Person(until=self._monotonic() + AGAIN_SECONDS)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[user] = person
        return person

    async def _read(self, user: str) -> Person:
        profile = part_of(await self._api.call("users.info", {"user": user}), "user")
        return Person(text_of(profile, "name"), text_of(profile, "tz"), self._monotonic() + FRESH_SECONDS)
