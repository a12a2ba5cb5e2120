"""The query API of Prometheus on loopback: answers what share is bad by the window that is asked for.

Shapes: https://prometheus.io/docs/prometheus/latest/querying/api/ (instant queries, errors).
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from support.harness.loopback import cut

TOKEN = "prometheus-token-made-up"
_WINDOW = re.compile(r"\[(\d+)s")


@dataclass
class Prometheus:
    """A server. `share`: the bad share by the window in seconds; None is NaN (no event), a text is an error of the query.

    `points`: of 48 of the coverage. `series`: in each answer. `faults`: statuses to answer with, in turn; 0 cuts the line, -1
    never answers.
    """

    share: Callable[[int], float | str | None] = lambda _seconds: 0.0
    points: int = 48
    value: float = 0.2
    series: int = 1
    faults: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        """The API."""
        app = web.Application()
        app.router.add_get("/api/v1/query", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        query = request.query["query"]
        self.asked.append(query)
        if self.faults:
            fault = self.faults.pop(0)
            if fault == 0:
                cut(request)
            if fault == -1:
                await asyncio.Event().wait()
            return web.Response(status=fault, text="no", headers={"Retry-After": "0"})
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401, text="Unauthorized")
        found = self._found(query)
        if isinstance(found, str):
            body = {"status": "error", "errorType": "bad_data", "error": found}
            return web.json_response(body, status=400)
        written = "NaN" if found is None else str(found)
        row: dict[str, Any] = {"metric": {}, "value": [1763899200, written]}
        data = {"resultType": "vector", "result": [row] * self.series}
        return web.json_response({"status": "success", "data": data})

    def _found(self, query: str) -> float | str | None:
        if "count_over_time" in query:
            return self.points
        window = _WINDOW.search(query)
        return self.share(int(window[1])) if window else self.value
