"""GitHub issues: `GET`, `POST` and `PATCH /repos/{owner}/{repo}/issues`, comments.

https://docs.github.com/en/rest/issues/issues, version 2022-11-28. An issue has no due date: it is in the body.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from bot.audit.tickets.api import TicketApi, TrackerError
from bot.audit.tickets.issue import LABEL, WantedTicket
from bot.audit.tickets.markdown_body import markdown_body
from bot.audit.tickets.tracker import FoundTicket, Tracker, TrackerAccess, key_in

KIND = "github"
_PAGE, _PAGES = 100, 100


def headers(access: TrackerAccess) -> Mapping[str, str]:
    """A fine-grained token."""
    return {"Authorization": f"Bearer {access.token}", "X-GitHub-Api-Version": "2022-11-28"}


def open_tracker(access: TrackerAccess, api: TicketApi) -> Tracker:
    """The issues of one repository."""
    return _GitHub(access, api)


class _GitHub:
    def __init__(self, access: TrackerAccess, api: TicketApi) -> None:
        self._access, self._api = access, api
        self._issues = f"{access.url.rstrip('/')}/repos/{access.project}/issues"

    async def tickets(self) -> AsyncIterator[FoundTicket]:
        """Issues with our label; a pull request that has it is none."""
        for page in range(1, _PAGES + 1):
            answer = await self._api.get(self._issues, labels=LABEL, state="all", per_page=_PAGE, page=page)
            rows = answer.body if isinstance(answer.body, list) else []
            for row in rows:
                if isinstance(row, dict) and "pull_request" not in row and (key := key_in(row.get("body"))):
                    yield _found(row, key)
            if 'rel="next"' not in answer.headers.get("link", ""):
                return

    async def create(self, ticket: WantedTicket) -> FoundTicket:
        """Create an issue; an assignee whom GitHub does not know is refused by it, not dropped."""
        body: dict[str, Any] = {
            "title": ticket.title,
            "body": f"{markdown_body(ticket)}\n\nDue: {ticket.due.isoformat()}",
            "labels": [LABEL, *self._access.labels],
        }
        body |= {"assignees": [ticket.assignee]} if ticket.assignee else {}
        return _found((await self._api.change("POST", self._issues, body)).body, ticket.key)

    async def update(self, found: FoundTicket, ticket: WantedTicket) -> None:
        """Replace title and body."""
        body = f"{markdown_body(ticket)}\n\nDue: {ticket.due.isoformat()}"
        await self._api.change("PATCH", f"{self._issues}/{found.id}", {"title": ticket.title, "body": body})

    async def close(self, found: FoundTicket, why: str) -> None:
        """Comment, then close as completed."""
        await self._comment(found, why)
        await self._api.change("PATCH", f"{self._issues}/{found.id}", {"state": "closed", "state_reason": "completed"})

    async def reopen(self, found: FoundTicket, why: str) -> None:
        """Comment, then open again."""
        await self._comment(found, why)
        await self._api.change("PATCH", f"{self._issues}/{found.id}", {"state": "open", "state_reason": "reopened"})

    async def _comment(self, found: FoundTicket, why: str) -> None:
        await self._api.change("POST", f"{self._issues}/{found.id}/comments", {"body": why})


def _found(row: Any, key: str) -> FoundTicket:
    number = row.get("number") if isinstance(row, dict) else None
    if not isinstance(number, int):
        raise TrackerError("GitHub answers without the number of the issue", ambiguous=True)
    url, closed = str(row.get("html_url") or ""), row.get("state") == "closed"
    return FoundTicket(
        key, str(number), f"#{number}", url, not closed, closed and row.get("state_reason") == "not_planned"
    )
