"""What a tracker is: a plug-in that lists, creates and changes our tickets in one product, and how it is got into."""

import importlib
import pkgutil
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

import bot.audit.tickets.trackers
from bot.audit.tickets.api import TicketApi
from bot.audit.tickets.issue import KEY, WantedTicket

_KEY = re.compile(rf"{re.escape(KEY)}\s*([0-9a-f]{{24}})")


@dataclass(frozen=True, slots=True)
class TrackerAccess:
    """Which project of which tracker. `project`: Jira's key, `owner/repository`, GitLab's path, or the key of Linear's team."""

    kind: str
    url: str
    project: str
    user: str = ""
    token: str = field(default="", repr=False)
    issue_type: str = "Task"
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundTicket:
    """A ticket as it is in the tracker. `id` is what its API calls it, `number` what people do.

    `dismissed`: it was closed as something that will not be done.
    """

    key: str
    id: str
    number: str
    url: str
    open: bool
    dismissed: bool = False


class Tracker(Protocol):
    """A tracker that is open for one run. Every method raises `TrackerError` where the tracker refuses or does not answer."""

    def tickets(self) -> AsyncIterator[FoundTicket]:
        """Every ticket of ours in the project, open or closed, page by page."""
        ...

    async def create(self, ticket: WantedTicket) -> FoundTicket:
        """Create a ticket. It is not tried twice: it may be there although no answer came."""
        ...

    async def update(self, found: FoundTicket, ticket: WantedTicket) -> None:
        """Replace title and body; what people set (assignee, due date, labels) stays as it is."""
        ...

    async def close(self, found: FoundTicket, why: str) -> None:
        """Close a ticket as done, with a comment."""
        ...

    async def reopen(self, found: FoundTicket, why: str) -> None:
        """Open a ticket again, with a comment."""
        ...


class TrackerPlugin(Protocol):
    """A module of `trackers/`. `KIND` is its name in backstay.yaml."""

    KIND: str

    def open_tracker(self, access: TrackerAccess, api: TicketApi) -> Tracker:
        """The tracker, ready to use."""
        ...

    def headers(self, access: TrackerAccess) -> Mapping[str, str]:
        """The headers that sign calls in."""
        ...


@cache
def trackers() -> Mapping[str, TrackerPlugin]:
    """Every plug-in by its kind."""
    folder = bot.audit.tickets.trackers
    found: list[TrackerPlugin] = [
        importlib.import_module(f"{folder.__name__}.{module.name}") for module in pkgutil.iter_modules(folder.__path__)
    ]
    return {plugin.KIND: plugin for plugin in found}


def key_in(text: object) -> str:
    """The key in a ticket's text; empty where it has none."""
    found = _KEY.search(text) if isinstance(text, str) else None
    return found[1] if found else ""
