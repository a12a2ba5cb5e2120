"""Reads the members of Slack user groups in the background, so that no command waits for Slack."""

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
    """The ids that are Slack user groups, each once and without the prefix `slack:`."""
    bare = (id.removeprefix("slack:") for id in named)  # noqa: A001
    return tuple(dict.fromkeys(group for group in bare if _GROUP.fullmatch(group)))


class SlackGroups:
    """The members of some user groups, as last read from Slack. A failed read keeps the members known before.

    Args:
        api: calls to Slack; the token needs usergroups:read.
        groups: ids of the groups that matter; without any, Slack is never called.
        sleep: waits between two reads.
    """

    def __init__(self, api: SlackApi, groups: Iterable[str], *, sleep: Sleep = asyncio.sleep) -> None:
        self._api, self._groups, self._sleep = api, group_ids(groups), sleep
        self._members: dict[str, frozenset[str]] = {}
        self._was_read = asyncio.Event()
        self._logged: set[str] = set()

    async def run(self) -> None:
        """Read the groups regularly until cancelled; returns at once where there are none."""
        while self._groups:
            await self.refresh()
            await self._sleep(FRESH_SECONDS)

    async def refresh(self) -> None:
        """Read every group. A failure is logged once for each reason."""
        try:
            for group in self._groups:
                await self._read(group)
        finally:
            self._was_read.set()

    async def of(self, user: str, *, within: float = FIRST_SECONDS) -> tuple[str, ...]:
        """The groups of a user. Only the first read is waited for, at most `within` seconds: Slack may be down."""
        if self._groups and not self._was_read.is_set():
            try:
                async with asyncio.timeout(within):
                    await self._was_read.wait()
            except TimeoutError:
                self._was_read.set()
        return tuple(group for group, members in self._members.items() if user in members)

    async def _read(self, group: str) -> None:
        try:
            answer = await self._api.call("usergroups.users.list", {"usergroup": group}, tries=TRIES, again=True)
        except FailedCallError as failure:
            if str(failure) not in self._logged:
                self._logged.add(str(failure))
                fix = "give the app the scope usergroups:read" if str(failure) == "missing_scope" else ""
                _log.warning("slack_group_read_failed", group=group, reason=str(failure), fix=fix)
            return
        self._members[group] = _users(answer)


def _users(answer: Mapping[str, object]) -> frozenset[str]:
    users = answer.get("users")
    return frozenset(user for user in users if isinstance(user, str)) if isinstance(users, list) else frozenset()
