"""A status page on loopback that answers as a test wants, counts what it is asked, and knows conditional requests."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from support.harness.loopback import cut


def summary(
    *incidents: dict[str, Any],
    indicator: str = "none",
    url: str = "https://status.example.com",
    maintenance: Sequence[dict[str, Any]] = (),
) -> bytes:
    """A page in Statuspage's shape."""
    page = {"id": "abcdefabcdef", "name": "Example", "url": url}
    made = {"page": page, "status": {"indicator": indicator}, "components": [], "incidents": list(incidents)}
    made["scheduled_maintenances"] = list(maintenance)
    return json.dumps(made).encode()


def trouble(id: str = "inc1", status: str = "investigating", **more: Any) -> dict[str, Any]:
    """An incident in Statuspage's shape."""
    made = {"id": id, "name": "Errors", "status": status, "impact": "major", "created_at": "2026-11-23T09:00:00Z"}
    return made | {"incident_updates": []} | more


def aws_events(regions: Mapping[str, str]) -> bytes:
    """AWS's public events: region -> the product that has trouble there, since 09:01 of 23 November 2026."""
    rows = [
        {
            "arn": f"arn:aws:health:{region}::event/{product.upper()}/ISSUE/{product}_{region}",
            "date": "1795424460",
            "region_name": region,
            "service": product,
            "service_name": f"Amazon {product}",
            "summary": "Increased error rates",
            "status": "3",
            "event_log": [
                {"summary": "Increased error rates", "message": "We see errors.", "status": 3, "timestamp": 1795424460}
            ],
            "impacted_services": {product: {"service_name": f"Amazon {product}", "current": "3", "max": "3"}},
        }
        for region, product in regions.items()
    ]
    return json.dumps(rows).encode("utf-16")


@dataclass
class StatusPage:
    """What it answers with, and what it was asked."""

    body: bytes = field(default_factory=summary)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    cuts: bool = False
    late: float = 0.0
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def app(self) -> web.Application:
        """The server."""
        app = web.Application()
        app.router.add_get("/{tail:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append({key.lower(): value for key, value in request.headers.items()})
        self.paths.append(request.path)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.late)
        finally:
            self.at_once -= 1
        if self.cuts:
            cut(request)
        if self.etag and request.headers.get("If-None-Match") == self.etag:
            return web.Response(status=304)
        marks = {"ETag": self.etag} if self.etag else {}
        return web.Response(body=self.body, status=self.status, headers={**self.headers, **marks})
