"""Who belongs to which Slack user group: asked now and then in the background, so that no command waits for Slack."""

import asyncio
import re
from collections.abc import Iterable, Mapping

import structlog

from bot.chat.slack.api import TRIES, FailedCallError, SlackApi, Sleep

FRESH_SECONDS = 300.0
FIRST_SECONDS = 2.0
# docs.slack.dev/reference/objects/usergroup-object: S and the rest of the id.
_GROUP = re.compile(r"S[A-Z0-9]{5,20}")
_log = structlog.get_logger(__name__)


def group_ids(named: Iterable[str]) -> tuple[str, ...]:
    """Those of these ids that are Slack user groups, each once; `slack:` before one is dropped."""
    bare = (one.removeprefix("slack:") for one in named)
    return tuple(dict.fromkeys(one for one in bare if _GROUP.fullmatch(one)))


class SlackGroups:
    """The members of some user groups, as Slack last told them. What could not be read again stays what it was.

    Args:
        api: calls to Slack; the token needs usergroups:read.
        groups: ids of the groups that matter; none: Slack is never asked.
        sleep: waits between two readings.
    """

    def __init__(self, api: SlackApi, groups: Iterable[str], *, sleep: Sleep = asyncio.sleep) -> None:
        self._api, self._groups, self._sleep = api, group_ids(groups), sleep
        self._members: dict[str, frozenset[str]] = {}
        self._asked = asyncio.Event()
        self._told: set[str] = set()

    async def run(self) -> None:
        """Keep them fresh until cancelled; returns at once where no group matters."""
        while self._groups:
            await self.refresh()
            await self._sleep(FRESH_SECONDS)

    async def refresh(self) -> None:
        """Ask Slack for every group. A failure is told once for each reason."""
        try:
            for group in self._groups:
                await self._read(group)
        finally:
            self._asked.set()

    async def of(self, user: str, *, within: float = FIRST_SECONDS) -> tuple[str, ...]:
        """The groups of a user. Only the very first reading is waited for, and not long: Slack may be down."""
        if self._groups and not self._asked.is_set():
            try:
                async with asyncio.timeout(within):
                    await self._asked.wait()
            except TimeoutError:
                self._asked.set()
        return tuple(group for group, members in self._members.items() if user in members)

    async def _read(self, group: str) -> None:
        try:
            answer = await self._api.call("usergroups.users.list", {"usergroup": group}, tries=TRIES, again=True)
        except FailedCallError as failure:
            if str(failure) not in self._told:
                self._told.add(str(failure))
                mend = "give the app the scope usergroups:read" if str(failure) == "missing_scope" else ""
                _log.warning("slack_group_unread", group=group, reason=str(failure), mend=mend)
            return
        self._members[group] = _users(answer)


def _users(answer: Mapping[str, object]) -> frozenset[str]:
    users = answer.get("users")
    return frozenset(one for one in users if isinstance(one, str)) if isinstance(users, list) else frozenset()
