"""NerdGraph on loopback: conditions, policies, workflows, channels, destinations, muting rules and incidents, with pages and faults.

Shapes: https://docs.newrelic.com/docs/apis/nerdgraph/examples/ (nerdgraph-api-nrql-condition-alerts, -alerts-policies,
-workflows, -notifications-channels, -notifications-destinations); errors come with status 200 in `errors`
(https://docs.newrelic.com/docs/apis/nerdgraph/get-started/nerdgraph-explorer/).
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from support.harness.loopback import cut

USER_KEY = "NRAK-made-up"
ACCOUNT = 1234567


def condition(number: str, query: str, policy: str = "1", **changed: Any) -> dict[str, Any]:
    """A NRQL condition with a critical threshold."""
    found = {
        "id": number,
        "name": f"condition {number}",
        "enabled": True,
        "policyId": policy,
        "nrql": {"query": query},
        "terms": [{"priority": "CRITICAL"}],
    }
    return found | changed


def workflow(number: str, channels: Sequence[str], policies: Sequence[str] = ("1",), **changed: Any) -> dict[str, Any]:
    """A workflow that sends issues of policies to channels."""
    predicate = {"attribute": "labels.policyIds", "operator": "EXACTLY_MATCHES", "values": list(policies)}
    found = {
        "id": number,
        "name": f"workflow {number}",
        "workflowEnabled": True,
        "destinationsEnabled": True,
        "mutingRulesHandling": "DONT_NOTIFY_FULLY_MUTED_ISSUES",
        "issuesFilter": {"predicates": [predicate] if policies else []},
        "destinationConfigurations": [
            {"channelId": channel, "notificationTriggers": ["ACTIVATED", "CLOSED"]} for channel in channels
        ],
    }
    return found | changed


def channel(number: str, destination: str, kind: str, **changed: Any) -> dict[str, Any]:
    """A channel to a destination."""
    return {"id": number, "name": number, "type": kind, "active": True, "destinationId": destination} | changed


def destination(number: str, kind: str, name: str, **changed: Any) -> dict[str, Any]:
    """A destination."""
    return {"id": number, "name": name, "type": kind, "active": True, "status": "DEFAULT"} | changed


def muting_rule(number: str, policy: str, **changed: Any) -> dict[str, Any]:
    """A rule that mutes a policy by its name."""
    comparison = {"attribute": "policyName", "operator": "EQUALS", "values": [policy]}
    found = {
        "id": number,
        "name": f"rule {number}",
        "enabled": True,
        "status": "ACTIVE",
        "condition": {"operator": "AND", "conditions": [comparison]},
        "schedule": None,
    }
    return found | changed


@dataclass
class NewRelic:
    """An account. `page`: items on a page. `faults`: what to do instead of an answer, in turn and by a word of the query.

    A fault is a status, 0 to cut the line, -1 never to answer, or a text: an error of GraphQL. `results`: of the query of a
    condition, by its beginning; a text is its error. `nrql`: the queries that were run.
    """

    conditions: Sequence[dict[str, Any]] = ()
    policies: Sequence[dict[str, Any]] = ({"id": "1", "name": "Checkout"},)
    workflows: Sequence[dict[str, Any]] = ()
    channels: Sequence[dict[str, Any]] = ()
    destinations: Sequence[dict[str, Any]] = ()
    muting: Sequence[dict[str, Any]] = ()
    incidents: Sequence[dict[str, Any]] = ()
    results: Mapping[str, Any] = field(default_factory=dict)
    page: int = 100
    faults: list[tuple[str, int | str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    nrql: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        """The API."""
        app = web.Application()
        app.router.add_post("/graphql", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        query = asked["query"]
        self.asked.append(query)
        fault = next((fault for fault in self.faults if fault[0] in query), None)
        if fault is not None:
            self.faults.remove(fault)
            return await _failed(request, fault[1])
        if request.headers.get("API-Key") != USER_KEY:
            return await _failed(request, 401)
        variables = asked["variables"]
        self.nrql += [nrql for name, nrql in variables.items() if re.fullmatch(r"q\d", name)]
        if variables["account"] != ACCOUNT:
            return web.json_response({"data": {"actor": {"account": None}}})
        found = self._found(query, variables)
        failed = [name for name, answer in found.items() if isinstance(answer, str)]
        errors = [{"message": found.pop(name), "path": ["actor", "account", name]} for name in failed]
        body: dict[str, Any] = {"data": {"actor": {"account": found}}}
        return web.json_response(body | ({"errors": errors} if errors else {}))

    def _results(self, nrql: str) -> Any:
        """The results of a condition's query; a text is an error."""
        found = next((results for begin, results in self.results.items() if nrql.startswith(begin)), [{"count": 5}])
        return found if isinstance(found, str) else {"results": found}

    def _found(self, query: str, variables: dict[str, Any]) -> Any:
        if "nrql(" in query:
            asked = {f"r{name[1:]}": self._results(nrql) for name, nrql in variables.items() if name.startswith("q")}
            return asked or {"nrql": {"results": list(self.incidents)}}
        if "mutingRules {" in query:
            return {"alerts": {"mutingRules": list(self.muting)}}
        if "nrqlConditionsSearch" in query:
            return {"alerts": {"nrqlConditionsSearch": self._page("nrqlConditions", self.conditions, variables)}}
        if "policiesSearch" in query:
            return {"alerts": {"policiesSearch": self._page("policies", self.policies, variables)}}
        if "workflows(" in query:
            return {"aiWorkflows": {"workflows": self._page("entities", self.workflows, variables)}}
        kind = "channels" if re.search(r"\bchannels\(", query) else "destinations"
        items = self.channels if kind == "channels" else self.destinations
        return {"aiNotifications": {kind: self._page("entities", items, variables)}}

    def _page(self, member: str, items: Sequence[dict[str, Any]], variables: dict[str, Any]) -> dict[str, Any]:
        start = int(variables.get("cursor") or 0)
        after = start + self.page
        following = str(after) if after < len(items) else None
        return {member: list(items[start:after]), "nextCursor": following, "totalCount": len(items)}


async def _failed(request: web.Request, fault: int | str) -> web.StreamResponse:
    if fault == 0:
        cut(request)
    if fault == -1:
        await asyncio.Event().wait()
    if isinstance(fault, str):
        extensions = {"code": "BAD_USER_INPUT", "errorClass": "INVALID_INPUT"}
        error = {"message": fault, "extensions": extensions, "path": ["actor", "account"]}
        return web.json_response({"data": {"actor": {"account": None}}, "errors": [error]})
    # A load balancer before it says when to come again; without that a test would wait.
    return web.json_response({"errors": [{"message": "no"}]}, status=fault, headers={"Retry-After": "0"})
