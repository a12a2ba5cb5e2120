"""A Slack channel as the app sees it: its id, whether the app may read it, and its recent posts."""

import re
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from bot.delivery.routing.context import RouteContext, SlackCalls
from bot.model import Proof, Refused, Retry

PATIENCE = timedelta(seconds=2.5)
"""The longest that one question about a channel takes."""

_PAGES = 3
_PAGE = 200
"""The most that Slack recommends at once (docs.slack.dev/reference/methods/conversations.history, limit)."""
_CHANNELS, _CHANNEL_PAGES = 1000, 5
_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
_KINDS = ("public_channel,private_channel", "public_channel")
"""The second is what an app without the scope groups:read may list."""

_REINSTALL = "install the app again from `backstay manifest slack`"

Answer = Mapping[str, Any] | Refused | Retry


class LookUp(Enum):
    """Why a post was not found: it is not there, or the history cannot be read."""

    NOT_THERE = "not there"
    UNREADABLE = "unreadable"


class SlackConversation:
    """One channel, named by `#name` or id.

    Args:
        name: as the settings name it.
        route: the route's name; its last delivered message tells the channel's id.
    """

    def __init__(self, name: str, route: str, calls: SlackCalls, context: RouteContext) -> None:
        self._name, self._route = name, route
        self._call, self._context = calls.call, context
        self.id = name if _ID.fullmatch(name) else ""

    async def learn_id(self) -> str:
        """The channel's id, from an earlier post or from Slack's list. Empty: it is not known."""
        if not self.id and self._context.last_reference is not None:
            channel = (await self._context.last_reference(self._route)).partition(":")[0]
            self.id = channel if _ID.fullmatch(channel) else ""
        if not self.id:
            found = await self.find()
            self.id = "" if isinstance(found, Refused | Retry) else str(found.get("id", ""))
        return self.id

    async def find(self) -> Answer:
        """The channel as Slack describes it (`id`, `is_member`, `is_private`, `is_archived`).

        Refused where the app sees no such channel: it does not exist, or it is private and the app is not in it.
        """
        if _ID.fullmatch(self._name):
            answer = await self._call("conversations.info", {"channel": self._name}, PATIENCE)
            return answer if isinstance(answer, Refused | Retry) else answer.get("channel") or {}
        found: Answer = Refused("")
        for kinds in _KINDS:
            found = await self._find_in_list(kinds)
            if not (isinstance(found, Refused) and found.reason.endswith("missing_scope")):
                break
        return found

    async def prove(self) -> Proof:
        """Check that the channel takes posts of the app, and that the app can read them."""
        found = await self.find()
        if isinstance(found, Refused | Retry):
            return self._unseen(found)
        if found.get("is_archived"):
            return Proof(False, "the channel is archived")
        if not found.get("is_member"):
            todo = "invite backstay (`/invite @backstay`), so that it can check whether an uncertain post arrived"
            return Proof(None, f"backstay is not in the channel; {todo}")
        self.id = str(found.get("id", ""))
        read = await self._call("conversations.history", {"channel": self.id, "limit": 1}, PATIENCE)
        if isinstance(read, Refused | Retry):
            return Proof(None, f"backstay is in the channel but cannot read it ({read.reason}); {_REINSTALL}")
        return Proof(True, "backstay is in the channel and can read it")

    def _unseen(self, why: Refused | Retry) -> Proof:
        if isinstance(why, Retry):
            return Proof(False, why.reason)
        if why.reason.endswith("missing_scope"):
            return Proof(None, f"Slack does not show channels to this app ({why.reason}); {_REINSTALL}")
        hint = "check its name; a private channel is visible after `/invite @backstay`"
        return Proof(False, f"no such channel ({why.reason}); {hint}")

    async def _find_in_list(self, kinds: str) -> Answer:
        ask, cursor, name = {"limit": _CHANNELS, "types": kinds}, "", self._name.removeprefix("#")
        for _ in range(_CHANNEL_PAGES):
            answer = await self._call("conversations.list", {**ask, "cursor": cursor}, PATIENCE)
            if isinstance(answer, Refused | Retry):
                return answer
            for channel in answer.get("channels") or ():
                if channel.get("name") == name:
                    return dict(channel)
            cursor = _next_page(answer)
            if not cursor:
                return Refused("Slack shows no channel of this name")
        return Refused("Slack has more channels than backstay looks through; name the channel by its id")

    async def posts(self, since: datetime, thread: str) -> AsyncGenerator[Mapping[str, Any] | Retry | LookUp, None]:
        """The posts since a moment (UTC), newest first, of the channel or of a thread in it.

        A public channel that the app is not in is joined first: Slack shows its history to members alone.
        """
        ask = {"channel": self.id, "limit": _PAGE, "oldest": f"{since.timestamp():.6f}", "include_all_metadata": True}
        # Posts in a thread are in no channel's history.
        method = "conversations.replies" if thread else "conversations.history"
        ask |= {"ts": thread} if thread else {}
        cursor = ""
        for _ in range(_PAGES):
            answer = await self._read(method, {**ask, "cursor": cursor})
            if isinstance(answer, Refused | Retry):
                yield answer if isinstance(answer, Retry) else LookUp.UNREADABLE
                return
            for post in answer.get("messages") or ():
                yield post
            cursor = _next_page(answer)
            if not cursor:
                return
        yield LookUp.UNREADABLE  # there are so many newer posts that it may be further back

    async def _read(self, method: str, ask: Mapping[str, Any]) -> Answer:
        answer = await self._call(method, ask, PATIENCE)
        if not (isinstance(answer, Refused) and answer.reason.endswith("not_in_channel")):
            return answer
        joined = await self._call("conversations.join", {"channel": self.id}, PATIENCE)
        return joined if isinstance(joined, Refused | Retry) else await self._call(method, ask, PATIENCE)


def _next_page(answer: Mapping[str, Any]) -> str:
    return str((answer.get("response_metadata") or {}).get("next_cursor") or "")
