"""Tries the links of runbooks: a few of each, once a day, one at a time on a host, and never one that leads inside."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urldefrag, urljoin, urlsplit

from bot.net.egress import NetworkError
from bot.net.http_client import HttpClient, HttpRequest

MOST = 25
"""Links of one runbook that are tried."""
AT_ONCE = 6
REDIRECTS = 5
TIMEOUT = timedelta(seconds=8)
PATIENCE = timedelta(seconds=20)
"""For all links of a runbook together; those that have not answered by then are unknown."""
_LINK = re.compile(r"https?://[^\s<>\"'`\])}|\\^]{3,2000}")
_GONE = frozenset({404, 410})
_NO_HEAD = frozenset({403, 404, 405, 410, 501})
"""Some servers refuse HEAD, some answer it as if nothing were there: these are asked again with GET (RFC 9110, 9.3.2)."""


def links_of(text: str, more: Sequence[str] = (), base: str = "") -> tuple[str, ...]:
    """The web addresses in a text and those that it links to, without fragments, in order. `base`: what relative ones begin at."""
    found = [match[0].rstrip(".,;:!?*_") for match in _LINK.finditer(text)]
    found += [urljoin(base, link) if base else link for link in more]
    whole = [urldefrag(link).url for link in found]
    return tuple(dict.fromkeys(link for link in whole if _is_web(link)))


def _is_web(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(link) <= 2_000


@dataclass(frozen=True, slots=True)
class TriedLinks:
    """What became of the links of one runbook: those that were tried, those of them that are dead, and how many are unknown."""

    tried: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    untried: int = 0


@dataclass(slots=True)
class LinkTrials:
    """Tries links during one run; a link that several runbooks have is tried once."""

    http: HttpClient
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _hosts: dict[str, asyncio.Lock] = field(default_factory=dict)
    _known: dict[str, "asyncio.Task[bool | None]"] = field(default_factory=dict)

    async def tried(self, links: Sequence[str]) -> TriedLinks:
        """Try the first links of a runbook."""
        chosen = links[:MOST]
        tasks = [self._task(link) for link in chosen]
        if tasks:
            await asyncio.wait(tasks, timeout=PATIENCE.total_seconds())
        states = {link: task.result() for link, task in zip(chosen, tasks, strict=True) if task.done()}
        known = tuple(link for link, opens in states.items() if opens is not None)
        dead = tuple(link for link in known if not states[link])
        return TriedLinks(known, dead, len(links) - len(known))

    async def close(self) -> None:
        """Give up on those that are still being tried."""
        for task in self._known.values():
            task.cancel()
        await asyncio.gather(*self._known.values(), return_exceptions=True)

    def _task(self, link: str) -> "asyncio.Task[bool | None]":
        if link not in self._known:
            self._known[link] = asyncio.create_task(self._opens(link))
        return self._known[link]

    async def _opens(self, link: str) -> bool | None:
        """Whether it opens; None where that cannot be told: it is inside, asks for a sign-in, or its server has trouble."""
        host = urlsplit(link).hostname or ""
        async with self._hosts.setdefault(host, asyncio.Lock()), self._slots:
            status = await self._status(link, "HEAD")
            if status in _NO_HEAD:
                status = await self._status(link, "GET")
        if status in _GONE:
            return False
        return True if status is not None and status < 400 else None

    async def _status(self, link: str, method: str) -> int | None:
        request = HttpRequest(
            link, method, redirects=REDIRECTS if method == "GET" else 0, discard=True, timeout=TIMEOUT
        )
        try:
            return (await self.http.request(request)).status
        except NetworkError:
            return None
