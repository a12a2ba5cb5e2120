"""Plain pages over HTTP: HTML or text, as anybody sees them who is not signed in."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import Message as MimeHeaders
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from bot.audit.collectors.runbooks.page_text import MAX_CHARACTERS, read_html
from bot.audit.collectors.runbooks.source import (
    GONE,
    MAX_BYTES,
    RunbookPage,
    RunbookReader,
    SourceAccess,
    SourceTools,
    UnreadableError,
)
from bot.net.egress import ForbiddenError, NetworkError, UnresolvableError
from bot.net.http_client import HttpAnswer, HttpRequest

KIND = "page"
GENERIC = True
REDIRECTS = 5
_SIGN_IN = ("login", "signin", "sign-in", "sso", "oauth", "saml", "authorize")


def recognise(address: str) -> bool:
    """Any web address."""
    return urlsplit(address).scheme in ("http", "https")


def open_source(access: SourceAccess, tools: SourceTools) -> RunbookReader:
    """The web. With a token it is sent as a bearer token, to the address's own origin alone."""
    return _Pages(access, tools)


class _Pages:
    """Reads pages. The host that backstay.yaml names may be on a private network, one that it redirects to may not."""

    def __init__(self, access: SourceAccess, tools: SourceTools) -> None:
        self._tools = tools
        self._credentials = {"Authorization": f"Bearer {access.token}"} if access.token else {}

    async def read(self, address: str, service: str) -> RunbookPage:  # noqa: ARG002 - a page is of one service
        """The page as text. Its `Last-Modified` tells when it was changed, where the server sends one (RFC 9110, 8.8.2)."""
        request = HttpRequest(
            address,
            credentials=self._credentials,
            private=True,
            redirects=REDIRECTS,
            check_redirect=_refuse_sign_in,
            most_bytes=MAX_BYTES,
            timeout=self._tools.timeout,
        )
        try:
            answer = await self._tools.http.request(request)
        except ForbiddenError:
            raise UnreadableError("the page redirects to a private address") from None
        except UnresolvableError as error:
            raise UnreadableError(error.reason) from None
        except NetworkError as error:
            raise UnreadableError(f"the page {error.reason}") from None
        text, links = await asyncio.to_thread(_text_of, answer)
        changed = _last_modified(answer.headers.get("last-modified", ""))
        unread = {} if changed else {"changed_at": "the server does not say when the page was last changed"}
        return RunbookPage(text, changed, links=links, unread=unread)

    async def close(self) -> None:
        """Nothing is kept."""


def _refuse_sign_in(url: str) -> None:
    parts = urlsplit(url)
    if any(word in f"{parts.hostname or ''}{parts.path}".lower() for word in _SIGN_IN):
        raise UnreadableError("the page asks for a sign-in")


def _text_of(answer: HttpAnswer) -> tuple[str, Sequence[str]]:
    """The page as plain text, and its links."""
    if answer.status in (401, 403):
        raise UnreadableError("the page asks for a sign-in")
    if answer.status in (404, 410):
        raise UnreadableError(f"{GONE} ({answer.status})")
    if not answer.good:
        raise UnreadableError(f"the page answers with status {answer.status}")
    content_type = answer.headers.get("content-type", "text/plain")
    kind = content_type.partition(";")[0].strip().lower()
    if not kind.startswith("text/") and kind != "application/xhtml+xml":
        raise UnreadableError(f"the page is {kind[:60]}, not text")
    page = _decoded(answer.body, content_type)
    if "html" not in kind:
        return page[:MAX_CHARACTERS], ()
    read = read_html(page)
    if read.asks_password:
        raise UnreadableError("the page asks for a sign-in")
    return read.text, read.links


def _decoded(body: bytes, content_type: str) -> str:
    """The body decoded in the charset of its header, in UTF-8 if that names none or an unknown one."""
    headers = MimeHeaders()
    headers["content-type"] = content_type
    try:
        return body.decode(headers.get_content_charset("utf-8"), errors="replace")
    except LookupError:
        return body.decode(errors="replace")


def _last_modified(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)
