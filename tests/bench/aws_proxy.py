"""A loopback proxy before moto: so many ms a call, answers remembered, calls counted, throttled on request.

python tests/bench/aws_proxy.py UPSTREAM_URL: prints its own URL, then serves until it is ended.
GET /__reset?latency_ms=50&rate=0 starts a count anew; rate: calls/s per region and service, 0 for no limit.
GET /__stats tells the count: calls, twice (sent again though answered), throttled, most (calls of the busiest pair).
"""

import asyncio
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_DROPPED = {"connection", "transfer-encoding", "content-encoding", "content-length", "server", "date"}
_XML = {
    "ec2",
    "rds",
    "elasticloadbalancing",
    "autoscaling",
    "elasticache",
    "sns",
    "sts",
    "cloudformation",
    "redshift",
    "route53",
    "cloudfront",
}


@dataclass
class Count:
    """What was seen since the last reset."""

    latency: float = 0.0
    rate: float = 0.0
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    granted: Counter[tuple[str, str]] = field(default_factory=Counter)
    answered: set[tuple[str, ...]] = field(default_factory=set)
    twice: Counter[str] = field(default_factory=Counter)
    throttled: int = 0
    buckets: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)


class Proxy:
    """Forwards to `upstream`; an answer is fetched once and remembered for as long as the proxy lives."""

    def __init__(self, upstream: str) -> None:
        self.upstream, self.count = upstream, Count()
        self.answers: dict[tuple[str, ...], tuple[int, dict[str, str], bytes]] = {}
        self.session: aiohttp.ClientSession | None = None

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        found = _CREDENTIAL.search(request.headers.get("Authorization", ""))
        region, service = (found.group(2), found.group(3)) if found else ("", "sts")
        target = request.headers.get("X-Amz-Target", "")
        key = (region, service, request.method, request.raw_path, target, body.decode("latin-1"))
        count, pair = self.count, (service, region)
        count.calls[pair] += 1
        if key in count.answered:
            count.twice[f"{service} {region} {target or request.raw_path} {body[:90].decode('latin-1')}"] += 1
        await asyncio.sleep(count.latency)
        if count.rate and not self._granted(pair):
            count.throttled += 1
            return _refusal(service)
        count.granted[pair] += 1
        status, headers, answer = await self._answer(key, request, body)
        if status < 500:
            count.answered.add(key)
        return web.Response(status=status, headers=headers, body=answer)

    def _granted(self, pair: tuple[str, str]) -> bool:
        now, rate = time.monotonic(), self.count.rate
        tokens, at = self.count.buckets.get(pair, (rate, now))
        tokens = min(rate, tokens + (now - at) * rate)
        self.count.buckets[pair] = (tokens - 1 if tokens >= 1 else tokens, now)
        return tokens >= 1

    async def _answer(
        self, key: tuple[str, ...], request: web.Request, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if key not in self.answers:
            if self.session is None:
                self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=300))
            skipped = {"accept-encoding", "connection", "expect", "host"}
            headers = {name: value for name, value in request.headers.items() if name.lower() not in skipped}
            headers["Host"] = request.headers["Host"]
            async with self.session.request(
                request.method, self.upstream + request.raw_path, data=body, headers=headers, allow_redirects=False
            ) as reply:
                kept = {name: value for name, value in reply.headers.items() if name.lower() not in _DROPPED}
                self.answers[key] = (reply.status, kept, await reply.read())
        return self.answers[key]

    async def reset(self, request: web.Request) -> web.Response:
        self.count = Count(float(request.query.get("latency_ms", 0)) / 1000, float(request.query.get("rate", 0)))
        return web.json_response({})

    async def stats(self, _: web.Request) -> web.Response:
        count = self.count
        busiest = count.granted.most_common(1)
        by_service: Counter[str] = Counter()
        for (service, _region), calls in count.calls.items():
            by_service[service] += calls
        return web.json_response(
            {
                "calls": count.calls.total(),
                "twice": dict(count.twice),
                "throttled": count.throttled,
                "most": busiest[0][1] if busiest else 0,
                "busiest": list(busiest[0][0]) if busiest else [],
                "by_service": dict(by_service.most_common()),
            }
        )


def _refusal(service: str) -> web.Response:
    if service == "s3":
        text = "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
        return web.Response(status=503, text=text, content_type="text/xml")
    error = "<Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
    if service == "ec2":
        text = f"<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>"
        return web.Response(status=503, text=text, content_type="text/xml")
    if service in _XML:
        text = f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"
        return web.Response(status=400, text=text, content_type="text/xml")
    headers = {"x-amzn-ErrorType": "ThrottlingException"}
    return web.json_response({"__type": "ThrottlingException", "message": "Rate exceeded"}, status=400, headers=headers)


async def main() -> None:
    """Serve until ended."""
    proxy = Proxy(sys.argv[1])
    app = web.Application(client_max_size=64 << 20)
    app.router.add_get("/__stats", proxy.stats)
    app.router.add_get("/__reset", proxy.reset)
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site.name if ":0" not in site.name else f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)  # noqa: T201
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
