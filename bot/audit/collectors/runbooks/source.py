"""What a source of runbooks is: a plug-in that reads one kind of place, and what it is given to do so."""

import importlib
import pkgutil
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Protocol

import bot.audit.collectors.runbooks.sources
from bot.model import Clock
from bot.net.egress import EgressPolicy, Resolve
from bot.net.http_client import HttpClient

MAX_BYTES = 2_000_000
"""The largest page or file that is read."""

GONE = "the page is gone"
"""The start of the problem text if the source answers for certain that the page does not exist."""


class UnreadableError(Exception):
    """A page could not be read. The text is the reason, as shown to users."""


@dataclass(frozen=True, slots=True)
class SourceAccess:
    """How to get into one source.

    `url`: where addresses of runbooks begin that this access is for, empty for every one that the plug-in recognises. `api`: the
    address of its API where it is another host than the pages'. `user`, `token`, `key` (an SSH key as text) and `known_hosts`
    are credentials; `hosted_on` the clouds that host it, None where not known.
    """

    kind: str
    url: str = ""
    api: str = ""
    user: str = ""
    token: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    known_hosts: str = field(default="", repr=False)
    hosted_on: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SourceTools:
    """What all sources share during one run. `timeout`: for one page; `clone_timeout`: for one repository."""

    http: HttpClient
    clock: Clock
    timeout: timedelta
    clone_timeout: timedelta
    sleep: Callable[[float], Awaitable[None]]
    policy: EgressPolicy
    resolver: Resolve
    trust: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class RunbookPage:
    """A page as a source gave it.

    `text`: plain text or Markdown, headings marked with `#`, steps numbered. `links`: addresses it links to that are not in the
    text. `unread`: `changed_at` or `text` (a part of it), each with the reason why it could not be read.
    """

    text: str
    changed_at: datetime | None = None
    changed_by: str = ""
    owner: str = ""
    links: Sequence[str] = ()
    unread: Mapping[str, str] = field(default_factory=dict)


class RunbookReader(Protocol):
    """A source that is open for one run."""

    async def read(self, address: str, service: str) -> RunbookPage:
        """Read one page. `service`: which file to take where the address is that of a folder.

        Raises:
            UnreadableError: it cannot be read.
        """
        ...

    async def close(self) -> None:
        """Forget what was fetched."""
        ...


class SourcePlugin(Protocol):
    """A module of `sources/`. `KIND` is its name in backstay.yaml; `GENERIC`: it takes what no other recognises."""

    KIND: str
    GENERIC: bool

    def recognise(self, address: str) -> bool:
        """Whether this is an address of such a source, by its form alone."""
        ...

    def open_source(self, access: SourceAccess, tools: SourceTools) -> RunbookReader:
        """The source, ready to read."""
        ...


@cache
def plugins() -> Mapping[str, SourcePlugin]:
    """Every plug-in by its kind; those that recognise anything come last."""
    folder = bot.audit.collectors.runbooks.sources
    found: list[SourcePlugin] = [
        importlib.import_module(f"{folder.__name__}.{module.name}") for module in pkgutil.iter_modules(folder.__path__)
    ]
    return {plugin.KIND: plugin for plugin in sorted(found, key=lambda plugin: (plugin.GENERIC, plugin.KIND))}


def source_for(address: str, accesses: Sequence[SourceAccess]) -> SourceAccess:
    """The access for an address: the one whose `url` it begins with (the longest), else that of the plug-in that recognises it.

    Raises:
        UnreadableError: none does.
    """
    begun = [access for access in accesses if access.url and _begins(address, access.url)]
    if begun:
        return max(begun, key=lambda access: len(access.url))
    kind = next((kind for kind, plugin in plugins().items() if plugin.recognise(address)), "")
    if not kind:
        raise UnreadableError("no source reads such an address")
    return next((access for access in accesses if access.kind == kind and not access.url), SourceAccess(kind))


def _begins(address: str, prefix: str) -> bool:
    """Whether the address is the prefix or lies below it: `https://a.example` is no prefix of `https://a.example.org/`."""
    prefix = prefix.rstrip("/")
    return address == prefix or (address.startswith(prefix) and address[len(prefix)] in "/?#")
