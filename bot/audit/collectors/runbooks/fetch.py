"""Copies runbooks (web pages and local files) into the ledger, so that chat can show them while the wiki is down.

A host that backstay.yaml names may be on a private network; a host that it redirects to may not.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.message import Message as MimeHeaders
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from bot.audit.collectors.runbooks.page_text import MAX_CHARACTERS, extract_steps, html_to_text
from bot.audit.ledger import RunbookLedger
from bot.catalogue import CatalogueEntry, DeclaredRunbook
from bot.model import Clock
from bot.model.records import RunbookCopy
from bot.net.egress import EgressPolicy, ForbiddenError, NetworkError, Resolve, UnresolvableError, resolve
from bot.net.http_client import HttpAnswer, HttpClient, HttpRequest
from bot.storage.ledger import LedgerError

MAX_BYTES = 2_000_000
AT_ONCE = 8
REDIRECTS = 5
MIN_INTERVAL = timedelta(hours=1)
"""A page requested more recently is not requested again, so that an audit of one service does not wait for wiki pages."""

REFRESH_INTERVAL = timedelta(hours=6)
"""Time between two refreshes of all copies while serving."""

GONE = "the page is gone"
"""The start of the problem text if the server answers that the page does not exist."""

_SIGN_IN = ("login", "signin", "sign-in", "sso", "oauth", "saml", "authorize")
_log = structlog.get_logger(__name__)


class _UnreadableError(Exception):
    """A page could not be read. The text is the reason, as shown to users."""


class RunbookPages:
    """Reads runbooks and stores copies of them.

    Args:
        ledger: stores the copies.
        clock: returns the current time in UTC.
        timeout: for one page including its redirects.
        trust: custom certificate authorities, else the system's.
        resolver: resolves host names.
    """

    def __init__(
        self,
        ledger: RunbookLedger,
        clock: Clock,
        *,
        timeout: timedelta = timedelta(seconds=10),
        trust: ssl.SSLContext | None = None,
        resolver: Resolve = resolve,
    ) -> None:
        self._ledger, self._clock, self._timeout, self._trust = ledger, clock, timeout, trust
        self._resolver = resolver

    async def read(self, entries: Sequence[CatalogueEntry]) -> Mapping[str, RunbookCopy]:
        """Read the runbooks of these entries and return the newest copy of each, by service.

        A runbook that cannot be read keeps its previous copy, with the problem.
        """
        previous = await self._stored_copies()
        declared = {entry.service.name: book for entry in entries if (book := entry.declared.runbook)}
        slots = asyncio.Semaphore(AT_ONCE)
        async with HttpClient(EgressPolicy(), resolver=self._resolver, trust=self._trust) as client:

            async def copy_of(service: str, book: DeclaredRunbook) -> RunbookCopy:
                async with slots:
                    return await self._copy(service, book, previous.get(service), client)

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
        self, service: str, book: DeclaredRunbook, previous: RunbookCopy | None, client: HttpClient
    ) -> RunbookCopy:
        now, source = self._clock(), str(book.path) if book.path else book.url
        if previous is not None and previous.source != source:
            previous = None
        if book.path is None and previous is not None and now - previous.tried_at < MIN_INTERVAL:
            return previous
        try:
            text = await (asyncio.to_thread(_text_of_file, book.path) if book.path else self._page(book.url, client))
        except _UnreadableError as error:
            return _copy_with_problem(service, source, str(error), previous, now)
        return RunbookCopy(service, source, now, now, text, extract_steps(text))

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
            raise _UnreadableError("the page redirects to a private address") from None
        except UnresolvableError as error:
            raise _UnreadableError(error.reason) from None
        except NetworkError as error:
            raise _UnreadableError(f"the page {error.reason}") from None


def _copy_with_problem(
    service: str, source: str, problem: str, previous: RunbookCopy | None, now: datetime
) -> RunbookCopy:
    if previous is None:
        return RunbookCopy(service, source, now, problem=problem)
    return RunbookCopy(service, source, now, previous.read_at, previous.text, previous.steps, problem)


def _text_of_file(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MAX_CHARACTERS)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text file"
        raise _UnreadableError(f"{path.name} cannot be read: {reason}") from None


def _refuse_sign_in(url: str) -> None:
    parts = urlsplit(url)
    if any(word in f"{parts.hostname or ''}{parts.path}".lower() for word in _SIGN_IN):
        raise _UnreadableError("the page asks for a sign-in")


def _text_of(answer: HttpAnswer) -> str:
    """The page as plain text."""
    if answer.status in (401, 403):
        raise _UnreadableError("the page asks for a sign-in")
    if answer.status in (404, 410):
        raise _UnreadableError(f"{GONE} ({answer.status})")
    if not answer.good:
        raise _UnreadableError(f"the page answers with status {answer.status}")
    content_type = answer.headers.get("content-type", "text/plain")
    kind = content_type.partition(";")[0].strip().lower()
    if not kind.startswith("text/") and kind != "application/xhtml+xml":
        raise _UnreadableError(f"the page is {kind[:60]}, not text")
    page = _decoded(answer.body, content_type)
    if "html" not in kind:
        return page[:MAX_CHARACTERS]
    text, has_password_field = html_to_text(page)
    if has_password_field:
        raise _UnreadableError("the page asks for a sign-in")
    return text


def _decoded(body: bytes, content_type: str) -> str:
    """The body decoded in the charset of its header, in UTF-8 if that names none or an unknown one."""
    headers = MimeHeaders()
    headers["content-type"] = content_type
    try:
        return body.decode(headers.get_content_charset("utf-8"), errors="replace")
    except LookupError:
        return body.decode(errors="replace")
