"""An AWS on loopback with three regions and ten queues in each, some of whose operations fail or never answer."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.app.demo.operations import parse_request
from bot.app.demo.shapes import error_response, success_response

REGIONS = ("eu-west-1", "us-east-1", "us-west-2")
ACCOUNT = "111122223333"
_CODES = {"denied": ("AccessDenied", 403), "expired": ("ExpiredToken", 403), "absent": ("QueueDoesNotExist", 400)}


@dataclass
class FaultyAws:
    """`faults`: by `service:Operation`: denied, expired, absent, 404 (without a body of AWS) or hang.

    `calls`: how often each operation was called, by (operation, region).
    """

    faults: Mapping[str, str] = field(default_factory=dict)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve on a free port; yields the URL."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            yield f"http://{host}:{port}"
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        parsed = parse_request(request.method, request.raw_path, request.headers, await request.read())
        operation = f"{parsed.service}:{parsed.operation}"
        self.calls[operation, parsed.region] += 1
        fault = self.faults.get(operation, "")
        if fault == "404":
            return web.Response(status=404, text="<html>Not found</html>", content_type="text/html")
        if fault == "hang":
            await asyncio.Event().wait()
        if fault:
            code, status = _CODES[fault]
            status, headers, content = error_response(parsed.model, code, "a fault", status)
        else:
            status, headers, content = success_response(parsed.model, _answers(parsed.region).get(operation, {}))
        return web.Response(status=status, headers=headers, body=content)


def _answers(region: str) -> dict[str, Any]:
    queues = [f"https://sqs.{region}.amazonaws.com/{ACCOUNT}/q-{number}" for number in range(10)]
    return {
        "sts:GetCallerIdentity": {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/a", "UserId": "A"},
        "ec2:DescribeRegions": {
            "Regions": [{"RegionName": name, "OptInStatus": "opt-in-not-required"} for name in REGIONS]
        },
        "sqs:ListQueues": {"QueueUrls": queues},
        "sqs:GetQueueAttributes": {"Attributes": {"VisibilityTimeout": "30"}},
    }
