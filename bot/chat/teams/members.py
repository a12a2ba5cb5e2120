"""Decides whether the person behind a request of Teams is a member of our tenant, a guest or a stranger."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from bot.chat.teams.api import TeamsApi
from bot.chat.teams.outcome import Payload, TeamsCallError
from bot.chat.teams.requests import ChatRequest
from bot.model import Membership

FRESH_SECONDS = 3_600.0
AGAIN_SECONDS = 30.0
WAIT_SECONDS = 1.2
MOST = 10_000
_ABSENT = "MemberNotFoundInConversation"
# learn.microsoft.com, "Get Teams specific context for your bot"; microsoft/botbuilder-dotnet#3405: guest, owner, user.
_OUTSIDE = frozenset({"guest", "anonymous"})
_EXTERNAL = "#ext#"  # in the userPrincipalName of a guest account (Entra ID)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """A person in a roster. `known`: Teams gave the entry; `absent`: the person is not in it; `until`: when to read again."""

    known: bool = False
    absent: bool = False
    tenant: str = ""
    guest: bool = False
    until: float = 0.0


class TeamsMembers:
    """People as the roster of a conversation describes them, read within a short time limit and kept for an hour.

    Args:
        api: calls to Teams.
        tenant: our tenant; empty: that of the request.
        local: only processes of this machine can send requests, so that whom no roster describes is one of us.
        monotonic: a clock that never goes back, in seconds.
    """

    def __init__(
        self, api: TeamsApi, tenant: str = "", *, local: bool = False, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._api, self._tenant, self._local, self._monotonic = api, tenant.lower(), local, monotonic
        self._people: dict[str, RosterEntry] = {}
        self._reading: dict[str, asyncio.Task[RosterEntry]] = {}

    async def membership(self, asked: ChatRequest, *, within: float = WAIT_SECONDS) -> Membership:
        """How the caller belongs to our tenant, by the request and by the roster.

        A person whom one of them calls foreign is a stranger. Without a roster, a request that names our tenant alone makes the
        person `UNVERIFIED`: it does not tell members from guests.
        """
        own = self._tenant or str(asked.place.reference.get("tenant", "")).lower()
        if own and asked.tenants - {own}:
            return Membership.STRANGER
        entry = await self._entry(asked, within)
        if own and entry.tenant and entry.tenant != own:
            return Membership.STRANGER
        if entry.guest:
            return Membership.GUEST
        if entry.absent:
            return Membership.UNKNOWN
        if entry.known or self._local:
            return Membership.MEMBER
        in_entra = asked.caller.user != asked.place.person
        return Membership.UNVERIFIED if own and asked.tenants and in_entra else Membership.UNKNOWN

    async def close(self) -> None:
        """Stop reading."""
        for reading in (unfinished := list(self._reading.values())):
            reading.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    async def _entry(self, asked: ChatRequest, within: float) -> RosterEntry:
        """The entry; as last read where Teams does not answer in time. The read goes on, for the next request."""
        person = asked.place.person
        last = self._people.get(person, RosterEntry())
        if last.until > self._monotonic() or not person:
            return last
        if person not in self._reading:
            self._reading[person] = asyncio.create_task(self._read(asked, last))
            self._reading[person].add_done_callback(lambda _: self._reading.pop(person, None))
        reading = self._reading[person]
        await asyncio.wait([reading], timeout=within)
        return reading.result() if reading.done() and not reading.cancelled() else last

    async def _read(self, asked: ChatRequest, last: RosterEntry) -> RosterEntry:
        reference, person = asked.place.reference, asked.place.person
        whole = {**reference["conversation"], "id": asked.caller.channel}  # a thread has no roster
        try:
            entry = _read_entry(await self._api.member({**reference, "conversation": whole}, person))
            entry = replace(entry, until=self._monotonic() + FRESH_SECONDS)
        except TeamsCallError as failure:
            _log.info("teams_member_unread", reason=str(failure), code=failure.code)
            entry = RosterEntry(absent=True) if failure.code == _ABSENT else last
            entry = replace(entry, until=self._monotonic() + AGAIN_SECONDS)
        if len(self._people) >= MOST:
            self._people.clear()
        self._people[person] = entry
        return entry


def _read_entry(member: Payload) -> RosterEntry:
    tenant, role, name = (str(member.get(key) or "").lower() for key in ("tenantId", "userRole", "userPrincipalName"))
    return RosterEntry(known=bool(member.get("id")), tenant=tenant, guest=role in _OUTSIDE or _EXTERNAL in name)
