"""Notion, over its API: a page's blocks, with those that they hold.

`GET /v1/pages/{id}`, `GET /v1/blocks/{id}/children?page_size=100&start_cursor=` and `GET /v1/users/{found}`:
https://developers.notion.com/reference/get-block-children.md, https://developers.notion.com/reference/block.md
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.audit.collectors.runbooks.json_api import JsonApi
from bot.audit.collectors.runbooks.page_text import MAX_CHARACTERS
from bot.audit.collectors.runbooks.source import RunbookPage, RunbookReader, SourceAccess, SourceTools, UnreadableError

KIND = "notion"
GENERIC = False
VERSION = "2022-06-28"
MAX_CALLS, MAX_DEPTH = 40, 4
"""Calls for one page, and how deep blocks within blocks are followed."""
_API = "https://api.notion.com"
_HOSTS = ("notion.so", "notion.site")
_ID = re.compile(r"([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})$")
_BEGINNINGS = {
    "heading_1": "# ",
    "heading_2": "## ",
    "heading_3": "### ",
    "bulleted_list_item": "- ",
    "to_do": "- [ ] ",
    "toggle": "- ",
}


def recognise(address: str) -> bool:
    """A page on Notion's own domains."""
    host = urlsplit(address).hostname or ""
    return any(host == domain or host.endswith(f".{domain}") for domain in _HOSTS)


def open_source(access: SourceAccess, tools: SourceTools) -> RunbookReader:
    """Notion, with the token of an integration that the page is shared with."""
    return _Notion(access, tools)


class _Notion:
    def __init__(self, access: SourceAccess, tools: SourceTools) -> None:
        self._access, self._root = access, (access.api or _API).rstrip("/")
        headers = {"Authorization": f"Bearer {access.token}", "Notion-Version": VERSION}
        self._api = JsonApi(tools, "Notion", headers, "the page does not exist, or is not shared with the integration")

    async def read(self, address: str, service: str) -> RunbookPage:  # noqa: ARG002 - a page is of one service
        if not self._access.token:
            raise UnreadableError("Notion needs a token: add a source of kind notion under runbooks.sources")
        found = _ID.search(urlsplit(address).path.rstrip("/").lower())
        if found is None:
            raise UnreadableError("the address names no page of Notion; it must end with the page's 32-digit id")
        page = await self._api.get(f"{self._root}/v1/pages/{found[1]}")
        blocks = _Blocks(self._api, self._root)
        lines = [line async for line in blocks.lines(found[1])]
        changed = _moment(page.get("last_edited_time"))
        unread = {} if changed else {"changed_at": "Notion sent no time of the last change"}
        if blocks.cut:
            unread["text"] = "the page has more blocks than are read"
        links = [link for link in blocks.links if link]
        editor = await self._person(page.get("last_edited_by"))
        return RunbookPage("\n".join(lines)[:MAX_CHARACTERS], changed, editor, _owner(page), links, unread)

    async def close(self) -> None:
        """Nothing is kept."""

    async def _person(self, user: object) -> str:
        """A person's name; empty where the integration may not see people."""
        found = user.get("id") if isinstance(user, dict) else None
        if not isinstance(found, str):
            return ""
        try:
            name = (await self._api.get(f"{self._root}/v1/users/{found}")).get("name")
        except UnreadableError:
            return ""
        return name if isinstance(name, str) else ""


class _Blocks:
    """The blocks of one page as lines. `cut`: there are more than are read."""

    def __init__(self, api: JsonApi, root: str) -> None:
        self._api, self._root, self._calls = api, root, 0
        self.links: list[str] = []
        self.cut = False

    async def lines(self, of: str, depth: int = 0) -> AsyncIterator[str]:
        """The lines of a block's children and of theirs, in order; numbered items are counted."""
        number = 0
        async for block in self._children(of):
            kind = str(block.get("type"))
            number = number + 1 if kind == "numbered_list_item" else 0
            yield self._line(kind, block.get(kind), number)
            if block.get("has_children") and kind not in ("child_page", "child_database"):
                if depth < MAX_DEPTH:
                    async for line in self.lines(str(block.get("id")), depth + 1):
                        yield line
                else:
                    self.cut = True

    async def _children(self, of: str) -> AsyncIterator[Mapping[str, Any]]:
        cursor: dict[str, str | int] = {}
        while True:
            if self._calls >= MAX_CALLS:
                self.cut = True
                return
            self._calls += 1
            found = await self._api.get(f"{self._root}/v1/blocks/{of}/children", page_size=100, **cursor)
            for block in _rows(found.get("results")):
                yield block
            following = found.get("next_cursor")
            if not found.get("has_more") or not isinstance(following, str):
                return
            cursor = {"start_cursor": following}

    def _line(self, kind: str, content: object, number: int) -> str:
        body = content if isinstance(content, dict) else {}
        texts = list(_texts(body))
        self.links += [str(text.get("href") or "") for text in texts]
        said = "".join(str(text.get("plain_text") or "") for text in texts)
        if kind == "numbered_list_item":
            return f"{number}. {said}"
        return f"{_BEGINNINGS.get(kind, '')}{said}"


def _texts(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from _rows(body.get("rich_text"))
    cells = body.get("cells")  # of a table's row
    for cell in cells if isinstance(cells, list) else ():
        yield from _rows(cell)
        yield {"plain_text": " "}


def _rows(found: object) -> Sequence[Mapping[str, Any]]:
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _owner(page: Mapping[str, Any]) -> str:
    """The people of a property that is called `Owner`; empty where there is none."""
    properties = page.get("properties")
    for name, value in properties.items() if isinstance(properties, dict) else ():
        if str(name).strip().lower() in ("owner", "owners", "owned by") and isinstance(value, dict):
            people = [str(person.get("name") or "") for person in _rows(value.get("people"))]
            said = [str(text.get("plain_text") or "") for text in _rows(value.get("rich_text"))]
            return ", ".join(filter(None, [*people, *said]))
    return ""


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
