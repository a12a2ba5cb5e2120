"""Confluence (Cloud and Data Center), Notion and Google Drive on loopback, in the shapes that their documentation gives.

Confluence Cloud: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-page/#api-pages-id-get; Data Center:
https://docs.atlassian.com/ConfluenceServer/rest/latest/#api/content; Notion: https://developers.notion.com/reference/block.md and
.../get-block-children.md; Drive: https://developers.google.com/workspace/drive/api/reference/rest/v3/files.
"""

from collections.abc import Callable
from typing import Any

from aiohttp import web
from support.harness.loopback import cut

BODY = (
    "<h2>How do we know?</h2><p>The board is red.</p><h2>Fail over</h2><ol><li>Look</li><li>Run <code>shift</code></li></ol>"
    '<h2>Communications</h2><p><a href="https://status.example.com/">Status page</a></p>'
)
TEXT = "# Checkout is down\n## How do we know?\nThe board is red.\n## Fail over\n1. Look\n2. Run shift\n## Communications\nStatus page"


def block(kind: str, text: str, number: int, *, children: bool = False) -> dict[str, Any]:
    """A block of Notion."""
    rich = [{"type": "text", "plain_text": text, "href": None, "annotations": {"bold": False}}]
    return {
        "object": "block",
        "id": f"00000000-0000-4000-8000-{number:012}",
        "type": kind,
        "has_children": children,
        kind: {"rich_text": rich},
    }


class Wikis:
    """All of them at once. `answers`: what to answer first, in order: a status, a status with Retry-After, or `cut`."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str] | str] = []
        self.asked: list[str] = []
        self.signed: list[str] = []
        self.blocks: dict[str, list[dict[str, Any]]] = {}
        self.page_size = 2

    def app(self) -> web.Application:
        """The application to serve."""
        app = web.Application()
        routes: dict[str, Callable[[web.Request], web.StreamResponse]] = {
            "/wiki/api/v2/pages/{id}": self._cloud_page,
            "/wiki/rest/api/user": self._person,
            "/dc/rest/api/content/{id}": self._content,
            "/dc/rest/api/content": self._search,
            "/v1/pages/{id}": self._notion_page,
            "/v1/blocks/{id}/children": self._notion_children,
            "/v1/users/{id}": self._notion_user,
            "/drive/v3/files/{id}": self._drive_file,
            "/drive/v3/files/{id}/export": self._drive_export,
            "/document/d/{id}/export": self._drive_export,
        }
        for path, answer in routes.items():
            app.router.add_get(path, self._handler(answer))
        return app

    def _handler(self, answer: Callable[[web.Request], web.StreamResponse]) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.asked.append(request.path_qs)
            self.signed.append(request.headers.get("Authorization", ""))
            if self.answers:
                first = self.answers.pop(0)
                if isinstance(first, str):
                    cut(request)
                headers = {"Retry-After": first[1]} if first[1] else {}
                return web.json_response({"message": "no"}, status=first[0], headers=headers)
            return answer(request)

        return handle

    def _cloud_page(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(
            {
                "id": request.match_info["id"],
                "status": "current",
                "title": "Checkout is down",
                "ownerId": "owner-1",
                "version": {"createdAt": "2026-11-02T10:00:00.000Z", "number": 7, "authorId": "author-1"},
                "body": {"view": {"representation": "view", "value": BODY}},
            }
        )

    def _person(self, request: web.Request) -> web.StreamResponse:
        names = {"owner-1": "Team Payments", "author-1": "Ada"}
        return web.json_response({"type": "known", "displayName": names[request.query["accountId"]]})

    def _content(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._of_data_center())

    def _search(self, request: web.Request) -> web.StreamResponse:
        found = [self._of_data_center()] if request.query["title"] == "Checkout is down" else []
        return web.json_response({"results": found, "start": 0, "limit": 25, "size": len(found)})

    @staticmethod
    def _of_data_center() -> dict[str, Any]:
        return {
            "id": "42",
            "type": "page",
            "title": "Checkout is down",
            "version": {"by": {"displayName": "Ada"}, "when": "2026-11-02T10:00:00.000+01:00", "number": 7},
            "history": {"createdBy": {"displayName": "Grace"}},
            "body": {"view": {"value": BODY, "representation": "view"}},
        }

    def _notion_page(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(
            {
                "object": "page",
                "id": request.match_info["id"],
                "last_edited_time": "2026-11-02T10:00:00.000Z",
                "last_edited_by": {"object": "user", "id": "person-1"},
                "properties": {"Owner": {"type": "people", "people": [{"object": "user", "name": "Grace"}]}},
            }
        )

    def _notion_children(self, request: web.Request) -> web.StreamResponse:
        rows = self.blocks.get(request.match_info["id"], [])
        start = int(request.query.get("start_cursor", "0"))
        end = start + self.page_size
        more = end < len(rows)
        body = {
            "object": "list",
            "results": rows[start:end],
            "has_more": more,
            "next_cursor": str(end) if more else None,
        }
        return web.json_response(body)

    def _notion_user(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"object": "user", "id": "person-1", "name": "Ada"})

    def _drive_file(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(
            {
                "modifiedTime": "2026-11-02T10:00:00.000Z",
                "lastModifyingUser": {"displayName": "Ada"},
                "owners": [{"displayName": "Grace"}],
            }
        )

    def _drive_export(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=f"<h1>Checkout is down</h1>{BODY}", content_type="text/html")
