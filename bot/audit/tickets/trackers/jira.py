"""Jira Cloud issues, over REST API v3: `POST /issue`, `PUT /issue/{key}`, transitions, comments, `POST /search/jql`.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/; search: https://developer.atlassian.com/changelog/#CHANGE-2046. Text is in
the Atlassian Document Format: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/. Jira's search lags behind by
seconds, so a ticket that may be there is looked for again later before it is created.
"""

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import quote

from bot.audit.tickets.api import TicketApi, TrackerError
from bot.audit.tickets.issue import LABEL, BodyLine, WantedTicket
from bot.audit.tickets.tracker import FoundTicket, Tracker, TrackerAccess

KIND = "jira"
_PAGE, _PAGES = 100, 200
_KEY_LABEL = f"{LABEL}-"
"""A second label carries the key: labels can be searched exactly, text cannot."""
_DISMISSING = ("won't", "wont", "declin", "reject", "duplicate", "cannot reproduce", "not a bug", "obsolete")


def headers(access: TrackerAccess) -> Mapping[str, str]:
    """An account's e-mail address and API token."""
    pair = base64.b64encode(f"{access.user}:{access.token}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def open_tracker(access: TrackerAccess, api: TicketApi) -> Tracker:
    """The issues of one project."""
    return _Jira(access, api)


class _Jira:
    def __init__(self, access: TrackerAccess, api: TicketApi) -> None:
        self._access, self._api, self._root = access, api, access.url.rstrip("/")

    async def tickets(self) -> AsyncIterator[FoundTicket]:
        """Issues of the project with our label."""
        project = self._access.project.replace('"', "")
        body: dict[str, Any] = {
            "jql": f'project = "{project}" AND labels = "{LABEL}" ORDER BY created ASC',
            "fields": ["labels", "status", "resolution"],
            "maxResults": _PAGE,
        }
        for _ in range(_PAGES):
            answer = (await self._api.query(f"{self._root}/rest/api/3/search/jql", body)).body
            found = answer if isinstance(answer, dict) else {}
            for issue in found.get("issues") or ():
                if isinstance(issue, dict) and (ticket := self._found(issue)):
                    yield ticket
            following = found.get("nextPageToken")
            if found.get("isLast", True) or not isinstance(following, str):
                return
            body["nextPageToken"] = following

    async def create(self, ticket: WantedTicket) -> FoundTicket:
        """Create an issue with its due date; the assignee is an account id of Atlassian."""
        fields: dict[str, Any] = {
            "project": {"key": self._access.project},
            "issuetype": {"name": self._access.issue_type},
            "summary": ticket.title,
            "description": _document(ticket.body),
            "labels": [LABEL, f"{_KEY_LABEL}{ticket.key}", *self._access.labels],
            "duedate": ticket.due.isoformat(),
        }
        fields |= {"assignee": {"accountId": ticket.assignee}} if ticket.assignee else {}
        made = (await self._api.change("POST", f"{self._root}/rest/api/3/issue", {"fields": fields})).body
        name = made.get("key") if isinstance(made, dict) else None
        if not isinstance(name, str):
            raise TrackerError("Jira answers without the key of the issue", ambiguous=True)
        return FoundTicket(ticket.key, name, name, f"{self._root}/browse/{name}", open=True)

    async def update(self, found: FoundTicket, ticket: WantedTicket) -> None:
        """Replace summary and description."""
        fields = {"summary": ticket.title, "description": _document(ticket.body)}
        await self._api.change("PUT", self._issue(found), {"fields": fields})

    async def close(self, found: FoundTicket, why: str) -> None:
        """Comment, then take the first transition that leads to a status of the category done."""
        await self._comment(found, why)
        await self._move(found, done=True)

    async def reopen(self, found: FoundTicket, why: str) -> None:
        """Comment, then take the first transition that leads out of the category done."""
        await self._comment(found, why)
        await self._move(found, done=False)

    async def _comment(self, found: FoundTicket, why: str) -> None:
        await self._api.change("POST", f"{self._issue(found)}/comment", {"body": _document([BodyLine("text", why)])})

    async def _move(self, found: FoundTicket, *, done: bool) -> None:
        answer = (await self._api.get(f"{self._issue(found)}/transitions")).body
        moves = answer.get("transitions") if isinstance(answer, dict) else None
        for move in moves if isinstance(moves, list) else ():
            status = move.get("to") or {}
            if ((status.get("statusCategory") or {}).get("key") == "done") is done and not (
                done and _dismisses(str(status.get("name") or ""))
            ):
                await self._api.change(
                    "POST", f"{self._issue(found)}/transitions", {"transition": {"id": move.get("id")}}
                )
                return
        raise TrackerError(
            f"Jira's workflow has no way to {'close' if done else 'reopen'} {found.number} for this account"
        )

    def _issue(self, found: FoundTicket) -> str:
        return f"{self._root}/rest/api/3/issue/{quote(found.id, safe='')}"

    def _found(self, issue: Mapping[str, Any]) -> FoundTicket | None:
        fields = issue.get("fields") or {}
        keys = [label.removeprefix(_KEY_LABEL) for label in fields.get("labels") or () if label.startswith(_KEY_LABEL)]
        name = str(issue.get("key") or "")
        if not keys or not name:
            return None
        status = fields.get("status") or {}
        closed = (status.get("statusCategory") or {}).get("key") == "done"
        resolution = str((fields.get("resolution") or {}).get("name") or "")
        dismissed = closed and (_dismisses(resolution) or _dismisses(str(status.get("name") or "")))
        return FoundTicket(keys[0], name, name, f"{self._root}/browse/{name}", not closed, dismissed)


def _dismisses(words: str) -> bool:
    return any(word in words.lower() for word in _DISMISSING)


def _document(lines: Sequence[BodyLine]) -> dict[str, Any]:
    """Lines in the Atlassian Document Format, where text is never markup."""
    content: list[dict[str, Any]] = []
    for kind, group in groupby(lines, key=_kind):
        if kind == "item":
            items = [{"type": "listItem", "content": [_paragraph(line.text)]} for line in group]
            content.append({"type": "bulletList", "content": items})
        else:
            content += [_block(line) for line in group]
    return {"type": "doc", "version": 1, "content": content}


def _kind(line: BodyLine) -> str:
    return line.kind


def _block(line: BodyLine) -> dict[str, Any]:
    if line.kind == "heading":
        return {"type": "heading", "attrs": {"level": 3}, "content": [{"type": "text", "text": line.text}]}
    if line.kind == "link":
        marks = [{"type": "link", "attrs": {"href": line.text}}]
        return {"type": "paragraph", "content": [{"type": "text", "text": line.text, "marks": marks}]}
    return _paragraph(line.text)


def _paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text[:5_000] or " "}]}
