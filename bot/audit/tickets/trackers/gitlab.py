"""GitLab issues: `GET`, `POST` and `PUT /projects/:id/issues`, notes.

https://docs.gitlab.com/api/issues/. GitLab has no reason for closing: a closed issue with the label `wontfix` will not be done.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

from bot.audit.tickets.api import TicketApi, TrackerError
from bot.audit.tickets.issue import LABEL, WantedTicket
from bot.audit.tickets.markdown_body import markdown_body
from bot.audit.tickets.tracker import FoundTicket, Tracker, TrackerAccess, key_in

KIND = "gitlab"
_PAGE, _PAGES = 100, 100
_DISMISSING = frozenset({"wontfix", "won't fix", "wont-fix", "won't do", "wont-do", "status::won't do", "declined"})


def headers(access: TrackerAccess) -> Mapping[str, str]:
    """A project access token."""
    return {"PRIVATE-TOKEN": access.token}


def open_tracker(access: TrackerAccess, api: TicketApi) -> Tracker:
    """The issues of one project."""
    return _GitLab(access, api)


class _GitLab:
    def __init__(self, access: TrackerAccess, api: TicketApi) -> None:
        self._access, self._api = access, api
        self._issues = f"{access.url.rstrip('/')}/api/v4/projects/{quote(access.project, safe='')}/issues"

    async def tickets(self) -> AsyncIterator[FoundTicket]:
        """Issues with our label."""
        page = "1"
        for _ in range(_PAGES):
            answer = await self._api.get(self._issues, labels=LABEL, state="all", per_page=_PAGE, page=page)
            for row in answer.body if isinstance(answer.body, list) else ():
                if isinstance(row, dict) and (key := key_in(row.get("description"))):
                    yield _found(row, key)
            page = answer.headers.get("x-next-page", "").strip()
            if not page:
                return

    async def create(self, ticket: WantedTicket) -> FoundTicket:
        """Create an issue; the assignee is GitLab's number of a person."""
        body: dict[str, Any] = {
            "title": ticket.title,
            "description": markdown_body(ticket),
            "labels": ",".join((LABEL, *self._access.labels)),
            "due_date": ticket.due.isoformat(),
        }
        body |= {"assignee_ids": [int(ticket.assignee)]} if ticket.assignee.isdecimal() else {}
        return _found((await self._api.change("POST", self._issues, body)).body, ticket.key)

    async def update(self, found: FoundTicket, ticket: WantedTicket) -> None:
        """Replace title and description."""
        await self._put(found, {"title": ticket.title, "description": markdown_body(ticket)})

    async def close(self, found: FoundTicket, why: str) -> None:
        """Comment, then close."""
        await self._comment(found, why)
        await self._put(found, {"state_event": "close"})

    async def reopen(self, found: FoundTicket, why: str) -> None:
        """Comment, then open again."""
        await self._comment(found, why)
        await self._put(found, {"state_event": "reopen"})

    async def _put(self, found: FoundTicket, body: Mapping[str, Any]) -> None:
        await self._api.change("PUT", f"{self._issues}/{found.id}", body)

    async def _comment(self, found: FoundTicket, why: str) -> None:
        await self._api.change("POST", f"{self._issues}/{found.id}/notes", {"body": why})


def _found(row: Any, key: str) -> FoundTicket:
    number = row.get("iid") if isinstance(row, dict) else None
    if not isinstance(number, int):
        raise TrackerError("GitLab answers without the number of the issue", ambiguous=True)
    labels = {str(label).lower() for label in row.get("labels") or ()}
    closed = row.get("state") == "closed"
    url = str(row.get("web_url") or "")
    return FoundTicket(key, str(number), f"#{number}", url, not closed, closed and bool(labels & _DISMISSING))
