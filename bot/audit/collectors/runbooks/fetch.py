"""Runbooks -> copies in the ledger: pages over HTTP and local files, so that chat can show them while the wiki is down.

The addresses come from backstay.yaml, so a wiki on a private network is fine; what a redirect may lead to is not.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import structlog

from bot.audit.collectors.runbooks.page_text import MAX_CHARACTERS, of_html, steps
from bot.catalogue import CatalogueEntry, DeclaredRunbook
from bot.model import Clock
from bot.model.records import RunbookCopy
from bot.storage.ledger import Ledger, LedgerError

MAX_BYTES = 2_000_000
AT_ONCE = 8
REDIRECTS = 5
FRESH_ENOUGH = timedelta(hours=1)
"""A page that was tried more lately is not asked for again: a check of one service must not wait for every wiki page."""

AGAIN = timedelta(hours=6)
"""From one reading of all runbooks while serving to the next."""

GONE = "the page is gone"
"""Begins the problem of a page that answers, and says that it is not there."""

_SIGN_IN = ("login", "signin", "sign-in", "sso", "oauth", "saml", "authorize")
_log = structlog.get_logger(__name__)


class _UnreadableError(Exception):
    """Why a page could not be read, in words."""


class RunbookPages:
    """Reads runbooks and keeps their copies.

    Args:
        ledger: where the copies are kept.
        clock: UTC now.
        timeout: for one page, its redirects included.
        trust: certificate authorities of one's own, else the system's.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        *,
        timeout: timedelta = timedelta(seconds=10),
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._ledger, self._clock, self._timeout, self._trust = ledger, clock, timeout, trust

    async def read(self, entries: Sequence[CatalogueEntry]) -> Mapping[str, RunbookCopy]:
        """The newest copy of each runbook that these entries name, by service. What cannot be read keeps its older copy."""
        before = await self._kept()
        named = {entry.service.name: book for entry in entries if (book := entry.declared.runbook)}
        turns = asyncio.Semaphore(AT_ONCE)
        async with httpx.AsyncClient(
            verify=self._trust or True, timeout=self._timeout.total_seconds(), headers={"User-Agent": "backstay"}
        ) as client:

            async def one(service: str, book: DeclaredRunbook) -> RunbookCopy:
                async with turns:
                    return await self._copy(service, book, before.get(service), client)

            copies = await asyncio.gather(*(one(service, book) for service, book in named.items()))
        await self._keep(copies, [e.service.name for e in entries if e.service.name in before.keys() - named.keys()])
        return {copy.service: copy for copy in copies}

    async def run(
        self, entries: Sequence[CatalogueEntry], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Keep the copies fresh until cancelled: an alert gives the first steps also where no audit has run yet."""
        while True:
            await self.read(entries)
            await sleep(AGAIN.total_seconds())

    async def _kept(self) -> Mapping[str, RunbookCopy]:
        try:
            return await self._ledger.runbooks()
        except LedgerError as error:
            _log.warning("runbooks_not_remembered", problem=str(error))
            return {}

    async def _keep(self, copies: Sequence[RunbookCopy], gone: Sequence[str]) -> None:
        try:
            await self._ledger.save_runbooks(copies)
            for service in gone:
                await self._ledger.delete_runbook(service)
        except LedgerError as error:  # the facts are told all the same
            _log.warning("runbooks_not_kept", problem=str(error))

    async def _copy(
        self, service: str, book: DeclaredRunbook, before: RunbookCopy | None, client: httpx.AsyncClient
    ) -> RunbookCopy:
        now, source = self._clock(), str(book.path) if book.path else book.url
        if before is not None and before.source != source:
            before = None
        if book.path is None and before is not None and now - before.tried_at < FRESH_ENOUGH:
            return before
        try:
            text = await (asyncio.to_thread(_of_file, book.path) if book.path else self._page(book.url, client))
        except _UnreadableError as error:
            return _failed(service, source, str(error), before, now)
        return RunbookCopy(service, source, now, now, text, steps(text))

    async def _page(self, url: str, client: httpx.AsyncClient) -> str:
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                return await _fetched(url, client)
        except TimeoutError:
            raise _UnreadableError("it did not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise _UnreadableError(f"it could not be reached ({type(error).__name__})") from None


def _failed(service: str, source: str, problem: str, before: RunbookCopy | None, now: datetime) -> RunbookCopy:
    if before is None:
        return RunbookCopy(service, source, now, problem=problem)
    return RunbookCopy(service, source, now, before.read_at, before.text, before.steps, problem)


def _of_file(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MAX_CHARACTERS)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not text"
        raise _UnreadableError(f"{path.name} cannot be read: {said}") from None


async def _fetched(url: str, client: httpx.AsyncClient) -> str:
    home = urlsplit(url).hostname
    for _ in range(REDIRECTS + 1):
        async with client.stream("GET", url) as answer:
            if answer.is_redirect and answer.next_request is not None:
                url = _allowed(str(answer.next_request.url), home)
                continue
            return _words(answer, await _body(answer))
    raise _UnreadableError(f"it sends us on more than {REDIRECTS} times")


def _allowed(url: str, home: str | None) -> str:
    """Where a redirect leads, unless that is a sign-in or an address on a private network that nobody named."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if any(word in f"{host}{parts.path}".lower() for word in _SIGN_IN):
        raise _UnreadableError("it asks us to sign in")
    try:
        private = not ip_address(host).is_global
    except ValueError:
        private = False
    if parts.scheme not in ("http", "https") or (private and host != home):
        raise _UnreadableError("it sends us to an address where no page is looked for")
    return url


async def _body(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > MAX_BYTES:
            raise _UnreadableError(f"it has more than {MAX_BYTES:,} bytes")
    return bytes(body)


def _words(answer: httpx.Response, body: bytes) -> str:
    if answer.status_code in (401, 403):
        raise _UnreadableError("it asks us to sign in")
    if answer.status_code in (404, 410):
        raise _UnreadableError(f"{GONE} ({answer.status_code})")
    if not answer.is_success:
        raise _UnreadableError(f"it answers {answer.status_code}")
    kind = answer.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
    if not kind.startswith("text/") and kind != "application/xhtml+xml":
        raise _UnreadableError(f"it is {kind[:60]}, not text")
    page = body.decode(answer.charset_encoding or "utf-8", errors="replace")
    if "html" not in kind:
        return page[:MAX_CHARACTERS]
    text, asks = of_html(page)
    if asks:
        raise _UnreadableError("it asks us to sign in")
    return text
