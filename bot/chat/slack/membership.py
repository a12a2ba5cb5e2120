"""Decides whether the person behind a request of Slack is a member of our workspace, a guest or a stranger."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.chat.slack.api import FailedCallError, SlackApi
from bot.chat.slack.origin import Origin
from bot.chat.slack.payload import text_of
from bot.chat.slack.users import WAIT_SECONDS, Person
from bot.model import Membership

AGAIN_SECONDS = 30.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The workspace that the bot's token belongs to, and its Enterprise organization. `bot`: the bot's own user id.

    `whole`: the app is installed for the organization, so that each of its members is a member here.
    """

    team: str = ""
    organization: str = ""
    bot: str = ""
    whole: bool = False

    @property
    def ids(self) -> frozenset[str]:
        """The ids by which a request names this workspace; none while they are not known."""
        return frozenset(known for known in (self.team, self.organization) if known)


class OwnWorkspace:
    """Learns from Slack (`auth.test`) which workspace is ours; asked until it is known, at most every 30 s.

    Args:
        api: calls to Slack.
        monotonic: a clock that never goes back, in seconds.
    """

    def __init__(self, api: SlackApi, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._api, self._monotonic = api, monotonic
        self._again = float("-inf")
        self._asking: asyncio.Task[None] | None = None
        self._workspace = Workspace()

    async def get(self, *, within: float = WAIT_SECONDS) -> Workspace:
        """The workspace; an empty one where Slack did not answer within so many seconds. The question stays open."""
        if not self._workspace.team and self._asking is None and self._monotonic() >= self._again:
            self._asking = asyncio.create_task(self._ask())
        if self._asking is not None:
            await asyncio.wait([self._asking], timeout=within)
        return self._workspace

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> None:
        try:
            answer = await self._api.call("auth.test", {})
        except FailedCallError as failure:
            _log.warning("slack_workspace_unread", reason=str(failure))
            self._again = self._monotonic() + AGAIN_SECONDS
            return
        finally:
            self._asking = None
        team, organization = text_of(answer, "team_id"), text_of(answer, "enterprise_id")
        whole = answer.get("is_enterprise_install") is True
        self._workspace = Workspace(team, organization, text_of(answer, "user_id"), whole)


def membership(origin: Origin, own: Workspace, person: Person) -> Membership:
    """How a person belongs to our workspace, by what the request and `users.info` say.

    A person whom one of them calls foreign is a stranger. A workspace of the same Enterprise organization is foreign, too,
    unless the person belongs to ours as well or the app is installed for the whole organization.
    """
    if person.known and person.stranger:
        return Membership.STRANGER
    ours = own.ids or origin.installed
    if ours and _is_foreign(origin, own, ours, person):
        return Membership.STRANGER
    if person.guest or origin.guest:
        return Membership.GUEST
    if not ours:
        return _without_workspace(origin, person)
    if person.known or (origin.guest is False and origin.person):
        return Membership.MEMBER
    named = bool(origin.person) or (bool(origin.request) and not origin.shared)
    return Membership.UNVERIFIED if named else Membership.UNKNOWN


def _is_foreign(origin: Origin, own: Workspace, ours: frozenset[str], person: Person) -> bool:
    joined = bool(own.team) and own.team in person.teams
    colleague = own.whole and bool(own.organization) and person.organization == own.organization
    if joined or colleague:
        return False
    if origin.person - ours or (person.team and person.team not in ours):
        return True
    if own.team and person.teams:  # of our organization, in other workspaces of it
        return True
    if own.organization and origin.organization not in ("", own.organization):
        return True
    proved = bool(origin.person) or bool(person.team)
    return bool(origin.request - ours) and not proved


def _without_workspace(origin: Origin, person: Person) -> Membership:
    """The membership while our own workspace is unknown: `users.info` marks strangers."""
    if not person.known:
        return Membership.UNKNOWN
    home = person.teams | {person.team, person.organization}
    return Membership.STRANGER if person.team and origin.person - home else Membership.MEMBER
