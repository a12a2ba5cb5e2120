"""Jira Cloud, GitHub, GitLab and Linear on loopback, in the shapes that their documentation gives; each pages and can fail.

Jira: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/ (`/search/jql`: nextPageToken, isLast) and
.../api-group-issues/; GitHub: https://docs.github.com/en/rest/issues/issues; GitLab: https://docs.gitlab.com/api/issues/; Linear:
https://linear.app/developers/graphql.
"""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from support.harness.loopback import cut

PAGE = 2


@dataclass
class Issue:
    """An issue, whichever tracker has it."""

    number: int
    title: str
    body: Any
    labels: list[str]
    due: str = ""
    assignee: str = ""
    open: bool = True
    dismissed: bool = False
    comments: list[str] = field(default_factory=list)
    id: str = ""


@dataclass
class FakeTracker:
    """One project. `answers`: what to answer first, in order: a status, or `cut`, `late`, or `made` (created, then cut)."""

    issues: list[Issue] = field(default_factory=list)
    answers: list[int | str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    signed: set[str] = field(default_factory=set)
    retry_after: str = "1"
    hidden: bool = False
    labelled: bool = True

    def app(self) -> web.Application:
        """The application to serve."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        self.signed.add(request.headers.get("Authorization", "") or request.headers.get("PRIVATE-TOKEN", ""))
        body = await request.json() if request.can_read_body else {}
        first = self.answers.pop(0) if self.answers else 0
        if first == "late":
            await asyncio.Event().wait()
        if first == "cut":
            cut(request)
        if isinstance(first, int) and first:
            return web.json_response(
                {"message": "no"}, status=first, headers={"Retry-After": self.retry_after} if first == 429 else {}
            )
        answer = self._answer(request, body)
        if first == "made":
            cut(request)
        return answer

    def _answer(self, request: web.Request, body: Any) -> web.StreamResponse:
        path = request.path
        if path == "/graphql":
            return self._linear(body)
        if path.startswith("/rest/api/3"):
            return self._jira(request.method, path.removeprefix("/rest/api/3"), body)
        if path.startswith("/repos/acme/ops/issues"):
            return self._github(request, path.removeprefix("/repos/acme/ops/issues"), body)
        if request.raw_path.startswith("/api/v4/projects/acme%2Fops/issues"):
            return self._gitlab(request, path.rpartition("/issues")[2], body)
        return web.json_response({}, status=404)

    def _new(self, title: str, body: Any, labels: list[str], **more: Any) -> Issue:
        made = Issue(len(self.issues) + 1, title, body, labels, **more)
        self.issues.append(made)
        return made

    def _listed(self) -> list[Issue]:
        return [] if self.hidden else [issue for issue in self.issues if "backstay" in issue.labels]

    def _by(self, path: str) -> Issue:
        found = re.search(r"(\d+)", path)
        assert found
        return self.issues[int(found[1]) - 1]

    # --- GitHub

    def _github(self, request: web.Request, path: str, body: Any) -> web.StreamResponse:
        if request.method == "GET":
            page = int(request.query["page"])
            rows = self._listed()[(page - 1) * PAGE : page * PAGE]
            more = len(self._listed()) > page * PAGE
            link = {"Link": f'<http://x/issues?page={page + 1}>; rel="next"'} if more else {}
            return web.json_response([_github(issue) for issue in rows], headers=link)
        if path.endswith("/comments"):
            self._by(path).comments.append(body["body"])
            return web.json_response({}, status=201)
        if request.method == "PATCH":
            issue = self._by(path)
            issue.title, issue.body = body.get("title", issue.title), body.get("body", issue.body)
            issue.open = body.get("state", "open" if issue.open else "closed") == "open"
            return web.json_response(_github(issue))
        made = self._new(body["title"], body["body"], body["labels"], assignee=",".join(body.get("assignees", ())))
        return web.json_response(_github(made), status=201)

    # --- GitLab

    def _gitlab(self, request: web.Request, path: str, body: Any) -> web.StreamResponse:
        if request.method == "GET":
            page = int(request.query["page"])
            more = len(self._listed()) > page * PAGE
            rows = self._listed()[(page - 1) * PAGE : page * PAGE]
            return web.json_response(
                [_gitlab(issue) for issue in rows], headers={"X-Next-Page": str(page + 1) if more else ""}
            )
        if path.endswith("/notes"):
            self._by(path).comments.append(body["body"])
            return web.json_response({}, status=201)
        if request.method == "PUT":
            issue = self._by(path)
            issue.title, issue.body = body.get("title", issue.title), body.get("description", issue.body)
            issue.open = {"close": False, "reopen": True}.get(body.get("state_event", ""), issue.open)
            return web.json_response(_gitlab(issue))
        who = ",".join(map(str, body.get("assignee_ids", ())))
        labels = body["labels"].split(",")
        made = self._new(body["title"], body["description"], labels, due=body["due_date"], assignee=who)
        return web.json_response(_gitlab(made), status=201)

    # --- Jira

    def _jira(self, method: str, path: str, body: Any) -> web.StreamResponse:
        if path == "/search/jql":
            start = int(body.get("nextPageToken", "0"))
            rows, more = self._listed()[start : start + PAGE], len(self._listed()) > start + PAGE
            page = {"issues": [_jira(issue) for issue in rows], "isLast": not more}
            return web.json_response(page | ({"nextPageToken": str(start + PAGE)} if more else {}))
        if path == "/issue":
            fields = body["fields"]
            who = fields.get("assignee", {}).get("accountId", "")
            made = self._new(
                fields["summary"], fields["description"], fields["labels"], due=fields["duedate"], assignee=who
            )
            return web.json_response({"id": str(10_000 + made.number), "key": f"OPS-{made.number}"}, status=201)
        issue = self._by(path)
        if path.endswith("/comment"):
            issue.comments.append(body["body"]["content"][0]["content"][0]["text"])
            return web.json_response({}, status=201)
        if path.endswith("/transitions") and method == "GET":
            return web.json_response({"transitions": _MOVES})
        if path.endswith("/transitions"):
            issue.open = body["transition"]["id"] == "11"
            issue.dismissed = body["transition"]["id"] == "41"
            return web.Response(status=204)
        issue.title, issue.body = body["fields"]["summary"], body["fields"]["description"]
        return web.Response(status=204)

    # --- Linear

    def _linear(self, body: Any) -> web.StreamResponse:
        query, given = body["query"], body["variables"]
        return self._linear_read(query, given) if query.startswith("query") else self._linear_change(query, given)

    def _linear_read(self, query: str, given: Any) -> web.StreamResponse:
        if "issues(" in query:
            start = int(given["after"] or "0")
            rows, more = self._listed()[start : start + PAGE], len(self._listed()) > start + PAGE
            page = {
                "nodes": [_linear(issue) for issue in rows],
                "pageInfo": {"hasNextPage": more, "endCursor": str(start + PAGE)},
            }
            return _data(issues=page)
        labels = [{"id": "label-1", "name": "backstay"}] if self.labelled else []
        states = [{"id": kind, "type": kind, "position": 1} for kind in ("unstarted", "completed", "canceled")]
        return _data(teams={"nodes": [{"id": "team-1", "states": {"nodes": states}, "labels": {"nodes": labels}}]})

    def _linear_change(self, query: str, given: Any) -> web.StreamResponse:
        if "issueLabelCreate" in query:
            self.labelled = True
            return _data(issueLabelCreate={"success": True, "issueLabel": {"id": "label-1"}})
        if "commentCreate" in query:
            self._linear_by(given["input"]["issueId"]).comments.append(given["input"]["body"])
            return _data(commentCreate={"success": True})
        if "issueUpdate" in query:
            issue, wanted = self._linear_by(given["id"]), given["input"]
            issue.title, issue.body = wanted.get("title", issue.title), wanted.get("description", issue.body)
            issue.open = {"unstarted": True, "completed": False}.get(wanted.get("stateId", ""), issue.open)
            return _data(issueUpdate={"success": True})
        wanted = given["input"]
        if any(issue.id == wanted["id"] for issue in self.issues):
            return web.json_response({"errors": [{"message": "taken", "extensions": {"code": "INPUT_ERROR"}}]})
        more_fields = {"due": wanted["dueDate"], "assignee": wanted.get("assigneeId", ""), "id": wanted["id"]}
        made = self._new(wanted["title"], wanted["description"], ["backstay"], **more_fields)
        return _data(issueCreate={"success": True, "issue": _linear(made)})

    def _linear_by(self, id: str) -> Issue:
        return next(issue for issue in self.issues if issue.id == id)


_MOVES = [
    {"id": "11", "name": "Back", "to": {"name": "In Progress", "statusCategory": {"key": "indeterminate"}}},
    {"id": "41", "name": "Decline", "to": {"name": "Won't Do", "statusCategory": {"key": "done"}}},
    {"id": "31", "name": "Finish", "to": {"name": "Done", "statusCategory": {"key": "done"}}},
]


def _github(issue: Issue) -> dict[str, Any]:
    return {
        "number": issue.number,
        "html_url": f"https://github.com/acme/ops/issues/{issue.number}",
        "state": "open" if issue.open else "closed",
        "state_reason": None if issue.open else "not_planned" if issue.dismissed else "completed",
        "body": issue.body,
        "labels": [{"name": label} for label in issue.labels],
    }


def _gitlab(issue: Issue) -> dict[str, Any]:
    return {
        "iid": issue.number,
        "web_url": f"https://gitlab.example/acme/ops/-/issues/{issue.number}",
        "state": "opened" if issue.open else "closed",
        "description": issue.body,
        "labels": [*issue.labels, *(["wontfix"] if issue.dismissed else [])],
    }


def _jira(issue: Issue) -> dict[str, Any]:
    category = "new" if issue.open else "done"
    resolution = None if issue.open else {"name": "Won't Do" if issue.dismissed else "Done"}
    fields = {
        "labels": issue.labels,
        "status": {"name": category, "statusCategory": {"key": category}},
        "resolution": resolution,
    }
    return {"id": str(10_000 + issue.number), "key": f"OPS-{issue.number}", "fields": fields}


def _linear(issue: Issue) -> dict[str, Any]:
    kind = "unstarted" if issue.open else "canceled" if issue.dismissed else "completed"
    return {
        "id": issue.id,
        "identifier": f"OPS-{issue.number}",
        "url": f"https://linear.app/acme/issue/OPS-{issue.number}",
        "description": issue.body,
        "state": {"type": kind},
    }


def _data(**data: Any) -> web.StreamResponse:
    return web.json_response({"data": data})
