"""Reads users from Slack: name, time zone, and whether they are members, guests, strangers or bots."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from bot.chat.slack.api import FailedCallError, SlackApi
from bot.chat.slack.payload import Payload, part_of, text_of

FRESH_SECONDS = 3_600.0
AGAIN_SECONDS = 30.0
WAIT_SECONDS = 1.2
MOST = 10_000
# docs.slack.dev/reference/methods/users.info: whom the workspace cannot see is nobody of it.
_NOBODY = frozenset({"user_not_found", "user_not_visible"})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack user; a field is empty where Slack gives no value. `until`: when to read again, on the monotonic clock.

    `known`: Slack said who it is. `team`, `teams`: ids of the person's workspace, and of all workspaces of an Enterprise
    organization that the person belongs to. `stranger`: of another workspace or organization. `guest`: single- or
    multi-channel guest.
    """

    name: str = ""
    timezone: str = ""
    until: float = 0.0
    known: bool = False
    team: str = ""
    teams: frozenset[str] = frozenset()
    organization: str = ""
    stranger: bool = False
    guest: bool = False
    bot: bool = False


class SlackPeople:
    """Users as `users.info` (scope users:read) describes them, read within a short time limit and kept for an hour.

    Args:
        api: calls to Slack.
        monotonic: a clock that never goes back, in seconds.
    """

    def __init__(self, api: SlackApi, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._api, self._monotonic = api, monotonic
        self._people: dict[str, Person] = {}
        self._reading: dict[str, asyncio.Task[Person]] = {}

    async def of(self, user: str, *, within: float = WAIT_SECONDS) -> Person:
        """The user; as last read, or without anything, where Slack does not answer within so many seconds.

        The read goes on, so that the next request finds its result. Requests of one person share one read.
        """
        last = self._people.get(user, Person())
        if last.until > self._monotonic() or not user:
            return last
        if user not in self._reading:
            self._reading[user] = asyncio.create_task(self._read(user, last))
            self._reading[user].add_done_callback(lambda _: self._reading.pop(user, None))
        reading = self._reading[user]
        await asyncio.wait([reading], timeout=within)
        return reading.result() if reading.done() and not reading.cancelled() else last

    async def close(self) -> None:
        """Stop reading."""
        for reading in (unfinished := list(self._reading.values())):
            reading.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    async def _read(self, user: str, last: Person) -> Person:
        try:
            person = _person(part_of(await self._api.call("users.info", {"user": user}), "user"))
        except FailedCallError as failure:
            _log.info("slack_user_read_failed", reason=str(failure))
            nobody = str(failure) in _NOBODY
            person = replace(Person(known=True, stranger=True) if nobody else last)
            person = replace(person, until=self._monotonic() + AGAIN_SECONDS)
        else:
            person = replace(person, until=self._monotonic() + FRESH_SECONDS)
        if len(self._people) >= MOST:
            self._people.clear()
        self._people[user] = person
        return person


def _person(user: Payload) -> Person:
    """The person of a user object (docs.slack.dev/reference/objects/user-object)."""
    enterprise = part_of(user, "enterprise_user")
    listed = enterprise.get("teams")
    return Person(
        name=text_of(user, "name"),
        timezone=text_of(user, "tz"),
        known=bool(user),
        team=text_of(user, "team_id"),
        teams=frozenset(team for team in listed if isinstance(team, str)) if isinstance(listed, list) else frozenset(),
        organization=text_of(enterprise, "enterprise_id"),
        stranger=user.get("is_stranger") is True,
        guest=user.get("is_restricted") is True or user.get("is_ultra_restricted") is True,
        bot=user.get("is_bot") is True,
    )
