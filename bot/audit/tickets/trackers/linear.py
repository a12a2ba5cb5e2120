"""Linear issues, over its GraphQL API: `issueCreate`, `issueUpdate`, `commentCreate`, and pages by cursor.

https://linear.app/developers/graphql, https://linear.app/developers/pagination; rate limits come as 400 with the code `RATELIMITED`
(https://linear.app/developers/rate-limiting). An issue may be given its id when it is created: a second try then cannot make another.
"""

import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any

from bot.audit.tickets.api import TicketApi, TrackerError
from bot.audit.tickets.issue import LABEL, WantedTicket
from bot.audit.tickets.markdown_body import markdown_body
from bot.audit.tickets.tracker import FoundTicket, Tracker, TrackerAccess, key_in

KIND = "linear"
_PAGES = 200
_FIELDS = "id identifier url description state { type }"
_LIST = (
    "query($team: String!, $label: String!, $after: String) { issues(first: 100, after: $after, includeArchived: true, filter: "
    "{ team: { key: { eq: $team } }, labels: { name: { eq: $label } } }) "
    f"{{ nodes {{ {_FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }}"
)
_TEAM = (
    "query($team: String!) { teams(filter: { key: { eq: $team } }) { nodes { id states { nodes { id type position } } "
    "labels { nodes { id name } } } } }"
)
_CREATE = f"mutation($input: IssueCreateInput!) {{ issueCreate(input: $input) {{ success issue {{ {_FIELDS} }} }} }}"
_UPDATE = "mutation($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }"
_COMMENT = "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { success } }"
_LABEL = "mutation($input: IssueLabelCreateInput!) { issueLabelCreate(input: $input) { success issueLabel { id } } }"


def headers(access: TrackerAccess) -> Mapping[str, str]:
    """A personal API key, which has no word before it; an OAuth token has one."""
    return {"Authorization": access.token}


def open_tracker(access: TrackerAccess, api: TicketApi) -> Tracker:
    """The issues of one team."""
    return _Linear(access, api)


class _Linear:
    def __init__(self, access: TrackerAccess, api: TicketApi) -> None:
        self._access, self._api, self._url = access, api, f"{access.url.rstrip('/')}/graphql"
        self._team: Mapping[str, Any] = {}
        self._label = ""

    async def tickets(self) -> AsyncIterator[FoundTicket]:
        """Issues of the team with our label."""
        after: str | None = None
        for _ in range(_PAGES):
            variables = {"team": self._access.project, "label": LABEL, "after": after}
            page = _part(await self._ask(_LIST, variables), "issues")
            for node in page.get("nodes") or ():
                if isinstance(node, dict) and (key := key_in(node.get("description"))):
                    yield _found(node, key)
            info = _part(page, "pageInfo")
            after = info.get("endCursor")
            if not info.get("hasNextPage") or not after:
                return

    async def create(self, ticket: WantedTicket) -> FoundTicket:
        """Create an issue under an id that follows from its key; the assignee is Linear's id of a person."""
        team = await self._team_of_ours()
        body: dict[str, Any] = {
            "id": str(uuid.UUID(hex=f"{ticket.key}{ticket.key[:8]}", version=4)),
            "teamId": team.get("id"),
            "title": ticket.title,
            "description": markdown_body(ticket),
            "dueDate": ticket.due.isoformat(),
            "labelIds": [self._label],
        }
        body |= {"assigneeId": ticket.assignee} if ticket.assignee else {}
        made = _part(_part(await self._mutate(_CREATE, {"input": body}), "issueCreate"), "issue")
        return _found(made, ticket.key)

    async def update(self, found: FoundTicket, ticket: WantedTicket) -> None:
        """Replace title and description."""
        body = {"title": ticket.title, "description": markdown_body(ticket)}
        await self._mutate(_UPDATE, {"id": found.id, "input": body})

    async def close(self, found: FoundTicket, why: str) -> None:
        """Comment, then move to the first completed state."""
        await self._move(found, why, "completed")

    async def reopen(self, found: FoundTicket, why: str) -> None:
        """Comment, then move to the first unstarted state."""
        await self._move(found, why, "unstarted")

    async def _move(self, found: FoundTicket, why: str, kind: str) -> None:
        team = await self._team_of_ours()
        states = [state for state in _part(team, "states").get("nodes") or () if state.get("type") == kind]
        if not states:
            raise TrackerError(f"Linear's team {self._access.project} has no state of the type {kind}")
        first = min(states, key=_position)
        await self._mutate(_COMMENT, {"input": {"issueId": found.id, "body": why}})
        await self._mutate(_UPDATE, {"id": found.id, "input": {"stateId": first.get("id")}})

    async def _team_of_ours(self) -> Mapping[str, Any]:
        """The team with its states, and our label, which is created where there is none."""
        if not self._team:
            nodes = _part(await self._ask(_TEAM, {"team": self._access.project}), "teams").get("nodes") or ()
            if not nodes:
                raise TrackerError(f"Linear has no team {self._access.project}, or does not show it", fatal=True)
            team = nodes[0]
            labels = [label for label in _part(team, "labels").get("nodes") or () if label.get("name") == LABEL]
            if labels:
                self._label = str(labels[0].get("id"))
            else:
                made = await self._mutate(_LABEL, {"input": {"name": LABEL, "teamId": team.get("id")}})
                self._label = str(_part(_part(made, "issueLabelCreate"), "issueLabel").get("id"))
            self._team = team
        return self._team

    async def _ask(self, query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        return _data((await self._api.query(self._url, {"query": query, "variables": variables})).body)

    async def _mutate(self, query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        return _data((await self._api.change("POST", self._url, {"query": query, "variables": variables})).body)


def _data(body: object) -> Mapping[str, Any]:
    """The data of an answer.

    Raises:
        TrackerError: GraphQL's own errors, which come with status 200.
    """
    found = body if isinstance(body, dict) else {}
    if found.get("errors"):
        first = found["errors"][0] if isinstance(found["errors"], list) else {}
        code = str(_part(first, "extensions").get("code") or "error")[:60]
        raise TrackerError(
            f"Linear refuses the request ({code})", fatal=code in ("RATELIMITED", "AUTHENTICATION_ERROR")
        )
    return _part(found, "data")


def _part(of: object, key: str) -> Mapping[str, Any]:
    found = of.get(key) if isinstance(of, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _position(state: Mapping[str, Any]) -> float:
    place = state.get("position")
    return float(place) if isinstance(place, int | float) else 0.0


def _found(node: Mapping[str, Any], key: str) -> FoundTicket:
    identity, number = node.get("id"), node.get("identifier")
    if not isinstance(identity, str) or not isinstance(number, str):
        raise TrackerError("Linear answers without the id of the issue", ambiguous=True)
    kind = str(_part(node, "state").get("type") or "")
    is_open = kind not in ("completed", "canceled")
    return FoundTicket(key, identity, number, str(node.get("url") or ""), is_open, kind == "canceled")
