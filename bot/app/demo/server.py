"""A loopback AWS that answers from a script: what a region holds, said once per operation."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.app.demo.operations import understand
from bot.app.demo.shapes import answer, error

Reply = Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]
Script = Mapping[tuple[str, str, str], Reply]
"""(region, service, operation) -> the answer, or a function of the request's parameters. Region "" is any region."""

_MAX_BODY = 1 << 20


class Denied(Exception):  # noqa: N818 - it is an answer, not a fault
    """What the script raises to refuse: its text is told to the caller as AWS would tell it."""


@asynccontextmanager
async def example_aws(script: Script) -> AsyncIterator[str]:
    """Serve the script on a free port of 127.0.0.1; gives the endpoint's URL. What is not in it answers empty."""

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        asked = understand(request.method, request.raw_path, request.headers, body)
        reply = script.get((asked.region, asked.service, asked.operation))
        if reply is None:
            reply = script.get(("", asked.service, asked.operation), {})
        try:
            data = reply(asked.params) if callable(reply) else reply
            status, headers, told = answer(asked.model, data)
        except Denied as refusal:
            status, headers, told = error(asked.model, "AccessDenied", str(refusal), 403)
        return web.Response(status=status, headers=headers, body=told)

    app = web.Application(client_max_size=_MAX_BODY)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
