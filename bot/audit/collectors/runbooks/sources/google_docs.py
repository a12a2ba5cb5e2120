"""Google Docs, exported as HTML.

With a token over the Drive API, which also tells who changed and who owns it; without one, what anyone with the link may read.
`GET /drive/v3/files/{id}/export?mimeType=text/html` and `GET /drive/v3/files/{id}?fields=`:
https://developers.google.com/workspace/drive/api/reference/rest/v3/files/export; an export is at most 10 MB.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.audit.collectors.runbooks.json_api import JsonApi
from bot.audit.collectors.runbooks.page_text import read_html
from bot.audit.collectors.runbooks.source import (
    GONE,
    MAX_BYTES,
    RunbookPage,
    RunbookReader,
    SourceAccess,
    SourceTools,
    UnreadableError,
)
from bot.net.egress import NetworkError
from bot.net.http_client import HttpRequest

KIND = "google_docs"
GENERIC = False
_API, _HOST = "https://www.googleapis.com", "docs.google.com"
_ID = re.compile(r"/document/(?:u/\d+/)?d/([A-Za-z0-9_-]{10,200})")
_FIELDS = "modifiedTime,lastModifyingUser(displayName),owners(displayName),capabilities(canDownload)"
_UNTOLD = "Google tells this only to who is signed in; set a token for google_docs under runbooks.sources"


def recognise(address: str) -> bool:
    """A document on docs.google.com."""
    parts = urlsplit(address)
    return parts.hostname == _HOST and bool(_ID.search(parts.path))


def open_source(access: SourceAccess, tools: SourceTools) -> RunbookReader:
    """Google Docs, with an OAuth access token of scope `drive.readonly`, or as anyone with the link."""
    return _GoogleDocs(access, tools)


class _GoogleDocs:
    def __init__(self, access: SourceAccess, tools: SourceTools) -> None:
        self._access, self._tools = access, tools
        self._headers = {"Authorization": f"Bearer {access.token}"} if access.token else {}
        self._root = (access.api or _API).rstrip("/")
        self._api = JsonApi(tools, "Google Drive", self._headers)

    async def read(self, address: str, service: str) -> RunbookPage:  # noqa: ARG002 - a document is of one service
        found = _ID.search(urlsplit(address).path)
        if found is None:
            raise UnreadableError("the address names no document of Google Docs")
        if not self._access.token:
            parts = urlsplit(address)
            text, links = await self._export(
                f"{parts.scheme}://{parts.netloc}/document/d/{found[1]}/export?format=html"
            )
            return RunbookPage(text, links=links, unread={"changed_at": _UNTOLD})
        about = await self._api.get(f"{self._root}/drive/v3/files/{found[1]}", fields=_FIELDS, supportsAllDrives="true")
        text, links = await self._export(f"{self._root}/drive/v3/files/{found[1]}/export?mimeType=text/html")
        changed = _moment(about.get("modifiedTime"))
        owners = about.get("owners")
        owner = (
            ", ".join(_name(person) for person in owners if isinstance(person, dict))
            if isinstance(owners, list)
            else ""
        )
        unread = {} if changed else {"changed_at": "Google Drive sent no time of the last change"}
        return RunbookPage(text, changed, _name(about.get("lastModifyingUser")), owner, links, unread)

    async def close(self) -> None:
        """Nothing is kept."""

    async def _export(self, url: str) -> tuple[str, tuple[str, ...]]:
        request = HttpRequest(
            url,
            credentials=self._headers,
            private=True,
            redirects=5,
            check_redirect=_refuse_sign_in,
            most_bytes=MAX_BYTES,
            timeout=self._tools.timeout,
        )
        try:
            answer = await self._tools.http.request(request)
        except NetworkError as error:
            raise UnreadableError(f"the document {error.reason}") from None
        if answer.status in (401, 403):
            raise UnreadableError("the document asks for a sign-in")
        if answer.status in (404, 410):
            raise UnreadableError(f"{GONE} ({answer.status})")
        if not answer.good:
            raise UnreadableError(f"the document answers with status {answer.status}")
        read = await asyncio.to_thread(read_html, answer.body.decode(errors="replace"))
        return read.text, read.links


def _refuse_sign_in(url: str) -> None:
    if (urlsplit(url).hostname or "").startswith("accounts."):
        raise UnreadableError("the document asks for a sign-in")


def _name(person: object) -> str:
    found: Mapping[str, Any] = person if isinstance(person, dict) else {}
    return str(found.get("displayName") or "")


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
