"""A web site that redirects, waits, cuts and trickles on order."""

import asyncio

from aiohttp import web
from support.harness.loopback import cut


class Site:
    """A server that redirects `/to?URL`, sends what `/body` is set to, and keeps every request."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.body, self.headers = b"fine", dict[str, str]()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        match request.path:
            case "/to":
                return web.Response(status=302, headers={"Location": request.query_string})
            case "/late":
                await asyncio.sleep(5)
            case "/cut":
                cut(request)
            case "/trickle":
                answer = web.StreamResponse()
                await answer.prepare(request)
                while True:
                    await answer.write(b".")
                    await asyncio.sleep(0.05)
        return web.Response(body=self.body, headers=self.headers)
