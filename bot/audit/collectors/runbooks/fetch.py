"""Copies runbooks from their sources into the ledger, so that chat can show them while the source is down.

A host that backstay.yaml names may be on a private network; a host that it redirects to, or that a page links to, may not.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.audit.collectors.runbooks.links import LinkTrials, TriedLinks, links_of
from bot.audit.collectors.runbooks.page_text import extract_steps
from bot.audit.collectors.runbooks.source import (
    GONE,
    MAX_BYTES,
    RunbookPage,
    RunbookReader,
    SourceAccess,
    SourceTools,
    UnreadableError,
    plugins,
    source_for,
)
from bot.audit.ledger import RunbookLedger
from bot.catalogue import CatalogueEntry, DeclaredRunbook
from bot.model import Clock
from bot.model.records import RunbookCopy
from bot.model.runbooks import PageDetails
from bot.net.egress import EgressPolicy, Resolve, resolve
from bot.net.http_client import HttpClient
from bot.storage.ledger import LedgerError

__all__ = ["GONE", "MAX_BYTES", "MIN_INTERVAL", "REFRESH_INTERVAL", "RunbookPages"]

AT_ONCE = 8
MIN_INTERVAL = timedelta(hours=1)
"""A page requested more recently is not requested again, so that an audit of one service does not wait for wiki pages."""

REFRESH_INTERVAL = timedelta(hours=6)
"""Time between two refreshes of all copies while serving."""

LINKS_INTERVAL = timedelta(days=1)
"""Links tried more recently are not tried again."""

_log = structlog.get_logger(__name__)


class RunbookPages:
    """Reads runbooks and stores copies of them.

    Args:
        ledger: stores the copies.
        clock: returns the current time in UTC.
        accesses: credentials of sources, and which addresses they are for.
        try_links: whether the links of runbooks are tried.
        timeout: for one page including its redirects.
        clone_timeout: for one repository.
        trust: custom certificate authorities, else the system's.
        resolver: resolves host names.
        sleep: waits, in seconds.
    """

    def __init__(  # noqa: PLR0913 - all by keyword but the first two
        self,
        ledger: RunbookLedger,
        clock: Clock,
        *,
        accesses: Sequence[SourceAccess] = (),
        try_links: bool = True,
        timeout: timedelta = timedelta(seconds=10),
        clone_timeout: timedelta = timedelta(seconds=60),
        trust: ssl.SSLContext | None = None,
        resolver: Resolve = resolve,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ledger, self._clock, self._accesses, self._try_links = ledger, clock, accesses, try_links
        self._timeout, self._clone_timeout, self._trust = timeout, clone_timeout, trust
        self._resolver, self._sleep = resolver, sleep

    async def read(self, entries: Sequence[CatalogueEntry]) -> Mapping[str, RunbookCopy]:
        """Read the runbooks of these entries and return the newest copy of each, by service.

        A runbook that cannot be read keeps its previous copy, with the problem.
        """
        previous = await self._stored_copies()
        declared = {entry.service.name: book for entry in entries if (book := entry.declared.runbook)}
        slots = asyncio.Semaphore(AT_ONCE)
        async with AsyncExitStack() as stack:
            run = await self._open_run(stack)

            async def copy_of(service: str, book: DeclaredRunbook) -> RunbookCopy:
                async with slots:
                    return await self._copy(service, book, previous.get(service), run)

            copies = await asyncio.gather(*(copy_of(service, book) for service, book in declared.items()))
        dropped = previous.keys() - declared.keys()
        await self._store(copies, [entry.service.name for entry in entries if entry.service.name in dropped])
        return {copy.service: copy for copy in copies}

    async def run(
        self, entries: Sequence[CatalogueEntry], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Refresh the copies until cancelled, so that alerts show the first steps even before the first audit."""
        while True:
            await self.read(entries)
            await sleep(REFRESH_INTERVAL.total_seconds())

    async def _open_run(self, stack: AsyncExitStack) -> "_Run":
        policy = EgressPolicy()
        client = await stack.enter_async_context(HttpClient(policy, resolver=self._resolver, trust=self._trust))
        tools = SourceTools(
            client,
            self._clock,
            self._timeout,
            self._clone_timeout,
            self._sleep,
            policy,
            self._resolver,
            self._trust,
        )
        run = _Run(tools, self._accesses)
        stack.push_async_callback(run.close)
        return run

    async def _stored_copies(self) -> Mapping[str, RunbookCopy]:
        try:
            return await self._ledger.runbooks()
        except LedgerError as error:
            _log.warning("runbook_copies_read_failed", problem=str(error))
            return {}

    async def _store(self, copies: Sequence[RunbookCopy], dropped: Sequence[str]) -> None:
        try:
            await self._ledger.save_runbooks(copies)
            for service in dropped:
                await self._ledger.delete_runbook(service)
        except LedgerError as error:  # the audit continues with the copies in memory
            _log.warning("runbook_copies_write_failed", problem=str(error))

    async def _copy(
        self, service: str, book: DeclaredRunbook, previous: RunbookCopy | None, run: "_Run"
    ) -> RunbookCopy:
        now, source = self._clock(), str(book.path) if book.path else book.url
        if previous is not None and previous.source != source:
            previous = None
        if book.path is None and previous is not None and now - previous.tried_at < MIN_INTERVAL:
            return previous
        try:
            reader, access = run.source(source)
            page = await reader.read(source, service)
        except UnreadableError as error:
            return _copy_with_problem(service, source, str(error), previous, now)
        details = replace(await self._details(page, source, previous, run), hosted_on=access.hosted_on)
        steps = await asyncio.to_thread(extract_steps, page.text)
        return RunbookCopy(service, source, now, now, page.text, steps, details=details)

    async def _details(self, page: RunbookPage, source: str, previous: RunbookCopy | None, run: "_Run") -> PageDetails:
        """What is known of the page; its links are tried once a day."""
        base = source if source.startswith("http") else ""
        links = await asyncio.to_thread(links_of, page.text, page.links, base)
        before = previous.details if previous else PageDetails()
        now, tried_at = self._clock(), before.links_tried_at
        if not self._try_links:
            found, tried_at = TriedLinks(untried=len(links)), None
        elif tried_at is not None and now - tried_at < LINKS_INTERVAL and set(before.links) <= set(links):
            found = TriedLinks(before.links, before.dead, len(links) - len(before.links))
        else:
            found, tried_at = await run.links.tried(links), now
        return PageDetails(
            page.changed_at,
            page.changed_by,
            page.owner,
            found.tried,
            found.dead,
            found.untried,
            page.unread,
            tried_at,
        )


class _Run:
    """The sources that one run has opened; each is opened once."""

    def __init__(self, tools: SourceTools, accesses: Sequence[SourceAccess]) -> None:
        self._tools, self._accesses = tools, accesses
        self._readers: dict[SourceAccess, RunbookReader] = {}
        self.links = LinkTrials(tools.http)

    def source(self, address: str) -> tuple[RunbookReader, SourceAccess]:
        """The source of an address, and how it is got into.

        Raises:
            UnreadableError: no source reads such an address.
        """
        access = source_for(address, self._accesses)
        if access not in self._readers:
            self._readers[access] = plugins()[access.kind].open_source(access, self._tools)
        return self._readers[access], access

    async def close(self) -> None:
        """Close every source."""
        await self.links.close()
        for reader in self._readers.values():
            await reader.close()


def _copy_with_problem(
    service: str, source: str, problem: str, previous: RunbookCopy | None, now: datetime
) -> RunbookCopy:
    if previous is None:
        return RunbookCopy(service, source, now, problem=problem)
    kept = previous
    return RunbookCopy(service, source, now, kept.read_at, kept.text, kept.steps, problem, kept.details)
