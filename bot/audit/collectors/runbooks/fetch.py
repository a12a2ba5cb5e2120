"""Reads runbooks, web pages and local files, into copies in the ledger, so that chat can show them while the wiki is down.

A host that backstay.yaml names may be on a private network; another host that it redirects to may not.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.message import Message as MimeHeaders
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from bot.audit.collectors.runbooks.page_text import MAX_CHARACTERS, of_html, steps
from bot.catalogue import CatalogueEntry, DeclaredRunbook
from bot.model import Clock
from bot.model.records import RunbookCopy
from bot.net.egress import EgressPolicy, ForbiddenError, NetworkError, Resolve, UnresolvableError, resolve
from bot.net.http_client import HttpAnswer, HttpClient, HttpRequest
from bot.storage.ledger import Ledger, LedgerError

MAX_BYTES = 2_000_000
AT_ONCE = 8
REDIRECTS = 5
FRESH_ENOUGH = timedelta(hours=1)
"""A page that was tried more recently is not requested again: a check of one service must not wait for every wiki page."""

AGAIN = timedelta(hours=6)
"""Time between two readings of all runbooks while serving."""

GONE = "the page is gone"
"""Begins the problem of a page whose server answers that it does not exist."""

_SIGN_IN = ("login", "signin", "sign-in", "sso", "oauth", "saml", "authorize")
_log = structlog.get_logger(__name__)


class _UnreadableError(Exception):
    """A page could not be read. The text is the reason, as people read it."""


class RunbookPages:
    """Reads runbooks and keeps their copies.

    Args:
        ledger: where the copies are kept.
        clock: UTC now.
        timeout: for one page, its redirects included.
        trust: certificate authorities of one's own, else the system's.
        resolver: looks up the names of hosts.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        *,
        timeout: timedelta = timedelta(seconds=10),
        trust: ssl.SSLContext | None = None,
        resolver: Resolve = resolve,
    ) -> None:
        self._ledger, self._clock, self._timeout, self._trust = ledger, clock, timeout, trust
        self._resolver = resolver

    async def read(self, entries: Sequence[CatalogueEntry]) -> Mapping[str, RunbookCopy]:
        """Read the runbooks that these entries name and return the newest copy of each, by service.

        A runbook that cannot be read keeps its older copy, with the problem.
        """
        before = await self._kept()
        named = {entry.service.name: book for entry in entries if (book := entry.declared.runbook)}
        turns = asyncio.Semaphore(AT_ONCE)
        async with HttpClient(EgressPolicy(), resolver=self._resolver, trust=self._trust) as client:

            async def copy_of(service: str, book: DeclaredRunbook) -> RunbookCopy:
                async with turns:
                    return await self._copy(service, book, before.get(service), client)

            copies = await asyncio.gather(*(copy_of(service, book) for service, book in named.items()))
        dropped = before.keys() - named.keys()
        await self._keep(copies, [entry.service.name for entry in entries if entry.service.name in dropped])
        return {copy.service: copy for copy in copies}

    async def run(
        self, entries: Sequence[CatalogueEntry], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Keep the copies fresh until cancelled, so that an alert shows the first steps even before any audit."""
        while True:
            await self.read(entries)
            await sleep(AGAIN.total_seconds())

    async def _kept(self) -> Mapping[str, RunbookCopy]:
        try:
            return await self._ledger.runbooks()
        except LedgerError as error:
            _log.warning("runbook_copies_read_failed", problem=str(error))
            return {}

    async def _keep(self, copies: Sequence[RunbookCopy], gone: Sequence[str]) -> None:
        try:
            await self._ledger.save_runbooks(copies)
            for service in gone:
                await self._ledger.delete_runbook(service)
        except LedgerError as error:  # the facts are reported all the same
            _log.warning("runbook_copies_write_failed", problem=str(error))

    async def _copy(
        self, service: str, book: DeclaredRunbook, before: RunbookCopy | None, client: HttpClient
    ) -> RunbookCopy:
        now, source = self._clock(), str(book.path) if book.path else book.url
        if before is not None and before.source != source:
            before = None
        if book.path is None and before is not None and now - before.tried_at < FRESH_ENOUGH:
            return before
        try:
            text = await (asyncio.to_thread(_text_of_file, book.path) if book.path else self._page(book.url, client))
        except _UnreadableError as error:
            return _failed(service, source, str(error), before, now)
        return RunbookCopy(service, source, now, now, text, steps(text))

    async def _page(self, url: str, client: HttpClient) -> str:
        request = HttpRequest(
            url,
            private=True,
            redirects=REDIRECTS,
            check_redirect=_refuse_sign_in,
            most_bytes=MAX_BYTES,
            timeout=self._timeout,
        )
        try:
            return _text_of(await client.request(request))
        except ForbiddenError:
            raise _UnreadableError("it redirects to a private address") from None
        except UnresolvableError as error:
            raise _UnreadableError(error.reason) from None
        except NetworkError as error:
            raise _UnreadableError(f"it {error.reason}") from None


def _failed(service: str, source: str, problem: str, before: RunbookCopy | None, now: datetime) -> RunbookCopy:
    if before is None:
        return RunbookCopy(service, source, now, problem=problem)
    return RunbookCopy(service, source, now, before.read_at, before.text, before.steps, problem)


def _text_of_file(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MAX_CHARACTERS)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise _UnreadableError(f"{path.name} cannot be read: {reason}") from None


def _refuse_sign_in(url: str) -> None:
    parts = urlsplit(url)
    if any(word in f"{parts.hostname or ''}{parts.path}".lower() for word in _SIGN_IN):
        raise _UnreadableError("it asks us to sign in")


def _text_of(answer: HttpAnswer) -> str:
    """The page as plain text."""
    if answer.status in (401, 403):
        raise _UnreadableError("it asks us to sign in")
    if answer.status in (404, 410):
        raise _UnreadableError(f"{GONE} ({answer.status})")
    if not answer.good:
        raise _UnreadableError(f"it answers {answer.status}")
    content_type = answer.headers.get("content-type", "text/plain")
    kind = content_type.partition(";")[0].strip().lower()
    if not kind.startswith("text/") and kind != "application/xhtml+xml":
        raise _UnreadableError(f"it is {kind[:60]}, not text")
    page = _decoded(answer.body, content_type)
    if "html" not in kind:
        return page[:MAX_CHARACTERS]
    text, asks = of_html(page)
    if asks:
        raise _UnreadableError("it asks us to sign in")
    return text


def _decoded(body: bytes, content_type: str) -> str:
    """In the charset that the header names, in UTF-8 where it names none or one that nobody knows."""
    headers = MimeHeaders()
    headers["content-type"] = content_type
    try:
        return body.decode(headers.get_content_charset("utf-8"), errors="replace")
    except LookupError:
        return body.decode(errors="replace")
