"""Opens the links of attestations: one whose evidence cannot be opened counts for nothing, and says why."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeGuard
from urllib.parse import urlsplit

from bot.catalogue import Catalogue
from bot.model import Clock, Collected, Collector, Place, Progress
from bot.net.egress import EgressPolicy, ForbiddenError, NetworkError, Resolve, UnresolvableError, resolve
from bot.net.http_client import HttpClient, HttpRequest, TimedOutError, UnreachableError
from checks import Attestation, Fact, Maybe, Rehearsal, Service, Unread

AT_ONCE = 8
REDIRECTS = 5
MIN_INTERVAL = timedelta(hours=1)
"""A link that was opened more recently is not opened again."""

_NO_NETWORK = Unread("its link could not be tried: no network")
# What a resolver says where no server answers it: RFC 3493, 6.1. It says EAI_NONAME of a name that does not exist.
_NO_RESOLVER = frozenset((socket.EAI_AGAIN, socket.EAI_FAIL))
# The page exists, but is not for everybody, or not at this moment (RFC 9110, 15.5; RFC 6585, 4).
_SIGN_IN = frozenset((401, 403, 407))
_LATER = frozenset((408, 425, 429))

Evidence = Attestation | Rehearsal


class EvidenceLinks:
    """Implements `model.Collector` around the one of the catalogue: opens the links of what people attest there and in chat.

    A host that backstay.yaml names may be on a private network; one that somebody names in chat, or that a page redirects
    to, may not.

    Args:
        inner: collects what is declared.
        catalogue: the loaded catalogue.
        clock: returns the current time in UTC.
        timeout: for one link with its redirects.
        patience: for all links together; those not opened by then are unknown.
        trust: custom certificate authorities, else the system's.
        resolver: resolves host names.
    """

    def __init__(  # noqa: PLR0913 - all by keyword but the first three
        self,
        inner: Collector,
        catalogue: Catalogue,
        clock: Clock,
        *,
        timeout: timedelta = timedelta(seconds=10),
        patience: timedelta = timedelta(seconds=30),
        trust: ssl.SSLContext | None = None,
        resolver: Resolve = resolve,
    ) -> None:
        self._inner, self._clock, self._timeout, self._patience = inner, clock, timeout, patience
        self._declared = _declared_links(catalogue)
        self._trust, self._resolver = trust, resolver
        self._opened: dict[str, tuple[datetime, Maybe[str]]] = {}

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """What the inner collector found, each attestation with what became of its link."""
        collected = await self._inner.collect(services, progress, only)
        found = await self._problems({fact.link for fact in collected.facts if _has_link(fact)})
        facts = [replace(fact, link_problem=found[fact.link]) if _has_link(fact) else fact for fact in collected.facts]
        return replace(collected, facts=facts)

    async def _problems(self, links: Collection[str]) -> dict[str, Maybe[str]]:
        """Why each link does not open: empty where it does, unread where that cannot be told now."""
        now = self._clock()
        found: dict[str, Maybe[str]] = {
            link: problem
            for link, (at, problem) in self._opened.items()
            if link in links and now - at < MIN_INTERVAL and not isinstance(problem, Unread)
        }
        missing = sorted(set(links) - found.keys())
        if missing:
            found |= await self._open_all(missing)
            self._opened = {link: (now, problem) for link, problem in found.items()}
        return found

    async def _open_all(self, links: Sequence[str]) -> dict[str, Maybe[str]]:
        slots, unresolved = asyncio.Semaphore(AT_ONCE), set[str]()
        found: dict[str, Maybe[str]] = dict.fromkeys(
            links, Unread(f"its link was not opened within {self._patience.total_seconds():.0f} s")
        )

        async def lookup(host: str, port: int) -> Sequence[str]:
            try:
                return await self._resolver(host, port)
            except socket.gaierror as error:
                if error.errno in _NO_RESOLVER:
                    unresolved.add(host)
                raise

        async with HttpClient(EgressPolicy(), resolver=lookup, trust=self._trust) as client:

            async def opened(link: str) -> None:
                async with slots:
                    found[link] = await self._open(link, client, unresolved)

            try:
                async with asyncio.timeout(self._patience.total_seconds()), asyncio.TaskGroup() as group:
                    for link in links:
                        group.create_task(opened(link))
            except TimeoutError:
                pass  # the rest stays unread
        return found

    async def _open(self, link: str, client: HttpClient, unresolved: Collection[str]) -> Maybe[str]:
        request = HttpRequest(
            link, private=link in self._declared, redirects=REDIRECTS, discard=True, timeout=self._timeout
        )
        try:
            return _by_status((await client.request(request)).status, urlsplit(link).hostname or "")
        except ForbiddenError as error:
            return Unread(f"its link {error.reason}; declare it in backstay.yaml")
        except TimedOutError as error:
            return Unread(f"its link does not open now: {error}")
        except NetworkError as error:
            return _NO_NETWORK if _without_network(error, unresolved) else f"its link does not open: {error}"


def _by_status(status: int, host: str) -> Maybe[str]:
    if status >= 500 or status in _LATER:
        return Unread(f"its link answers with status {status} now")
    if status < 400 or status in _SIGN_IN:
        return ""
    return f"its link does not open: {host} answers with status {status}"


def _without_network(error: NetworkError, unresolved: Collection[str]) -> bool:
    """Whether nothing could be tried: no DNS server answers, or there is no way to the address."""
    if isinstance(error, UnresolvableError):
        return any(host in str(error) for host in unresolved)
    return isinstance(error, UnreachableError) and "unreachable" in error.reason.lower()


def _declared_links(catalogue: Catalogue) -> frozenset[str]:
    declared = [entry.declared for entry in catalogue.entries]
    links = [drill.link for of in declared for drill in of.drills]
    links += [attestation.link for of in declared for attestation in of.attestations]
    return frozenset(filter(None, links))


def _has_link(fact: Fact) -> TypeGuard[Evidence]:
    """Whether it is somebody's word with a link to evidence."""
    return bool(isinstance(fact, Attestation) and fact.link) or bool(
        isinstance(fact, Rehearsal) and fact.attested_by and fact.link
    )
