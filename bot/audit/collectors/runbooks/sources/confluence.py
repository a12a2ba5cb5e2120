"""Confluence, Cloud and Data Center, over their REST APIs.

Cloud: `GET /wiki/api/v2/pages/{id}?body-format=view` with an account's address and API token
(https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-page/), people by `GET /wiki/rest/api/user?accountId=`
(https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-users/). Data Center: `GET /rest/api/content/{id}?expand=`
with a personal access token (https://docs.atlassian.com/ConfluenceServer/rest/latest/).
"""

import asyncio
import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from bot.audit.collectors.runbooks.json_api import JsonApi
from bot.audit.collectors.runbooks.page_text import read_html
from bot.audit.collectors.runbooks.source import RunbookPage, RunbookReader, SourceAccess, SourceTools, UnreadableError

KIND = "confluence"
GENERIC = False
_CLOUD = ".atlassian.net"
_ID = re.compile(r"/pages/(\d+)(?:/|$)")
_TITLE = re.compile(r"/display/(?P<space>[^/]+)/(?P<title>[^/]+)$")
_EXPANDED = "body.view,version,history"


def recognise(address: str) -> bool:
    """A page of Confluence Cloud; pages of a Data Center are told by the `url` of their source alone."""
    parts = urlsplit(address)
    return (parts.hostname or "").endswith(_CLOUD) and parts.path.startswith("/wiki/")


def open_source(access: SourceAccess, tools: SourceTools) -> RunbookReader:
    """Confluence. With a user name it is signed in to by name and token (Cloud), without one by a bearer token (Data Center)."""
    return _Confluence(access, tools)


@dataclass(frozen=True, slots=True)
class _Page:
    """Which page: by its id, or by its space and title."""

    id: str = ""
    space: str = ""
    title: str = ""


class _Confluence:
    def __init__(self, access: SourceAccess, tools: SourceTools) -> None:
        self._access, self._people = access, dict[str, str]()
        self._api = JsonApi(tools, "Confluence", _credentials(access))

    async def read(self, address: str, service: str) -> RunbookPage:  # noqa: ARG002 - a page is of one service
        if not self._access.token:
            raise UnreadableError(
                "Confluence needs credentials: add a source of kind confluence under runbooks.sources"
            )
        page, root = _page_at(address), _root(address, self._access)
        if self._access.user and page.id:
            return await self._cloud(root, page.id)
        return await self._data_center(root, page)

    async def close(self) -> None:
        """Nothing is kept."""

    async def _cloud(self, root: str, id: str) -> RunbookPage:
        found = await self._api.get(f"{root}/api/v2/pages/{id}", **{"body-format": "view"})
        version = _part(found, "version")
        changed_by = await self._person(root, str(version.get("authorId") or ""))
        owner = await self._person(root, str(found.get("ownerId") or ""))
        return await _read(found, _moment(version.get("createdAt")), changed_by, owner)

    async def _data_center(self, root: str, page: _Page) -> RunbookPage:
        if page.id:
            found = await self._api.get(f"{root}/rest/api/content/{page.id}", expand=_EXPANDED)
        else:
            listing = await self._api.get(
                f"{root}/rest/api/content", spaceKey=page.space, title=page.title, expand=_EXPANDED
            )
            results = listing.get("results")
            if not isinstance(results, list) or not results or not isinstance(results[0], dict):
                raise UnreadableError(f"{self._api.missing} (no page of this title in the space)")
            found = results[0]
        version = _part(found, "version")
        creator = _part(_part(found, "history"), "createdBy")
        return await _read(found, _moment(version.get("when")), _name(_part(version, "by")), _name(creator))

    async def _person(self, root: str, account: str) -> str:
        """A person's name for people; empty where it is not shown."""
        if account and account not in self._people:
            try:
                self._people[account] = _name(await self._api.get(f"{root}/rest/api/user", accountId=account))
            except UnreadableError:
                return ""
        return self._people.get(account, "")


def _credentials(access: SourceAccess) -> Mapping[str, str]:
    if access.user:
        pair = base64.b64encode(f"{access.user}:{access.token}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {"Authorization": f"Bearer {access.token}"}


def _root(address: str, access: SourceAccess) -> str:
    """The address that the API's paths begin at: the source's, else `/wiki` on the page's host."""
    if access.url:
        return access.url.rstrip("/")
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/wiki"


def _page_at(address: str) -> _Page:
    parts = urlsplit(address)
    if found := _ID.search(parts.path):
        return _Page(id=found[1])
    asked = parse_qs(parts.query).get("pageId", [""])[0]
    if asked.isdigit():
        return _Page(id=asked)
    if named := _TITLE.search(parts.path):
        return _Page(space=unquote_plus(named["space"]), title=unquote_plus(named["title"]))
    raise UnreadableError("the address names no page of Confluence; copy it from the browser: .../pages/ID/TITLE")


async def _read(found: Mapping[str, Any], changed: datetime | None, changed_by: str, owner: str) -> RunbookPage:
    body = _part(_part(found, "body"), "view").get("value")
    if not isinstance(body, str):
        raise UnreadableError("Confluence sent the page without its text")
    read = await asyncio.to_thread(read_html, body)
    title = found.get("title")
    text = f"# {title}\n{read.text}" if isinstance(title, str) and title else read.text
    unread = {} if changed else {"changed_at": "Confluence sent no date of the last version"}
    return RunbookPage(text, changed, changed_by, owner, read.links, unread)


def _part(of: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = of.get(key)
    return found if isinstance(found, dict) else {}


def _name(person: Mapping[str, Any]) -> str:
    name = person.get("displayName") or person.get("publicName") or person.get("username") or ""
    return name if isinstance(name, str) else ""


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
