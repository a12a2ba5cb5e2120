"""Gremlin and Steadybit on loopback: pages, keys, and the faults of a real server.

Shapes: Gremlin's OpenAPI description (api-evangelist/gremlin@2b75773: `PagedResponseUserDefinedServiceResponse`,
`PagedResponseCompletedReliabilityTestRunResponse`); Steadybit's clients (steadybit/mcp@26e2368, steadybit/cli@c34e988).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from support.harness.loopback import cut, serving

GREMLIN_KEY, STEADYBIT_TOKEN = "gremlin-key-of-the-team", "steadybit-token-of-the-team"


@dataclass
class RehearsalProducts:
    """What both products have on record. `faults`: statuses to answer with, in turn; 0 cuts the line, -1 never answers.

    `page`: items on a page of Gremlin, whatever is asked for.
    """

    services: Sequence[dict[str, Any]] = ()
    tests: Sequence[dict[str, Any]] = ()
    executions: Sequence[dict[str, Any]] = ()
    faults: list[int] = field(default_factory=list)
    page: int = 2
    raw: str = ""
    asked: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        """Both APIs, and journals under `/journal.json`."""
        app = web.Application()
        app.router.add_get("/v1/services", self._gremlin)
        app.router.add_get("/v1/reliability-tests/completed/paged", self._gremlin)
        app.router.add_post("/api/experiments/executions", self._steadybit)
        app.router.add_get("/journal.json", self._journal)
        return app

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve for the block; yields the address."""
        async with serving(self.app()) as url:
            yield url

    async def _fault(self, request: web.Request) -> web.Response | None:
        self.asked.append(request.path_qs)
        fault = self.faults.pop(0) if self.faults else None
        if fault == 0:
            cut(request)
        if fault == -1:
            await asyncio.Event().wait()
        if fault is not None:
            return web.Response(status=fault, text="<html>no</html>", headers={"Retry-After": "0"})
        return web.Response(text=self.raw, content_type="application/json") if self.raw else None

    async def _gremlin(self, request: web.Request) -> web.Response:
        if failed := await self._fault(request):
            return failed
        if request.headers.get("Authorization") != f"Key {GREMLIN_KEY}":
            return web.Response(status=401)
        items = self.services if request.path.endswith("/services") else self.tests
        start = int(request.query.get("pageToken") or 0)
        found = items[start : start + self.page]
        body: dict[str, Any] = {"items": list(found), "pageSize": self.page, "pageNumber": start // self.page}
        if len(found) == self.page:
            body["pageToken"] = str(start + self.page)
        return web.json_response(body)

    async def _steadybit(self, request: web.Request) -> web.Response:
        if failed := await self._fault(request):
            return failed
        if request.headers.get("Authorization") != f"accessToken {STEADYBIT_TOKEN}":
            return web.Response(status=401)
        wanted = await request.json()
        matching = [run for run in self.executions if run["state"] in wanted["states"]]
        start = wanted["page"] * wanted["size"]
        return web.json_response({"executions": matching[start : start + wanted["size"]]})

    async def _journal(self, request: web.Request) -> web.Response:
        failed = await self._fault(request)
        return failed or web.json_response({})


def gremlin_test(number: int, status: str, ended: str, *, service: str = "s-1") -> dict[str, Any]:
    """A completed reliability test."""
    return {
        "serviceId": service,
        "reliabilityTestId": "t-zone",
        "reliabilityTestName": "Zone Redundancy",
        "runNumber": number,
        "triggerSource": "SCHEDULED",
        "status": status,
        "passCriteria": "ALL_PASS",
        "endTime": ended,
        "createdAt": ended,
    }


def steadybit_run(number: int, state: str, ended: str, *, name: str = "checkout") -> dict[str, Any]:
    """An execution of an experiment."""
    return {"id": number, "key": "SHOP-7", "name": name, "state": state, "created": ended, "ended": ended}
