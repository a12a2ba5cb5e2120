"""Microsoft Entra, Azure Resource Graph and Azure Resource Manager on loopback.

Shapes: REST references "Resources - Resources" of Resource Graph (paging, quota headers, errors), "Management Locks - List At
Subscription Level", and Microsoft identity platform, "OAuth 2.0 client credentials flow".
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from support.harness.loopback import cut, serving

from bot.audit.collectors.azure.kinds_of import table_of

TENANT = "11111111-1111-1111-1111-111111111111"
TOKEN = "of-the-reader"
_CODES = {400: "BadRequest", 401: "ExpiredAuthenticationToken", 403: "AuthorizationFailed", 429: "RateLimiting"}
_QUERY = re.compile(r"(\w+) \| where type in~ \(([^)]*)\) \| order by id asc")


@dataclass
class FakeAzure:
    """The resources of subscriptions, and how reading them fails.

    `refused`: subscriptions on which nothing is granted; a query of these alone answers 403, and one with others leaves them
    out. `faults`: by table and index of the page, the statuses to answer with, in turn; 0 cuts the line. `arm`: answers of
    Resource Manager by path in lower case, a status for an error. `late`: seconds before each answer of an API.
    `truncates`: a table of which rows are left out without a next page.
    """

    resources: Sequence[Mapping[str, Any]] = ()
    subscriptions: Sequence[str] = ()
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    refused: Sequence[str] = ()
    service_groups: Sequence[str] = ()
    faults: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    arm: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    signs_in: bool = True
    truncates: str = ""
    page: int = 1000
    late: float = 0.0
    asked: Counter[str] = field(default_factory=Counter)
    types: set[str] = field(default_factory=set)
    url: str = ""
    _found: dict[tuple[str, str], list[Mapping[str, Any]]] = field(default_factory=dict)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if request.path.endswith("/oauth2/v2.0/token"):
            if not self.signs_in:
                error = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}
                return web.json_response(error, status=401)
            return web.json_response({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _fail(request, 401)
        await asyncio.sleep(self.late)
        if request.path == "/providers/Microsoft.ResourceGraph/resources":
            return self._graph(request, await request.json())
        self.asked[request.path] += 1
        found = self.arm.get(request.path.lower(), {"value": []} if request.path.endswith("/locks") else 404)
        return _fail(request, found) if isinstance(found, int) else web.json_response(found)

    def _graph(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        query, options = body["query"], body["options"]
        table = query.split()[0]
        self.asked[table] += 1
        assert query.endswith("| order by id asc"), query
        named = [name for group in body.get("managementGroups", ()) for name in self.groups[group]]
        asked = [*named, *body.get("subscriptions", ())]
        allowed = [name for name in asked if name not in self.refused]
        if not allowed and (asked or self.refused):
            return _fail(request, 403)
        start = int(options.get("$skipToken", "0"))
        waiting = self.faults.get((table, start // self.page), [])
        if waiting:
            return _fail(request, waiting.pop(0))
        size = min(self.page, options["$top"])
        key = (query, " ".join(allowed))
        rows = self._found.setdefault(key, self._found.get(key) or self._rows(query, allowed))
        more = {"$skipToken": str(start + size)} if start + size < len(rows) else {}
        found = rows[start : start + size]
        whole = {
            "totalRecords": len(rows),
            "count": len(found),
            "data": found,
            "facets": [],
            "resultTruncated": str(table == self.truncates).lower(),
        }
        return web.json_response({**whole, **more}, headers=dict(self.headers))

    def _rows(self, query: str, allowed: Sequence[str]) -> list[Mapping[str, Any]]:
        if "servicegroups" in query:
            return [{"id": f"/providers/Microsoft.Management/serviceGroups/{name}"} for name in self.service_groups]
        if query.startswith("resourcecontainers "):
            visible = [name for name in allowed if name in self.subscriptions]
            return [{"id": f"/subscriptions/{name}", "subscriptionId": name, "type": "x"} for name in visible]
        matched = _QUERY.fullmatch(query)
        assert matched, query
        table, types = matched[1], {name.strip(" '") for name in matched[2].split(",")}
        self.types |= types
        found = [
            row
            for row in self.resources
            if row["type"].lower() in types
            and table_of(row["type"]) == table
            and str(row["id"]).split("/")[2:3] in [[name] for name in allowed]
        ]
        return sorted(found, key=lambda row: str(row["id"]).lower())


def _fail(request: web.Request, status: int) -> web.StreamResponse:
    if status == 0:
        cut(request)
    code = "ResourceNotFound" if status == 404 else _CODES.get(status, "InternalServerError")
    headers = {"retry-after": "0"} if status == 429 else {}
    return web.json_response({"error": {"code": code, "message": "no"}}, status=status, headers=headers)


def azure_resource(
    arm_type: str, name: str, /, *, subscription: str = "s1", group: str = "Shop", **fields: Any
) -> dict[str, Any]:
    """A resource as Resource Graph gives it; `name` may have parts: `server/database`."""
    provider, *types = arm_type.split("/")
    names = name.split("/")
    path = "/".join(step for pair in zip(types, names, strict=True) for step in pair)
    arm = f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{provider}/{path}"
    base: dict[str, Any] = {
        "id": arm,
        "name": names[-1],
        "type": arm_type.lower(),
        "location": "westeurope",
        "tags": None,
        "properties": {},
    }
    return base | fields


@asynccontextmanager
async def azure_cloud(fake: FakeAzure) -> AsyncIterator[str]:
    """Serve for the block; yields the address of all three."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.answer)
    async with serving(app) as fake.url:
        yield fake.url
